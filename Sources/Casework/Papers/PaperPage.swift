/// One paper as elements: the title, then its parts from top to bottom.
struct PaperPage {
    let paper: PolicyPaper
    let content: PaperContent
    let sections: [Policy.Section]
    let answer: AnswerText

    var body: [HTML] {
        [.element(.main, [:], [header] + paper.body.compactMap(part))]
    }

    private var header: HTML {
        var lines = [HTML.element(.h1, [:], [HTML(paper.title)])]
        let number = paper.kind.isMasked ? content.noticeNumber ?? content.caseNumber : content.caseNumber
        if let number { lines.append(.element(.p, [.classes: "number"], [HTML("编号：\(number)")])) }
        return .element(.header, [:], lines)
    }

    private func part(_ part: PolicyPaper.Part) -> HTML? {
        switch part {
        case .paragraph(let text): .element(.p, [.classes: "paragraph"], inline(text))
        case .salutation(let text): .element(.p, [.classes: "salutation"], inline(text))
        case .note(let text): .element(.p, [.classes: "note"], inline(text))
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
                .element(.span, [.classes: "filled"], [HTML(value)])
            } else {
                .element(.span, [.classes: "blank"], [HTML(blank ?? emptyPlace(key))])
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
        HTML([.element(.span, [.classes: "box"], [HTML(isTicked ? "☑" : "☐")]), HTML("\u{2060}")])
    }

    private func choices(_ key: String) -> HTML {
        HTML(
            answer.choices(of: key).map { choice in
                let isChosen = answer.holds(FormText.Condition(key: key, codes: [choice.code]))
                return .element(.span, [.classes: "choice"], [box(isChosen), HTML(choice.label)])
            })
    }

    private func lines(_ text: String) -> HTML {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { HTML(String($0)) }
        return HTML(Array(lines.map { [$0] }.joined(separator: [HTML.element(.br)])))
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
        let columns = HTML.element(
            .colgroup, [:],
            (hasTitles ? [HTML.element(.col, [.classes: "side"])] : [])
                + [.element(.col, [.span: "\(PolicyPaper.columnCount)"])])
        return .element(
            .table, [.classes: paper.isRoomy ? "form roomy" : "form"],
            [columns] + blocks.map { rows(of: $0, hasTitles: hasTitles) })
    }

    private func rows(of block: PolicyPaper.Block, hasTitles: Bool) -> HTML {
        let rows = block.rows.enumerated().map { index, row in
            let spans = PolicyPaper.spans(of: row) ?? row.map { _ in 1 }
            let cells = zip(row, spans).map { cell($0, span: $1) }
            let side =
                index == 0 && hasTitles
                ? [
                    HTML.element(
                        .th, [.classes: "side", .scope: "rowgroup", .rowspan: "\(block.rows.count)"],
                        [HTML(block.title ?? "")])
                ] : []
            return HTML.element(.tr, [:], side + cells)
        }
        return .element(.tbody, [:], rows)
    }

    private func cell(_ cell: PolicyPaper.Cell, span: Int) -> HTML {
        if cell.isLabel {
            return .element(.th, [.classes: "label", .scope: "row", .colspan: "\(span)"], inline(cell.text))
        }
        // An answer alone needs no line: the cell itself is the place to write.
        if case .value(let key, let blank)? = cell.text.segments.first, cell.text.segments.count == 1 {
            return .element(.td, [.colspan: "\(span)"], [HTML(value(key) ?? blank ?? "")])
        }
        let style = cell.text.segments.contains(where: \.isChoice) ? "boxes" : "text"
        return .element(.td, [.classes: style, .colspan: "\(span)"], inline(cell.text))
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
