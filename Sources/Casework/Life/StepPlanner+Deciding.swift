import SyncProtocol

/// Handing in, deciding, and ending.
extension StepPlanner {
    mutating func submit() {
        write("submissionDate", plan.date.description)
        plan.answers.merge(life.applicationDay(plan.date)) { $1 }
        plan.renewed = ["submission"]
    }

    mutating func accept() {
        guard let policy, let judgement = life.judgement else { return }
        decide(
            judgement.decision, judgement.reasons.map { DecisionReason($0).description } + input.reasons)
        write("acceptanceDate", plan.date.description)
        plan.renewed.insert("acceptance")
        // From now on the case is judged by this version, whatever comes later (DESIGN section 7).
        write("policyID", policy.id)
        plan.answers["policyVersion"] = .unsigned(UInt64(policy.version))
    }

    mutating func correct() {
        guard let judgement = life.judgement else { return }
        let gaps = judgement.gaps.map { DecisionReason($0).description }
        decide(.correct, gaps + life.blanks(judgement) + input.reasons)
    }

    /// As the rules say, or stricter than they say: then with a reason of one's own.
    mutating func refuse() {
        guard let policy, let judgement = life.judgement else { return }
        let said = policy.decision(judgement.decision)
        if let said, !said.goesOn, judgement.decision != .correct {
            let found = judgement.reasons.map { DecisionReason($0).description }
            return decide(judgement.decision, found + input.reasons)
        }
        if input.reasons.isEmpty {
            refuse("按本地区规定，本件应为“\(said?.title ?? "受理")”；仍不予受理的，请填写理由。")
        }
        let kinds: [DecisionKind] = [.refuse, .offline, .refuseAndReturn, .blocked]
        let kind = kinds.first { policy.decision($0).map { !$0.goesOn } ?? false }
        guard let kind else { return refuse("本地区没有不予受理的决定。") }
        decide(kind, input.reasons)
    }

    private mutating func decide(_ kind: DecisionKind, _ reasons: [String]) {
        write("decisionKind", kind.rawValue)
        write("decisionDate", plan.date.description)
        write("decisionReasons", reasons)
        plan.renewed.insert("decision")
        plan.notice = paper(of: kind)?.rawValue
    }

    /// The paper that the region gives out with a decision, if it has one.
    private func paper(of kind: DecisionKind) -> PaperKind? {
        let wanted: Set<PaperKind> =
            switch kind {
            case .accept: [.acceptance, .receipt]
            case .correct: [.correction]
            case .refuse, .offline, .blocked, .refuseAndReturn: [.refusal]
            }
        return policy.flatMap { Paper(policy: $0).kinds(for: kind.rawValue).first(where: wanted.contains) }
    }

    mutating func withdraw() {
        write("withdrawalDate", plan.date.description)
        write("withdrawalReason", neededReason())
    }

    /// Answers one department's return, so that the item is its again.
    mutating func resubmit() {
        let returned = life.returned
        if returned.isEmpty { return }
        guard
            let item = input.item.map({ code in returned.first { $0.code == code } })
                ?? (returned.count == 1 ? returned[0] : nil),
            let result = item.result?.id
        else {
            let names = returned.map { "\($0.code) \($0.status.item.name)" }.joined(separator: "、")
            return refuse("请指明再次报送哪一事项：\(names)。")
        }
        if let day = item.answered, plan.date < day { refuse("日期不能早于退回日期（\(day)）。") }
        plan.addition = [
            ReturnAnswer.keys.item: .text(item.code), ReturnAnswer.keys.result: .text(result),
            ReturnAnswer.keys.date: .text(plan.date.description),
            ReturnAnswer.keys.note: joinedReasons.map { .text($0) } ?? .null,
        ]
    }

    mutating func close() {
        write("closingDate", plan.date.description)
        write("closingReason", life.isComplete ? joinedReasons : neededOpenReason())
        plan.renewed = ["closing"]
    }

    private mutating func neededOpenReason() -> String? {
        if input.reasons.isEmpty { refuse("尚有未办结的事项、未送达的证件或未退回的原件，结束办件须填写理由。") }
        return joinedReasons
    }

    mutating func reopen() {
        write("closingDate", nil)
        write("closingReason", neededReason())
        plan.renewed = ["closing"]
    }

    mutating func evaluate() {
        guard let evaluation = input.evaluation, isCode(evaluation, in: "evaluation") else {
            let levels = CodeLists.standard["evaluation"].map { "\($0.code) \($0.label)" }
            return refuse("请选择评价等级：\(levels.joined(separator: "、"))。")
        }
        write("evaluation", evaluation)
        write("evaluationDate", plan.date.description)
    }
}

extension CaseLife {
    /// Whether nothing is left to do, so that the case can be closed without a reason.
    package var isComplete: Bool {
        switch stage {
        case .delivered, .evaluated, .refused, .offline: true
        case .refusedReturning:
            state.text("originalsProgress", in: dictionary) == OriginalsProgress.returnedToApplicant.rawValue
        default: false
        }
    }
}
