import SyncProtocol

/// A promise of a case that is not kept yet: what is to be done, by when, and on whom it waits.
package struct OpenItem: Hashable, Sendable {
    /// On whom something waits.
    package enum Waits: String, Hashable, Sendable, CaseIterable {
        /// The department has its task.
        case department
        /// The window has to do it, or to correct what a department sent back.
        case window
        /// She brings what lacks, or collects what is ready.
        case mother
        /// Central's merge desk: records contradict each other.
        case central

        package var word: String {
            switch self {
            case .department: "办理部门"
            case .window: "窗口"
            case .mother: "申请人"
            case .central: "中心核对"
            }
        }
    }

    /// The code under which the delivery of papers stands, beside the items.
    package static let delivery = "delivery"

    /// The item's code, or ``delivery``.
    package let item: String
    /// Whose item it is: a department's code, or `window`.
    package let department: String
    /// The last day of the limit.
    package let due: CalendarDate
    /// Since when it waits on whom it waits on now.
    package let since: CalendarDate
    package let waits: Waits
}

extension CaseLife {
    /// What was promised with a day and is not done: in the policy's order, delivery last.
    ///
    /// An item that a department has sent back is open. While records that the case depends on contradict each other, its items keep
    /// their limits and wait on central. Where nothing was promised, or the year's days off are not published, there is no entry.
    package var openItems: [OpenItem] {
        guard let promise, let accepted = acceptedDay else { return [] }
        var open = items.compactMap { item -> OpenItem? in
            guard !item.isFinished, let due = Self.deadline(of: item.code, in: promise)?.date else {
                return nil
            }
            return openItem(item, due: due, accepted: accepted)
        }
        if stage == .delivering, let due = promise.deliveryDeadline?.date {
            let waits: OpenItem.Waits =
                artefacts.contains { $0.state == .disputed }
                ? .central : artefacts.contains { $0.state == .ready } ? .mother : .window
            let since = items.compactMap(\.answered).max() ?? accepted
            open.append(
                OpenItem(
                    item: OpenItem.delivery, department: "window", due: due, since: since, waits: waits))
        }
        return open
    }

    /// The last day that any limit of the case reaches, done or not; the last day of all if the days off of its year are not
    /// published. Nil if nothing is promised.
    package var lastDue: CalendarDate? {
        guard let promise else { return nil }
        let limits =
            promise.items.compactMap { $0.actual ?? $0.planned }
            + [promise.totalDeadline, promise.deliveryDeadline].compactMap { $0 }
        return limits.compactMap { $0.date ?? CalendarDate(year: 2999, month: 12, day: 31) }.max()
    }

    /// What was promised on the decision; also while the case is disputed.
    var promise: Evaluation? {
        if let standing { return standing }
        guard stage == .disputed, let decision, let policy, policy.goesOn(decision.kind) else { return nil }
        return policy.evaluate(
            answers, events: items.compactMap(\.event), calendar: calendar, decided: decision.kind)
    }

    /// The day from which limits are counted.
    private var acceptedDay: CalendarDate? { promise?.acceptanceDate ?? decision?.date }

    static func deadline(of item: String, in promise: Evaluation) -> Deadline? {
        promise.items.first { $0.code == item }.flatMap { $0.actual ?? $0.planned }
    }

    private func openItem(_ item: LifeItem, due: CalendarDate, accepted: CalendarDate) -> OpenItem {
        let (waits, since) = waiting(item, accepted: accepted, depth: items.count)
        return OpenItem(
            item: item.code, department: item.status.item.department, due: due, since: since, waits: waits)
    }

    /// - Parameter depth: how far prerequisites are followed; the order of items has no circle, so it never ends there.
    private func waiting(
        _ item: LifeItem, accepted: CalendarDate, depth: Int
    ) -> (OpenItem.Waits, CalendarDate) {
        if stage == .disputed { return (.central, disputedSince ?? accepted) }
        switch item.status.state {
        case .held(let groups): return (.central, day(of: groups) ?? accepted)
        case .answered: return (.window, item.answered ?? accepted)
        case .ready:
            let before = item.status.item.after.compactMap { code in
                items.first { $0.code == code }?.answered
            }
            let isWindows = item.status.item.results.contains { isOwned($0) }
            return (isWindows ? .window : .department, max(accepted, before.max() ?? accepted))
        case .waiting(let codes):
            guard depth > 0, let next = items.first(where: { codes.contains($0.code) && !$0.isFinished })
            else {
                // What comes first was not applied for here: she has to bring its paper.
                return (.mother, accepted)
            }
            return waiting(next, accepted: accepted, depth: depth - 1)
        }
    }

    /// Whether a window writes a result group.
    private func isOwned(_ group: String) -> Bool {
        guard let id = dictionary.group(named: group)?.id, case .owner(let owner) = dictionary.mergeRules[id]
        else { return false }
        return owner == .window
    }

    private var disputedSince: CalendarDate? {
        day(of: CaseStage.disputes(in: state, policy: policy, dictionary))
    }

    /// The day on which the last of the values in these groups was written.
    private func day(of groups: [GroupID]) -> CalendarDate? {
        groups.flatMap { state.registers[$0]?.standing ?? [] }.map(\.time.milliseconds).max()
            .map { CalendarDate(milliseconds: $0) }
    }
}

extension LifeItem {
    /// Its answer with its day, for the limits of what comes after it; nil while there is none.
    fileprivate var event: ItemEvent? {
        guard let outcome, let answered else { return nil }
        return ItemEvent(item: code, outcome: outcome, date: answered)
    }
}

extension Policy {
    /// Whether a decision takes an application on.
    func goesOn(_ kind: DecisionKind) -> Bool { decision(kind)?.goesOn ?? (kind == .accept) }
}
