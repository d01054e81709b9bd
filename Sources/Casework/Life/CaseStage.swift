package import SyncProtocol

/// How far a case has come. It is derived from the fold and never stored: the same changes give the same stage everywhere, in whatever
/// order they came (policies.md section 0).
package enum CaseStage: String, Hashable, Sendable, CaseIterable {
    /// Saved, and not handed in.
    case draft
    /// Handed in, once more after a correction; nothing is decided on it yet.
    case submitted
    /// The applicant was told what lacks.
    case correcting
    /// It goes on, on whichever way; its items wait, are handled, or are answered.
    case accepted
    case refused
    /// It goes on elsewhere, without this window.
    case offline
    /// Something has to be done before it can be judged.
    case blocked
    /// Refused, while the originals travel back.
    case refusedReturning
    /// Every item is answered; papers are to be handed out.
    case delivering
    case delivered
    /// Everything is delivered, and the applicant has said how it was.
    case evaluated
    case closed
    case withdrawn
    /// It goes on as another case.
    case merged
    /// Its content was destroyed, on demand; only its name and its place in the log are left.
    case erased
    /// What its course depends on is in conflict: nothing may be decided (DESIGN section 5).
    case disputed

    /// What it is called where the region has no word of its own.
    package var word: String {
        switch self {
        case .draft: "草稿"
        case .submitted: "已提交"
        case .correcting: "待补正"
        case .accepted: "已受理"
        case .refused: "不予受理"
        case .offline: "转线下办理"
        case .blocked: "暂不能办理"
        case .refusedReturning: "不予受理，退回原件"
        case .delivering: "待送达"
        case .delivered: "已送达"
        case .evaluated: "已评价"
        case .closed: "已结束"
        case .withdrawn: "已撤回"
        case .merged: "已并入其他办件"
        case .erased: "已依申请删除"
        case .disputed: "有不一致的记录"
        }
    }
}

extension CaseStage {
    /// The groups on which the course of a case depends; while one of them is in conflict it is ``disputed``.
    static let groups = [
        "policy", "items", "submission", "decision", "acceptance", "withdrawal", "closing", "mergedInto",
    ]

    /// The stage as far as it depends on no result: ``accepted`` stands for all that come after it.
    ///
    /// - Parameter policy: the rules of the case; nil if they are not at hand, or disputed.
    package init(_ state: CaseState, policy: Policy?, dictionary: FieldDictionary) {
        if state.erasedCount > 0 {
            self = .erased
        } else if !Self.disputes(in: state, policy: policy, dictionary).isEmpty {
            self = .disputed
        } else if state.answer("mergedInto", in: dictionary) != nil {
            self = .merged
        } else if state.answer("withdrawalDate", in: dictionary) != nil {
            self = .withdrawn
        } else if state.answer("closingDate", in: dictionary) != nil {
            self = .closed
        } else if let decision = CaseDecision(state, dictionary: dictionary) {
            self.init(decision.kind, policy: policy)
        } else {
            self = state.answer("submissionDate", in: dictionary) == nil ? .draft : .submitted
        }
    }

    private init(_ kind: DecisionKind, policy: Policy?) {
        let goesOn = policy?.decision(kind)?.goesOn ?? (kind == .accept)
        self =
            switch kind {
            case _ where goesOn: .accepted
            case .accept: .accepted
            case .correct: .correcting
            case .refuse: .refused
            case .offline: .offline
            case .blocked: .blocked
            case .refuseAndReturn: .refusedReturning
            }
    }

    /// The groups whose conflict disputes the case, ascending.
    static func disputes(
        in state: CaseState, policy: Policy?, _ dictionary: FieldDictionary
    ) -> [GroupID] {
        let needed = (policy?.needs ?? []).compactMap { dictionary.place(of: $0)?.group.id }
        let groups = Set(groups.compactMap { dictionary.group(named: $0)?.id } + needed)
        return state.conflicts(by: dictionary.mergeRules).filter(groups.contains)
    }
}

/// The decision that stands on a case's present submission.
package struct CaseDecision: Hashable, Sendable {
    package let kind: DecisionKind
    package let date: CalendarDate?
    package let reasons: [DecisionReason]

    /// nil while nothing is decided on what was handed in last, or decisions contradict each other.
    ///
    /// A decision stands on the submission that it judged: its basis names a dot that stands in that group, or nothing was ever handed in
    /// through this program.
    package init?(_ state: CaseState, dictionary: FieldDictionary) {
        guard let group = dictionary.group(named: "decision"),
            let submission = dictionary.group(named: "submission"),
            case .one(let shown, let beside) = state.reading(of: group.id, by: dictionary.mergeRules),
            case .text(let word)? = shown.value.first, let kind = DecisionKind(rawValue: word)
        else { return nil }
        let submitted = Set(state.registers[submission.id]?.dots ?? [])
        let isJudged = ([shown] + beside).contains { standing in
            let judged = Set(standing.basis[submission.id] ?? [])
            return judged.isEmpty ? submitted.isEmpty : !judged.isDisjoint(with: submitted)
        }
        guard isJudged else { return nil }
        self.kind = kind
        date = state.text("decisionDate", in: dictionary).flatMap { CalendarDate($0) }
        reasons = state.entries("decisionReasons", in: dictionary).map(DecisionReason.init)
    }
}

/// One reason of a decision, as the field `decisionReasons` keeps it: the rule's code, if it comes from a rule, and the sentence.
package struct DecisionReason: Hashable, Sendable, CustomStringConvertible {
    /// For example `YF-E10`; nil for a sentence that a clerk has typed.
    package let code: String?
    package let text: String

    package init(_ finding: Evaluation.Finding) { (code, text) = (finding.code, finding.text) }

    /// Reads what ``description`` writes; anything else is a sentence without a code.
    package init(_ text: String) {
        let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
        let isCode =
            parts.count == 2 && parts[0].utf8.count <= 16 && parts[0].contains("-")
            && parts[0].utf8.allSatisfy {
                $0.isDigit || $0.isCapital || 0x61...0x7A ~= $0 || $0 == UInt8(ascii: "-")
            }
        (code, self.text) = isCode ? (parts[0], parts[1]) : (nil, text)
    }

    package var description: String { code.map { "\($0) \(text)" } ?? text }
}

extension CaseState {
    /// The texts of a field that is a list of them, in their order.
    package func entries(_ key: String, in dictionary: FieldDictionary) -> [String] {
        guard case .array(let values)? = answer(key, in: dictionary) else { return [] }
        return values.compactMap { if case .text(let text) = $0 { text } else { nil } }
    }
}
