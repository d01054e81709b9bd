extension Policy {
    /// Judges the application for one newborn.
    ///
    /// - Parameters:
    ///   - events: what the departments have answered so far.
    ///   - resumed: by item, the day on which it was handed in again after its department had sent it back.
    ///   - calendar: the working days of the years at hand.
    ///   - decided: what was decided on the application, if the items and limits of that are wanted, whatever the conditions say by now.
    package func evaluate(
        _ answers: Answers, events: [ItemEvent] = [], resumed: [String: CalendarDate] = [:],
        calendar: WorkCalendar = .standard, decided: DecisionKind? = nil
    ) -> Evaluation {
        let facts = facts(of: answers)
        let (reached, failed) = failures(facts)
        let gaps = reached == nil && self.decision(.correct) != nil ? self.gaps(facts) : []
        let kind = decided ?? reached ?? (gaps.isEmpty ? .accept : .correct)
        let decision = self.decision(kind)
        let held = held(facts, failed: failed)
        let kept = kept(applied(facts), decision?.items ?? .none, held)
        let acceptance =
            decision?.goesOn ?? false ? answers.date("acceptanceDate") ?? answers.date("applyDate") : nil
        let limits = Deadlines(
            policy: self, facts: facts, path: decision?.path, acceptance: acceptance, events: events,
            resumed: resumed, calendar: calendar)
        return Evaluation(
            decision: kind, reasons: failed.map { .init(code: $0.code, text: $0.text) }, gaps: gaps,
            prompts: decision?.items == Extent.none ? [] : shownPrompts(facts),
            items: kept.map { limits.item($0, among: kept) },
            held: held.filter { facts.applied.contains($0.key) },
            acceptanceDate: acceptance,
            totalDeadline: total.flatMap { limits.deadline($0) },
            deliveryDeadline: delivery.flatMap { limits.deadline($0) },
            countdowns: running(facts),
            notices: (decision?.notices ?? []).filter { $0.when?.holds(facts) ?? true }.map(\.name),
            unanswered: unanswered(facts))
    }

    /// The failing conditions of the first stage that has any, with what it decides.
    private func failures(_ facts: Facts) -> (DecisionKind?, [Condition]) {
        for stage in stages {
            let failed = stage.conditions.filter { $0.fails(facts) }
            if !failed.isEmpty { return (stage.decision, failed) }
        }
        return (nil, [])
    }

    /// The rules' view of the answers: with the items that are mandatory, and without those whose condition
    /// does not hold.
    package func facts(of answers: Answers) -> Facts {
        let facts = Facts(answers, applied: [])
        let ticked = Facts(facts, applied: Set(ticked(facts)))
        guard items.contains(where: { $0.when != nil }) else { return ticked }
        let kept = items.filter { ticked.applied.contains($0.code) && $0.when?.holds(ticked) ?? true }
        return Facts(facts, applied: Set(kept.map(\.code)))
    }

    /// The codes of the items that an application has: the mandatory ones in the policy's order, then the
    /// others in the order in which they were ticked.
    package func applied(_ facts: Facts) -> [String] {
        ticked(facts).filter(facts.applied.contains)
    }

    private func ticked(_ facts: Facts) -> [String] {
        // By index: a copy of an item, or of a row below, costs more than judging it.
        items.indices.filter { items[$0].choice == .mandatory }.map { items[$0].code }
            + facts.texts("items").filter { code in
                items.contains { $0.code == code && $0.choice == .optional }
            }
    }

    /// Everything that lacks: papers in the policy's order, then further conditions.
    private func gaps(_ facts: Facts) -> [Evaluation.Finding] {
        let verified = Set(facts.texts("sharedVerified"))
        return materials.flatMap { material in
            material.gaps(facts, verified: verified).map { .init(code: material.code, text: $0) }
        } + corrections.filter { $0.fails(facts) }.map { .init(code: $0.code, text: $0.text) }
    }

    private func shownPrompts(_ facts: Facts) -> [Evaluation.Finding] {
        prompts.filter { $0.isShown(facts) }.map { .init(code: $0.code, text: $0.text) }
    }

    /// By item, the first failed condition or unsatisfied hold.
    private func held(_ facts: Facts, failed: [Condition]) -> [String: String] {
        var held: [String: String] = [:]
        for condition in failed {
            for item in condition.items ?? [] where held[item] == nil { held[item] = condition.code }
        }
        for hold in holds where !hold.rule.holds(facts) {
            for item in hold.items where held[item] == nil { held[item] = hold.code }
        }
        return held
    }

    private func kept(_ applied: [String], _ extent: Extent, _ held: [String: String]) -> [String] {
        switch extent {
        case .all: applied
        case .none: []
        case .free: applied.filter { held[$0] == nil }
        }
    }

    private func running(_ facts: Facts) -> [RunningCountdown] {
        countdowns.compactMap { countdown in
            guard !(countdown.done?.holds(facts) ?? false), let until = countdown.until.moment(facts) else {
                return nil
            }
            return RunningCountdown(
                code: countdown.code, label: countdown.label, until: until, answer: countdown.answer)
        }
    }

    private func unanswered(_ facts: Facts) -> [String] {
        var unanswered: [String] = []
        for section in sections {
            for index in section.fields.indices
            where section.fields[index].required?.holds(facts) ?? false {
                let row = section.fields[index]
                unanswered += row.keys.filter {
                    !(row.optional ?? []).contains($0) && facts.answers[$0] == nil
                        && !unanswered.contains($0)
                }
            }
        }
        return unanswered
    }
}

extension Policy {
    /// Whether somebody may collect the paper of an item, with all sentences that speak against it; nil if
    /// the region says nothing about it.
    ///
    /// - Parameter answers: with the item's `…CollectedBy` and `…OriginalsShown`.
    package func pickup(of item: String, _ answers: Answers) -> [Evaluation.Finding]? {
        guard let pickup = pickups.first(where: { $0.item == item }) else { return nil }
        let facts = facts(of: answers)
        return pickup.checks.filter { $0.fails(facts) }.map { .init(code: $0.code, text: $0.text) }
    }
}
