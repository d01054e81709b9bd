import SyncProtocol

/// Makes the plan of one step and collects what speaks against it.
struct StepPlanner {
    let life: CaseLife
    let input: StepInput
    var plan: StepPlan
    var against: [StepRefusal.Reason]

    init(_ life: CaseLife, _ step: CaseStep, _ input: StepInput, by roles: Set<CaseRole>) {
        (self.life, self.input) = (life, input)
        against = life.hindrances(of: step, by: roles)
        plan = StepPlan(step, input.date ?? life.now.date)
    }

    /// Everything of the step, or everything against it.
    mutating func run() throws(StepRefusal) -> StepPlan {
        // Of a case that is not there yet nothing more can be said.
        guard !against.contains(where: { $0.kind == .stage }) else {
            throw StepRefusal(plan.step, against)
        }
        checkDate()
        checkReasons()
        switch plan.step {
        case .submit: submit()
        case .accept: accept()
        case .correct: correct()
        case .refuse: refuse()
        case .withdraw: withdraw()
        case .resubmit: resubmit()
        case .issue: issue()
        case .vaccinate: vaccinate()
        case .handOver: handOver()
        case .post: post()
        case .evaluate: evaluate()
        case .close: close()
        case .reopen: reopen()
        }
        guard against.isEmpty else { throw StepRefusal(plan.step, against) }
        return plan
    }

    // What each step shares with others.

    mutating func refuse(_ text: String) { against.append(.init(kind: .input, text: text)) }

    mutating func write(_ key: String, _ text: String?) {
        plan.answers[key] = text.map { .text($0) } ?? .null
    }

    mutating func write(_ key: String, _ texts: [String]) {
        plan.answers[key] = texts.isEmpty ? .null : .array(texts.map { .text($0) })
    }

    /// The region's rules; what lacks without them is told by the hindrances.
    var policy: Policy? { life.policy }

    private mutating func checkDate() {
        let day = plan.date
        if life.isClockDoubtful {
            // The clock cannot say what is in the future.
            if input.date == nil { refuse("本机时钟有疑，请先确认今天的日期，再\(plan.step.word)。") }
        } else if day > life.now.date {
            refuse("日期不能晚于今天。")
        }
        let first = ["submissionDate", "applyDate"].compactMap(life.answers.date).max()
        let birth = life.answers.date("birthDate")
        switch plan.step {
        case .issue, .vaccinate, .handOver, .submit:
            if let birth, day < birth { refuse("日期不能早于出生日期（\(birth)）。") }
        case .post: break
        default:
            if let first, day < first { refuse("日期不能早于申请日期（\(first)）。") }
        }
    }

    private mutating func checkReasons() {
        if input.reasons.count > StepInput.reasonsMax { refuse("理由过多（最多\(StepInput.reasonsMax)条）。") }
        let isSound = input.reasons.allSatisfy { reason in
            reason.count <= StepInput.reasonLongest && !reason.allSatisfy(\.isWhitespace)
                && !reason.unicodeScalars.contains { $0.properties.generalCategory == .control }
        }
        if !isSound { refuse("理由不能为空，每条不超过\(StepInput.reasonLongest)字，且不能含有控制字符。") }
    }

    /// One text of all reasons; a reason is asked for if there is none.
    mutating func neededReason() -> String? {
        if input.reasons.isEmpty { refuse("请填写理由。") }
        return joinedReasons
    }

    var joinedReasons: String? { input.reasons.isEmpty ? nil : input.reasons.joined(separator: "；") }

    func isCode(_ code: String, in list: String) -> Bool { CodeLists.standard.code(code, in: list) != nil }
}

extension CaseLife {
    /// What a step records.
    ///
    /// - Parameter roles: what the person who takes it is.
    /// - Throws: everything that speaks against it, at once.
    package func plan(
        _ step: CaseStep, _ input: StepInput = StepInput(), by roles: Set<CaseRole> = CaseRole.window
    ) throws(StepRefusal) -> StepPlan {
        var planner = StepPlanner(self, step, input, by: roles)
        return try planner.run()
    }
}
