extension PolicyPaper {
    /// What is wrong with a policy's papers: everything that they name must exist, and every row must be as wide as the
    /// table. Empty if nothing is.
    /// - Parameter forms: the forms of the policy's sections.
    package static func faults(
        in papers: [PolicyPaper], forms: Set<String>, dictionary: FieldDictionary = .standard,
        codes: CodeLists = .standard
    ) -> [PolicyFault] {
        guard papers.count <= countMax else { return [PolicyFault("papers", "more than \(countMax)")] }
        var faults: [PolicyFault] = []
        for (index, paper) in papers.enumerated() {
            let path = "papers[\(index)]"
            let twins = papers.prefix(index).filter { $0.kind == paper.kind && $0.outcome == paper.outcome }
            if !twins.isEmpty { faults.append(PolicyFault("\(path).kind", "\(paper.kind) stands twice")) }
            let checker = PaperChecker(paper: paper, forms: forms, dictionary: dictionary, codes: codes)
            faults += checker.faults.map { $0.under(path) }
        }
        return faults
    }

    /// The fields and words that stand on it, in their order, each time that they do.
    package var keys: [String] { body.flatMap(\.keys) }
}

extension PolicyPaper.Part {
    package var keys: [String] {
        switch self {
        case .paragraph(let text), .salutation(let text), .note(let text): text.keys
        case .blocks(let blocks): blocks.flatMap(\.rows).flatMap { $0 }.flatMap(\.text.keys)
        case .list, .form: []
        }
    }

    fileprivate var cellCount: Int {
        if case .blocks(let blocks) = self { blocks.flatMap(\.rows).reduce(0) { $0 + $1.count } } else { 0 }
    }
}

private struct PaperChecker {
    let paper: PolicyPaper
    let forms: Set<String>
    let dictionary: FieldDictionary
    let codes: CodeLists

    var faults: [PolicyFault] {
        var faults: [PolicyFault] = []
        if paper.title.isEmpty { faults.append(PolicyFault(".title", "is empty")) }
        let cells = paper.body.reduce(0) { $0 + $1.cellCount }
        if paper.body.count > PolicyPaper.cellsMax || cells > PolicyPaper.cellsMax {
            faults.append(PolicyFault(".body", "more than \(PolicyPaper.cellsMax) parts or cells"))
        }
        if paper.body.isEmpty { faults.append(PolicyFault(".body", "is empty")) }
        if let outcome = paper.outcome, codes.code(outcome, in: "decision") == nil {
            faults.append(PolicyFault(".outcome", "\(outcome) is no decision"))
        }
        for (key, choices) in paper.choices.sorted(by: { $0.key < $1.key }) {
            let unknown = choices.map(\.code).filter { !known(key).contains($0) }
            faults += unknown.map { PolicyFault(".choices.\(key)", "\($0) is no code of the field") }
        }
        for (index, part) in paper.body.enumerated() {
            faults += self.faults(of: part).map { $0.under(".body[\(index)]") }
        }
        return faults
    }

    private func faults(of part: PolicyPaper.Part) -> [PolicyFault] {
        switch part {
        case .paragraph(let text), .salutation(let text), .note(let text): faults(of: text)
        case .list: []
        case .form(let form):
            forms.contains(form) ? [] : [PolicyFault(".form", "\(form) is no form of this policy")]
        case .blocks(let blocks):
            blocks.enumerated().flatMap { block in
                block.element.rows.enumerated().flatMap { row in
                    faults(of: row.element).map {
                        $0.under(".blocks[\(block.offset)].rows[\(row.offset)]")
                    }
                }
            }
        }
    }

    private func faults(of row: [PolicyPaper.Cell]) -> [PolicyFault] {
        let texts = row.enumerated().flatMap { cell in
            faults(of: cell.element.text).map { $0.under("[\(cell.offset)]") }
        }
        guard PolicyPaper.spans(of: row) == nil else { return texts }
        return texts + [PolicyFault("", "its cells do not fill \(PolicyPaper.columnCount) columns")]
    }

    private func faults(of text: FormText) -> [PolicyFault] {
        text.segments.flatMap { segment -> [PolicyFault] in
            switch segment {
            case .text: []
            case .value(let key, _):
                dictionary.field(key) != nil || PaperContent.words.contains(key)
                    ? [] : [PolicyFault("", "\(key) is no field")]
            case .choices(let key):
                known(key).isEmpty ? [PolicyFault("", "\(key) is no field with choices")] : []
            case .box(let conditions):
                conditions.flatMap { condition in
                    condition.codes.filter { !known(condition.key).contains($0) }.map {
                        PolicyFault("", "\($0) is no code of \(condition.key)")
                    }
                }
            }
        }
    }

    private func known(_ key: String) -> [String] {
        AnswerText(Answers(), dictionary: dictionary, codes: codes).choices(of: key).map(\.code)
    }
}

extension PolicyPaper {
    /// How many of the columns each cell of a row takes; nil if the row is too wide or leaves some over.
    static func spans(of row: [Cell]) -> [Int]? {
        let free = columnCount - row.compactMap(\.span).reduce(0, +)
        let open = row.count { $0.span == nil }
        guard row.allSatisfy({ $0.span ?? 1 > 0 }), open > 0 ? free >= open : free == 0 else { return nil }
        var left = free
        var openLeft = open
        return row.map { cell in
            if let span = cell.span { return span }
            let share = left / openLeft
            left -= share
            openLeft -= 1
            return share
        }
    }
}
