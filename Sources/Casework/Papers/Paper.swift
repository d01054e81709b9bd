import SyncProtocol

/// Makes the papers of a region: notices, forms, registers and lists, as pages to print on A4.
package struct Paper: Sendable {
    package let policy: Policy
    /// The papers that the region has.
    package let papers: [PolicyPaper]
    private let dictionary: FieldDictionary
    private let codes: CodeLists

    /// - Parameter papers: in place of the region's own.
    package init(
        policy: Policy, papers: [PolicyPaper]? = nil, dictionary: FieldDictionary = .standard,
        codes: CodeLists = .standard
    ) {
        self.policy = policy
        self.papers = papers ?? policy.papers.list
        self.dictionary = dictionary
        self.codes = codes
    }

    /// The address under which the style sheet is served.
    package static let styleAddress = "/assets/paper.css"

    /// The style sheet, for the one who serves it.
    package static let styleSheet = String(decoding: PackageResources.paper_css, as: UTF8.self)

    /// A whole page in UTF-8, without script and inline style, so that it may be served under `default-src 'self'`.
    /// - Parameter standsAlone: whether the style sheet is inside, for a file.
    package func html(
        _ kind: PaperKind, _ content: PaperContent, standsAlone: Bool = false
    ) throws(PaperError) -> [UInt8] {
        let paper = try paper(kind, outcome: content.outcome)
        try check(content, on: paper)
        let page = PaperPage(
            paper: paper, content: content, sections: policy.sections,
            answer: AnswerText(
                withMandatoryItems(content.answers), choices: choices(of: paper), isMasked: kind.isMasked,
                dictionary: dictionary,
                codes: codes))
        return HTML.page(
            title: paper.title, style: standsAlone ? .embedded(Self.styleSheet) : .linked(Self.styleAddress),
            kind: kind.rawValue, body: page.body)
    }

    /// The kinds that the region has, in the order of the policy.
    package var kinds: [PaperKind] {
        var seen: Set<PaperKind> = []
        return papers.map(\.kind).filter { seen.insert($0).inserted }
    }

    /// The kinds that belong to a decision, and those that belong to any.
    package func kinds(for outcome: String) -> [PaperKind] {
        var seen: Set<PaperKind> = []
        return papers.filter { $0.outcome == nil || $0.outcome == outcome }.map(\.kind).filter {
            seen.insert($0).inserted
        }
    }

    /// With the items of the application: those that are ticked, and those that belong to it always.
    private func withMandatoryItems(_ answers: Answers) -> Answers {
        guard !answers.values.isEmpty else { return answers }
        var answers = answers
        let applied = policy.facts(of: answers).applied
        answers["items"] = .array(policy.items.map(\.code).filter(applied.contains).map { .text($0) })
        return answers
    }

    /// The words of the boxes: the paper's own, else those of the form's rows.
    private func choices(of paper: PolicyPaper) -> [String: [Policy.Choice]] {
        var choices: [String: [Policy.Choice]] = [:]
        for row in policy.sections.flatMap(\.fields) {
            guard let offered = row.choices, let key = row.keys.first else { continue }
            choices[key] = offered
        }
        return choices.merging(paper.choices) { $1 }
    }

    private func paper(_ kind: PaperKind, outcome: String?) throws(PaperError) -> PolicyPaper {
        let candidates = papers.filter { $0.kind == kind }
        guard !candidates.isEmpty else { throw .notInRegion(place: policy.place, kind: kind) }
        guard let paper = candidates.first(where: { $0.outcome == nil || $0.outcome == outcome }) else {
            let decision = outcome.flatMap { codes.code($0, in: "decision")?.label }
            throw .otherDecision(title: candidates[0].title, decision: decision)
        }
        return paper
    }

    /// A refusal without its reasons, or a register without its rows, must not leave the house.
    private func check(_ content: PaperContent, on paper: PolicyPaper) throws(PaperError) {
        guard !content.hasTooMany else { throw .tooMany(countMax: PaperContent.entriesMax) }
        for part in paper.body {
            guard case .list(let list, _) = part else { continue }
            let isMissing =
                switch list {
                case .reasons: content.reasons.isEmpty
                case .gaps: content.gaps.isEmpty
                case .items: content.items.isEmpty
                case .handover: content.handover == nil
                case .facts, .materials, .contacts, .stock, .closing, .signed: false
                }
            if isMissing { throw .missing(title: paper.title, list: list) }
        }
    }
}

/// Why a paper cannot be made, in the clerk's words.
package enum PaperError: Error, Hashable, Sendable, CustomStringConvertible {
    case notInRegion(place: String, kind: PaperKind)
    case otherDecision(title: String, decision: String?)
    case missing(title: String, list: PolicyPaper.List)
    case tooMany(countMax: Int)

    package var description: String {
        switch self {
        case .notInRegion(let place, let kind): "\(place)的办理规定中没有“\(kind.name)”这种文书。"
        case .otherDecision(let title, let decision?): "办理结论为“\(decision)”，不能出具《\(title)》。"
        case .otherDecision(let title, nil): "尚未作出办理结论，不能出具《\(title)》。"
        case .missing(let title, let list): "不能出具《\(title)》：缺少\(list.name)。"
        case .tooMany(let countMax): "文书内容过多，每项最多 \(countMax) 条。"
        }
    }
}

extension PolicyPaper.List {
    var name: String {
        switch self {
        case .facts: "办件信息"
        case .reasons: "不予受理的原因"
        case .gaps: "需补正的内容"
        case .items: "办理事项"
        case .materials: "已收材料"
        case .contacts: "联系方式"
        case .handover: "交接内容"
        case .stock: "库存"
        case .closing, .signed: "落款"
        }
    }
}
