import Casework
package import SyncProtocol

/// All cases of the window in memory, as far as lists and searches need them, the last changed last: lists, counts and searches read no row
/// of a table and fold nothing.
///
/// What every look reads of a case are 40 bytes without a reference: to count 100,000 cases takes less than a millisecond. Beside them lies
/// the text by which a case is found: some 200 bytes.
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
    }

    /// What only the summary tells.
    struct Detail: Hashable, Sendable {
        let policy: String
        let worker: String
        let text: SearchText
    }

    private struct Line {
        let id: CaseID
        let changedAt: UInt64
        let due: Int32
        /// Zero where a case was that has changed since.
        var shelves: WorkShelf.Set
        /// Places in ``words``; zero until the summary was read.
        var (policy, worker): (UInt16, UInt16)

        var place: WorkPlace { WorkPlace(changedAt: changedAt, id: id) }
        var isThere: Bool { shelves != 0 }
        var isRead: Bool { policy != 0 }

        init(_ entry: Entry) {
            (id, changedAt) = (entry.id, entry.changedAt)
            due = entry.isArchived ? Line.never : entry.due.map { Int32(clamping: $0) } ?? Line.never
            shelves = WorkShelf.holding(entry)
            (policy, worker) = (0, 0)
        }

        static let never = Int32.max
    }

    /// In the order of their changes.
    private var lines: [Line] = []
    /// Beside ``lines``.
    private var texts: [SearchText] = []
    private var places: [CaseID: Int] = [:]
    /// Policies and workers, of which there are few, each once; the first is none.
    private var words = [""]
    private var numbers: [String: UInt16] = [:]

    init(_ all: [Entry]) {
        let sorted = all.sorted {
            ($0.changedAt, $0.id) < ($1.changedAt, $1.id)
        }
        lines.reserveCapacity(sorted.count)
        texts.reserveCapacity(sorted.count)
        places.reserveCapacity(sorted.count)
        for entry in sorted { append(entry) }
    }

    var count: Int { places.count }

    func contains(_ id: CaseID) -> Bool { places[id] != nil }

    /// Puts a case where its last change belongs.
    mutating func put(_ entry: Entry) {
        remove(entry.id)
        append(entry)
        if lines.count > 64, lines.count > places.count + places.count / 4 { tidy() }
        guard let last = lines.dropLast().last(where: \.isThere), lines[lines.count - 1].place < last.place
        else { return }
        // The clock was set back: rare, and everything is put in order anew.
        tidy()
    }

    private mutating func append(_ entry: Entry) {
        places[entry.id] = lines.count
        lines.append(Line(entry))
        texts.append(.empty)
        if let detail = entry.detail { self.detail(entry.id, detail) }
    }

    mutating func remove(_ id: CaseID) {
        guard let place = places.removeValue(forKey: id) else { return }
        lines[place].shelves = 0
        texts[place] = .empty
    }

    /// Adds what the summary of a case tells.
    mutating func detail(_ id: CaseID, _ detail: Detail) {
        guard let place = places[id] else { return }
        (lines[place].policy, lines[place].worker) = (number(of: detail.policy), number(of: detail.worker))
        texts[place] = detail.text
    }

    /// Beyond what fits, all further words are one: the same as none.
    private mutating func number(of word: String) -> UInt16 {
        if let number = numbers[word] { return number }
        guard let number = UInt16(exactly: words.count) else { return UInt16.max }
        words.append(word)
        numbers[word] = number
        return number
    }

    private mutating func tidy() {
        let order = lines.indices.filter { lines[$0].isThere }.sorted { lines[$0].place < lines[$1].place }
        (lines, texts) = (order.map { lines[$0] }, order.map { texts[$0] })
        for (place, line) in lines.enumerated() { places[line.id] = place }
    }

    /// One page of what is asked for, the last changed first, and how much of everything there is.
    ///
    /// - Parameter departed: cases that belong to another hospital by now.
    func page(_ query: WorkQuery, but departed: Set<CaseID>, limit: Int) -> WorkPage {
        var page = WorkPage()
        let look = Look(query, today: Int32(clamping: query.today.dayNumber), numbers)
        // How many cases there are of each set of shelves: one addition for a case.
        var tally = [Int](repeating: 0, count: WorkShelf.setCount)
        var last: WorkPlace?
        for place in lines.indices.reversed() {
            let line = lines[place]
            guard line.isThere, departed.isEmpty || !departed.contains(line.id) else { continue }
            let shelves = line.shelves | WorkShelf.holding(due: line.due, today: look.today)
            tally[Int(shelves)] += 1
            guard shelves & look.shelf != 0, look.takes(line, texts[place]) else { continue }
            page.found += 1
            if let after = query.after, !(line.place < after) { continue }
            if page.ids.count < limit {
                page.ids.append(line.id)
                last = line.place
            } else {
                page.next = page.next ?? last
            }
        }
        for (shelves, count) in tally.enumerated() where count > 0 {
            for shelf in WorkShelf.allCases where UInt16(shelves) & shelf.bit != 0 {
                page.counts[shelf, default: 0] += count
            }
        }
        return page
    }

    /// A question as lines are compared with it.
    private struct Look {
        let today: Int32
        let shelf: WorkShelf.Set
        /// Nil: any. A word that no case has is found in none.
        private let policy, worker: UInt16?
        private let terms: SearchTerms
        private let asksDetail: Bool

        init(_ query: WorkQuery, today: Int32, _ numbers: [String: UInt16]) {
            self.today = today
            shelf = (query.terms.isEmpty ? query.shelf : .all).bit
            policy = query.policy.map { numbers[$0] ?? .max }
            worker = query.worker.map { numbers[$0] ?? .max }
            terms = query.terms
            asksDetail = policy != nil || worker != nil || !terms.isEmpty
        }

        func takes(_ line: Line, _ text: SearchText) -> Bool {
            guard asksDetail else { return true }
            guard line.isRead, policy.map({ $0 == line.policy }) ?? true,
                worker.map({ $0 == line.worker }) ?? true
            else { return false }
            return terms.isEmpty || terms.find(text)
        }
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
