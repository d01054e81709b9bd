/// One paper as elements: the title, then its parts from top to bottom.
struct PaperPage {
    let paper: PolicyPaper
    let content: PaperContent
    let sections: [Policy.Section]
    let answer: AnswerText

    var body: HTML { "<main>\(header)\(paper.body.compactMap(part))</main>" }

    private var header: HTML {
        let number = paper.kind.isMasked ? content.noticeNumber ?? content.caseNumber : content.caseNumber
        let line: HTML? = number.map { "<p class=\"number\">编号：\($0)</p>" }
        return "<header><h1>\(paper.title)</h1>\(line)</header>"
    }

    private func part(_ part: PolicyPaper.Part) -> HTML? {
        switch part {
        case .paragraph(let text): "<p class=\"paragraph\">\(inline(text))</p>"
        case .salutation(let text): "<p class=\"salutation\">\(inline(text))</p>"
        case .note(let text): "<p class=\"note\">\(inline(text))</p>"
        case .blocks(let blocks): table(blocks)
        case .form(let form): table(blocks(of: form))
        case .list(let list, let title): self.list(list, title: title)
        }
    }
}

// Text with places to fill.
extension PaperPage {
    private func inline(_ text: FormText) -> [HTML] { text.segments.map(inline) }

    private func inline(_ segment: FormText.Segment) -> HTML {
        switch segment {
        case .text(let text): lines(text)
        case .value(let key, let blank):
            if let value = value(key) {
                "<span class=\"filled\">\(value)</span>"
            } else {
                "<span class=\"blank\">\(blank ?? emptyPlace(key))</span>"
            }
        case .box(let conditions): box(conditions.allSatisfy(answer.holds))
        case .choices(let key): choices(key)
        }
    }

    private func value(_ key: String) -> String? { content.word(key) ?? answer(key) }

    /// Dates are written into their places; everything else has a line.
    private func emptyPlace(_ key: String) -> String {
        answer.dictionary.field(key)?.type == .date ? "　　　年　　月　　日" : "　　　　　　"
    }

    /// A tick that stays with the word behind it: U+2060 keeps a line from ending between them.
    private func box(_ isTicked: Bool) -> HTML {
        "<span class=\"box\">\(isTicked ? "☑" : "☐")</span>\u{2060}"
    }

    private func choices(_ key: String) -> HTML {
        HTML(
            answer.choices(of: key).map { choice in
                let isChosen = answer.holds(FormText.Condition(key: key, codes: [choice.code]))
                return "<span class=\"choice\">\(box(isChosen))\(choice.label)</span>"
            })
    }

    private func lines(_ text: String) -> HTML {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            HTML(text: String($0))
        }
        return HTML(Array(lines.map { [$0] }.joined(separator: ["<br/>"])))
    }
}

extension FormText.Segment {
    fileprivate var isChoice: Bool {
        switch self {
        case .box, .choices: true
        case .text, .value: false
        }
    }
}

// Tables of a form.
extension PaperPage {
    private func table(_ blocks: [PolicyPaper.Block]) -> HTML {
        let hasTitles = blocks.contains { $0.title != nil }
        let rows = blocks.map { self.rows(of: $0, hasTitles: hasTitles) }
        return """
            <table class="\(paper.isRoomy ? "form roomy" : "form")"><colgroup>\(if: hasTitles, "<col class=\"side\"/>")\
            <col span="\(PolicyPaper.columnCount)"/></colgroup>\(rows)</table>
            """
    }

    private func rows(of block: PolicyPaper.Block, hasTitles: Bool) -> HTML {
        let side: HTML =
            "<th class=\"side\" scope=\"rowgroup\" rowspan=\"\(block.rows.count)\">\(block.title ?? "")</th>"
        let rows = block.rows.enumerated().map { index, row -> HTML in
            let spans = PolicyPaper.spans(of: row) ?? row.map { _ in 1 }
            let cells = zip(row, spans).map { cell($0, span: $1) }
            return "<tr>\(if: index == 0 && hasTitles, side)\(cells)</tr>"
        }
        return "<tbody>\(rows)</tbody>"
    }

    private func cell(_ cell: PolicyPaper.Cell, span: Int) -> HTML {
        if cell.isLabel {
            return "<th class=\"label\" scope=\"row\" colspan=\"\(span)\">\(inline(cell.text))</th>"
        }
        // An answer alone needs no line: the cell itself is the place to write.
        if case .value(let key, let blank)? = cell.text.segments.first, cell.text.segments.count == 1 {
            return "<td colspan=\"\(span)\">\(value(key) ?? blank ?? "")</td>"
        }
        let style = cell.text.segments.contains(where: \.isChoice) ? "boxes" : "text"
        return "<td class=\"\(style)\" colspan=\"\(span)\">\(inline(cell.text))</td>"
    }

    /// A form without a layout of its own, as the policy's sections have it.
    private func blocks(of form: String) -> [PolicyPaper.Block] {
        sections.filter { $0.form == form }.map { section in
            PolicyPaper.Block(title: section.title, rows: section.fields.map(row))
        }
    }

    private func row(_ row: Policy.Row) -> [PolicyPaper.Cell] {
        let places = row.keys.map { key -> FormText.Segment in
            let count = answer.choices(of: key).count
            return 1...Self.boxesMax ~= count ? .choices(key: key) : .value(key: key, blank: nil)
        }
        return [
            PolicyPaper.Cell(
                text: FormText(segments: [.text(row.label)]), isLabel: true, span: PolicyPaper.columnCount / 3
            ),
            PolicyPaper.Cell(text: FormText(segments: places), isLabel: false, span: nil),
        ]
    }

    /// Choices that are all printed; of a longer list only the answer is.
    private static let boxesMax = 12
}
