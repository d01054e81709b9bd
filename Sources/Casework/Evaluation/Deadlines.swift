/// Counts the limits of one application.
///
/// The planned end of an item is counted from the planned end of the items before it; the actual one from the
/// day on which these were really done (policies.md section 1.4).
struct Deadlines {
    let policy: Policy
    let facts: Facts
    let path: String?
    let acceptance: CalendarDate?
    let events: [ItemEvent]
    /// By item, the day on which it was handed in again after its department had sent it back.
    let resumed: [String: CalendarDate]
    let calendar: WorkCalendar

    func item(_ code: String, among kept: [String]) -> AppliedItem {
        let after = (policy.item(code)?.after ?? []).filter(kept.contains)
        return AppliedItem(
            code: code, after: after, planned: planned(code), actual: actual(code, after: after))
    }

    /// A limit of the application as a whole.
    func deadline(_ limit: Policy.Limit) -> Deadline? {
        guard acceptance != nil else { return nil }
        return count(limit, from: start(limit.from, predecessors: []))
    }

    /// nil while nothing is promised or the start is open. The order of items has no circle, so this ends.
    private func planned(_ code: String) -> Deadline? {
        guard acceptance != nil, let limit = limit(of: code) else { return nil }
        let before = (policy.item(code)?.after ?? []).filter(facts.applied.contains).map { planned($0) }
        return count(limit, from: start(limit.from, predecessors: before))
    }

    private func actual(_ code: String, after: [String]) -> Deadline? {
        // No seed says how long a department has after a correction: as long as for the first time.
        if acceptance != nil, let limit = limit(of: code), let day = resumed[code] {
            return count(limit, from: .date(day))
        }
        guard acceptance != nil, let limit = limit(of: code), case .predecessors = limit.from, !after.isEmpty
        else {
            return nil
        }
        let done = after.compactMap { item in events.last { $0.item == item && $0.outcome == .done }?.date }
        guard done.count == after.count, let last = done.max() else { return nil }
        return count(limit, from: .date(last))
    }

    private func limit(of code: String) -> Policy.Limit? {
        policy.item(code)?.limits?.first { $0.path == nil || $0.path == path }
    }

    /// The day after which the limit begins, as far as it is known.
    private func start(_ start: Policy.Start, predecessors: [Deadline?]) -> Deadline? {
        switch start {
        case .acceptance: return acceptance.map(Deadline.date)
        case .application: return facts.answers.date("applyDate").map(Deadline.date)
        case .date(let key): return facts.answers.date(key).map(Deadline.date)
        case .predecessors:
            if predecessors.isEmpty { return acceptance.map(Deadline.date) }
            // While one of them has no end, or one that cannot be told, neither has this.
            let known = predecessors.compactMap { $0 }
            guard known.count == predecessors.count else { return nil }
            return known.first { $0.date == nil } ?? known.compactMap(\.date).max().map(Deadline.date)
        }
    }

    private func count(_ limit: Policy.Limit, from start: Deadline?) -> Deadline? {
        guard let start else { return nil }
        guard case .date(let day) = start else { return start }
        do { return .date(try calendar.due(workingDays: limit.workingDays, after: day)) } catch {
            return .unpublished(year: error.year)
        }
    }
}
