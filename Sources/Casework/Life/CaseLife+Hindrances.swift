import SyncProtocol

/// What speaks against a step before anything is given for it.
extension CaseLife {
    typealias Reason = StepRefusal.Reason

    /// All sentences against a step, whatever is given for it; none if it may be taken.
    ///
    /// - Parameter roles: what the person who wants to take it is.
    package func hindrances(of step: CaseStep, by roles: Set<CaseRole> = CaseRole.window) -> [StepRefusal
        .Reason]
    {
        var reasons: [Reason] = []
        if step.roles.isDisjoint(with: roles) {
            let names = CaseRole.allCases.filter(step.roles.contains).map(\.word).joined(separator: "、")
            reasons.append(Reason(kind: .role, text: "“\(step.word)”须由\(names)办理。"))
        }
        if !step.stages.contains(stage) {
            reasons.append(Reason(kind: .stage, text: sentence(against: step)))
        }
        // What the rules would say of a step out of place means nothing to anybody.
        return reasons.contains { $0.kind == .stage } ? reasons : reasons + rules(against: step)
    }

    private func sentence(against step: CaseStep) -> String {
        guard stage == .disputed else { return "本件目前为“\(word)”，不能\(step.word)。" }
        let groups = CaseStage.disputes(in: state, policy: policy, dictionary).compactMap { dictionary[$0] }
        return "\(labels(groups))有不一致的记录，须先由中心核对处理，暂不能\(step.word)。"
    }

    private func labels(_ groups: [FieldGroup]) -> String {
        groups.map { "“\($0.members.map(\.label).joined(separator: "、"))”" }.joined(separator: "，")
    }

    private func rules(against step: CaseStep) -> [Reason] {
        let isFree: Set<CaseStep> = [.withdraw, .evaluate, .close, .reopen]
        if let lackOfRules, !isFree.contains(step) { return [Reason(kind: .rule, text: lackOfRules)] }
        let texts: [String] =
            switch step {
            case .submit: []
            case .accept, .correct, .refuse: undecidable ?? decision(against: step)
            case .issue: handling(.birthCert, step)
            case .vaccinate: handling(.vaccCert, step)
            case .handOver: deliverable
            case .post:
                returnsOriginals ? [] : ["本地区不寄递原件。"]
            case .evaluate: answers.text("evaluation") == nil ? [] : ["本件已评价，每件只评价一次。"]
            case .resubmit: returned.isEmpty ? ["没有被退回的事项。"] : []
            case .withdraw, .close, .reopen: []
            }
        return texts.map { Reason(kind: .rule, text: $0) }
    }

    /// Why nothing can be decided at all; nil if it can.
    private var undecidable: [String]? {
        let disputed = conflicts
        return disputed.isEmpty ? nil : ["\(labels(disputed))有不一致的记录，须先由中心核对处理，再作出决定。"]
    }

    /// Why the rules forbid a decision. They never forbid to refuse: only a reason of one's own may then be needed.
    private func decision(against step: CaseStep) -> [String] {
        guard let policy, let judgement else { return [] }
        let decision = policy.decision(judgement.decision)
        let says = "按本地区规定，本件应为“\(decision?.title ?? judgement.decision.rawValue)”"
        switch step {
        case .accept:
            var texts: [String] = []
            if !(decision?.goesOn ?? false) {
                texts.append("\(says)，不能受理。")
                texts += (judgement.reasons + judgement.gaps).map(\.text)
            }
            return texts + blanks(judgement)
        case .correct:
            guard policy.decision(.correct) != nil else { return ["本地区没有补正环节。"] }
            let lacks =
                judgement.decision == .correct || decision?.goesOn ?? false && !judgement.unanswered.isEmpty
            return lacks ? [] : ["\(says)，不能\(step.word)。"]
        default: return []
        }
    }

    /// The questions of the form that have to be answered first, in one sentence.
    func blanks(_ judgement: Evaluation) -> [String] {
        guard !judgement.unanswered.isEmpty else { return [] }
        let labels = judgement.unanswered.map { dictionary.field($0)?.label ?? $0 }
        return ["请补填：\(labels.joined(separator: "、"))。"]
    }

    /// Whether originals travel by post in this region.
    private var returnsOriginals: Bool {
        policy?.decisions.values.contains { $0.returnsOriginals ?? false } ?? false
    }

    /// Why a paper cannot be made at the window.
    private func handling(_ artefact: Artefact, _ step: CaseStep) -> [String] {
        let group = "\(artefact.rawValue)ResultAtWindow"
        guard let item = policy?.item(artefact.item), item.results.contains(group) else {
            return ["本地区的\(artefact.name)不在窗口办理。"]
        }
        guard item.choice == .direct || keeps(item.code) else { return ["本件未申请\(artefact.name)。"] }
        if ItemResult(item, state, dictionary)?.outcome == .done {
            return ["\(artefact.name)已办结，不能重复\(step.word)。"]
        }
        guard let status = items.first(where: { $0.code == item.code })?.status, stage != .blocked else {
            return []
        }
        switch status.state {
        case .held, .waiting: return status.reasons
        case .ready, .answered: return []
        }
    }

    /// The items that their departments have sent back, while the case goes on, in the policy's order.
    package var returned: [LifeItem] { stage == .accepted ? items.filter { $0.outcome == .returned } : [] }

    private var deliverable: [String] {
        let open = artefacts.contains { $0.state == .ready || $0.state == .underWay }
        return open ? [] : ["目前没有可送达的证件。"]
    }
}
