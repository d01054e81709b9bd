package import SyncProtocol

/// Where a case stands, what is due, and what may be done with it: a pure function of its fold, its rules, the calendar and the moment.
package struct CaseLife: Sendable {
    package let stage: CaseStage
    /// The decision that stands on what was handed in last; nil before one.
    package let decision: CaseDecision?
    /// In the policy's order; empty without rules.
    package let items: [LifeItem]
    /// The papers of the items, also of those handed out beside the application.
    package let artefacts: [ArtefactStatus]
    package let answers: Answers
    package let policy: Policy?
    /// Why there are no rules; nil if there are.
    let lackOfRules: String?
    package let now: Moment
    /// Whether the machine's clock is in doubt, so that a person has to say which day it is.
    package let isClockDoubtful: Bool
    let calendar: WorkCalendar
    let state: CaseState
    let dictionary: FieldDictionary
    /// What stands on the decision: items and limits; nil before the case goes on.
    let standing: Evaluation?

    /// - Parameters:
    ///   - progress: made of the same state.
    ///   - now: the moment in Asia/Shanghai by the machine's clock.
    package init(
        _ state: CaseState, progress: CaseProgress, calendar: WorkCalendar, now: Moment,
        isClockDoubtful: Bool = false, dictionary: FieldDictionary
    ) {
        (self.state, self.calendar, self.now, self.dictionary) = (state, calendar, now, dictionary)
        self.isClockDoubtful = isClockDoubtful
        let (answers, policy) = (progress.answers, progress.policy)
        let decision = CaseDecision(state, dictionary: dictionary)
        (self.answers, self.policy, self.decision) = (answers, policy, decision)
        lackOfRules = progress.rules.chinese
        var (results, resumed) = ([String: ItemResult](), [String: CalendarDate]())
        for item in policy?.items ?? [] {
            results[item.code] = ItemResult(item, state, dictionary)
            resumed[item.code] = ItemResult.resumed(item, state, dictionary)
        }
        let events = results.compactMap { code, result in
            result.date.map { ItemEvent(item: code, outcome: result.outcome, date: $0) }
        }
        let goesOn = progress.stage == .accepted || progress.stage == .closed
        let standing =
            goesOn
            ? decision.flatMap {
                policy?.evaluate(
                    answers, events: events, resumed: resumed, calendar: calendar, decided: $0.kind)
            } : nil
        self.standing = standing
        items = progress.items.map { status in
            LifeItem(
                status: status, limits: standing?.items.first { $0.code == status.item.code },
                result: results[status.item.code])
        }
        artefacts = Artefact.allCases.compactMap { artefact in
            let outcome = results[artefact.item]?.outcome
            let isApplied = progress.items.contains { $0.item.code == artefact.item }
            guard isApplied || outcome != nil else { return nil }
            return ArtefactStatus(artefact, outcome: outcome, state, dictionary)
        }
        stage = Self.refined(
            progress.stage, items: items, artefacts: artefacts,
            isEvaluated: answers.text("evaluation") != nil)
    }

    /// What comes after ``CaseStage/accepted``.
    private static func refined(
        _ stage: CaseStage, items: [LifeItem], artefacts: [ArtefactStatus], isEvaluated: Bool
    ) -> CaseStage {
        guard stage == .accepted, !items.isEmpty, items.allSatisfy(\.isFinished) else { return stage }
        guard artefacts.allSatisfy({ $0.state == .delivered || $0.state == .awaited }) else {
            return .delivering
        }
        return isEvaluated ? .evaluated : .delivered
    }

    /// The stage in the region's own word where it has one.
    package var word: String {
        switch stage {
        case .accepted, .correcting, .refused, .offline, .blocked, .refusedReturning:
            decision.flatMap { policy?.decision($0.kind)?.title } ?? stage.word
        case .merged:
            CaseMerger(state, dictionary: dictionary).map { String($0.chinese.dropLast()) } ?? stage.word
        default: stage.word
        }
    }

    /// What the rules say now about the application as it stands: for what was not handed in yet, as if it were today.
    package var judgement: Evaluation? { policy?.evaluate(judged, calendar: calendar) }

    /// The answers, with the day of the application filled in.
    var judged: Answers {
        var answers = answers
        for (key, value) in applicationDay(now.date) { answers[key] = value }
        return answers
    }

    /// Day and moment of the application where nobody has given them.
    ///
    /// - Parameter day: on which it is handed in.
    func applicationDay(_ day: CalendarDate) -> [String: CBOR] {
        var filled: [String: CBOR] = [:]
        let applied = answers.date("applyDate") ?? day
        if answers.date("applyDate") == nil { filled["applyDate"] = .text(day.description) }
        if answers.text("applyDateTime") == nil, applied == now.date, day == now.date, !isClockDoubtful {
            filled["applyDateTime"] = .text(now.description)
        }
        return filled
    }

    /// The groups in conflict that a clerk fills in or that the course depends on, with their labels.
    var conflicts: [FieldGroup] {
        let needed = Set(CaseStage.disputes(in: state, policy: policy, dictionary))
        return state.conflicts(by: dictionary.mergeRules).compactMap { dictionary[$0] }
            .filter { $0.isEntered || needed.contains($0.id) }
    }

    /// The items that a blocked or running application keeps.
    func keeps(_ item: String) -> Bool {
        if stage == .blocked { return judgement?.items.contains { $0.code == item } ?? false }
        return items.contains { $0.code == item }
    }

    /// The first day on which something is still to be done; nil if nothing is promised.
    package var earliestDue: CalendarDate? { dueItems.compactMap(\.due).min() }

    /// What is still to be done by a day, while the case goes on.
    package var dueItems: [LifeItem] {
        stage == .accepted ? items.filter { $0.due != nil } : []
    }
}
