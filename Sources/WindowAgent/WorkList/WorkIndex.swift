import Casework
package import SyncProtocol

/// All cases of the window in memory, as far as lists and searches need them, the last changed last: lists, counts and searches read no row
/// of a table and fold nothing.
///
/// Some 250 bytes a case: 25 MB for 100,000.
struct WorkIndex: Sendable {
    struct Entry: Hashable, Sendable {
        let id: CaseID
        var changedAt: UInt64
        var stage: CaseStage
        var isArchived = false
        var isReturned = false
        var hasConflict = false
        /// The number of the day by which something is to be done first.
        var due: Int?
        /// Nil until the summary was read.
        var detail: Detail?

        var place: WorkPlace { WorkPlace(changedAt: changedAt, id: id) }
    }

    /// What only the summary tells.
    struct Detail: Hashable, Sendable {
        let policy: String
        let worker: String
        let text: SearchText
    }

    /// In the order of their changes; nil where one was that has changed since.
    private var entries: [Entry?] = []
    private var places: [CaseID: Int] = [:]

    init(_ all: [Entry]) {
        entries = all.sorted { $0.place < $1.place }
        for (place, entry) in all.isEmpty ? [] : Array(entries.enumerated()) {
            if let entry { places[entry.id] = place }
        }
    }

    var count: Int { places.count }

    func contains(_ id: CaseID) -> Bool { places[id] != nil }

    /// Puts a case where its last change belongs.
    mutating func put(_ entry: Entry) {
        remove(entry.id)
        let last = entries.last { $0 != nil } ?? nil
        if let last, entry.place < last.place {
            // The clock was set back: rare, and everything behind moves.
            let place = entries.firstIndex { $0.map { entry.place < $0.place } ?? false } ?? entries.count
            entries.insert(entry, at: place)
            tidy()
        } else {
            places[entry.id] = entries.count
            entries.append(entry)
            if entries.count > 64, entries.count > places.count + places.count / 4 { tidy() }
        }
    }

    mutating func remove(_ id: CaseID) {
        guard let place = places.removeValue(forKey: id) else { return }
        entries[place] = nil
    }

    /// Adds what the summary of a case tells.
    mutating func detail(_ id: CaseID, _ detail: Detail) {
        guard let place = places[id] else { return }
        entries[place]?.detail = detail
    }

    private mutating func tidy() {
        entries = entries.filter { $0 != nil }
        places.removeAll(keepingCapacity: true)
        for (place, entry) in entries.enumerated() { if let entry { places[entry.id] = place } }
    }

    /// One page of what is asked for, the last changed first, and how much of everything there is.
    ///
    /// - Parameter departed: cases that belong to another hospital by now.
    func page(_ query: WorkQuery, but departed: Set<CaseID>, limit: Int) -> WorkPage {
        var page = WorkPage()
        let today = query.today.dayNumber
        let shelf = query.terms.isEmpty ? query.shelf : .all
        var last: WorkPlace?
        for place in entries.indices.reversed() {
            guard let entry = entries[place], departed.isEmpty || !departed.contains(entry.id) else {
                continue
            }
            for shelf in WorkShelf.allCases where shelf.holds(entry, today: today) {
                page.counts[shelf, default: 0] += 1
            }
            guard shelf.holds(entry, today: today), query.finds(entry) else { continue }
            page.found += 1
            if let after = query.after, !(entry.place < after) { continue }
            if page.ids.count < limit {
                page.ids.append(entry.id)
                last = entry.place
            } else {
                page.next = page.next ?? last
            }
        }
        return page
    }
}

extension WorkQuery {
    fileprivate func finds(_ entry: WorkIndex.Entry) -> Bool {
        if policy == nil, worker == nil, terms.isEmpty { return true }
        guard let detail = entry.detail else { return false }
        return (policy.map { $0 == detail.policy } ?? true) && (worker.map { $0 == detail.worker } ?? true)
            && terms.find(detail.text)
    }
}

/// Where a line stands in the work list.
package struct WorkPlace: Hashable, Sendable, Comparable, CustomStringConvertible {
    let changedAt: UInt64
    let id: CaseID

    init(changedAt: UInt64, id: CaseID) { (self.changedAt, self.id) = (changedAt, id) }

    /// Reads what ``description`` writes.
    package init?(_ text: String) {
        let parts = text.split(separator: ".")
        guard parts.count == 2, let changedAt = UInt64(parts[0]), let id = CaseID(String(parts[1])) else {
            return nil
        }
        self.init(changedAt: changedAt, id: id)
    }

    package var description: String { "\(changedAt).\(id)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.changedAt, left.id) < (right.changedAt, right.id)
    }
}

/// One page of the work list.
package struct WorkPage: Hashable, Sendable {
    package var ids: [CaseID] = []
    /// How many cases each shelf holds, whatever is asked for.
    package var counts: [WorkShelf: Int] = [:]
    /// How many were found, on all pages.
    package var found = 0
    /// Where the next page begins; nil if this is the last.
    package var next: WorkPlace?
    /// How many summaries are still to be read: until then a search may miss some.
    package var unread = 0
    package var lines: [WorkLine] = []
}
