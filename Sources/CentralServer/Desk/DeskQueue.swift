import Casework
import SyncProtocol

/// Everything that waits for a person at central: which entries there are, how many, and all that is needed to deal with one.
struct DeskQueue: Sendable {
    /// Ages at which an entry comes into the next band, in milliseconds: a day, three days, seven.
    static let bandMilliseconds: [UInt64] = [86_400_000, 3 * 86_400_000, 7 * 86_400_000]
    static let bandNames = ["1d", "3d", "7d", "older"]

    let store: any CentralStore
    let books: Books
    let now: @Sendable () -> UInt64

    /// An entry with its case.
    struct Item: Sendable {
        let entry: DeskEntry
        let changes: [Change]
        let state: CaseState
        /// The code of the hospital in whose scope the case is.
        let hospital: String?
        /// What entered no case, for an entry of that kind.
        var stray: (kind: AsideReason, replica: ReplicaID, sequence: UInt64, named: CaseID?)?
        /// Cases that share a number, by number.
        var holders: [NumberRecord: [CaseID]] = [:]
    }

    /// How the queue is asked for.
    struct Query: Hashable, Sendable {
        var filter = DeskFilter()
        var hospitalCode: String?
        /// The last entry of the page before.
        var after: DeskEntry?
        var isByWaiting = false
        var countMax = 50
    }

    /// A page: the oldest first, or what most waits for first. An entry that keeps its place shows on exactly one page, whatever others do
    /// meanwhile.
    func page(_ query: Query) async throws(CentralError) -> [Item] {
        let casebook = books.casebook
        return try await store.read { transaction throws(CentralError) in
            var filter = query.filter
            if let code = query.hospitalCode {
                guard let hospital = try transaction.hospital(code: code) else {
                    throw CentralError.refused(.unknownHospital)
                }
                filter.hospital = hospital.id
            }
            let entries = try transaction.deskEntries(
                filter, after: query.after, byWaiting: query.isByWaiting, countMax: query.countMax)
            return try Self.items(entries, casebook, transaction)
        }
    }

    /// All that waits in one case; none for a case in which nothing does.
    func items(of caseID: CaseID) async throws(CentralError) -> [Item] {
        let casebook = books.casebook
        return try await store.read { transaction throws(CentralError) in
            try Self.items(try transaction.deskEntries(of: caseID), casebook, transaction)
        }
    }

    /// How many entries there are, by kind, hospital's code (empty: none), assignee (empty: nobody) and age.
    func counts() async throws(CentralError) -> [(count: DeskCount, hospital: String)] {
        let now = now()
        return try await store.read { transaction throws(CentralError) in
            let counts = try transaction.deskCounts(bands: Self.bandMilliseconds.map { now - min(now, $0) })
            let hospitals = try transaction.hospitals()
            let codes = Dictionary(
                hospitals.map { ($0.id, $0.code) }, uniquingKeysWith: { first, _ in first })
            return counts.map { ($0, $0.hospital.flatMap { codes[$0] } ?? "") }
        }
    }

    private static func items(
        _ entries: [DeskEntry], _ casebook: Casebook, _ transaction: any CentralTransaction
    ) throws(CentralError) -> [Item] {
        let changes = try transaction.changes(of: Array(Set(entries.map(\.caseID)))).mapValues {
            $0.map(\.change)
        }
        let states = changes.mapValues { CaseState(folding: $0) }
        let codes = Dictionary(
            try transaction.hospitals().map { ($0.id, $0.code) }, uniquingKeysWith: { first, _ in first })
        let beside = try DeskQueue.Beside(entries, transaction)
        return entries.map { entry in
            var item = Item(
                entry: entry, changes: changes[entry.caseID] ?? [],
                state: states[entry.caseID] ?? CaseState(),
                hospital: entry.hospital.flatMap { codes[$0] })
            item.complete(beside)
            return item
        }
    }

    /// What entries tell of that is not in their cases, read with few statements.
    fileprivate struct Beside {
        let waiting: [ContentID: WaitingRecord]
        let unreadable: [ContentID: UnreadableRecord]
        let numbers: [CaseID: [NumberRecord]]
        let holders: [NumberRecord: [CaseID]]

        init(_ entries: [DeskEntry], _ transaction: any CentralTransaction) throws(CentralError) {
            func targets(_ kind: DeskEntry.Kind) -> [ContentID] {
                entries.filter { $0.kind == kind }.compactMap(\.target)
            }
            waiting = try transaction.waiting(targets(.stray))
            unreadable = try transaction.unreadable(targets(.unreadable))
            let collided = entries.filter { $0.kind == .collision }
            numbers = try transaction.sharedNumbers(of: Array(Set(collided.map(\.caseID))))
            holders = try transaction.holders(
                of: Array(Set(numbers.values.joined())), countMax: MergeDesk.entriesMax)
        }
    }
}

extension DeskQueue.Item {
    /// Takes what is not in the case itself.
    fileprivate mutating func complete(_ beside: DeskQueue.Beside) {
        switch entry.kind {
        case .stray:
            guard let record = entry.target.flatMap({ beside.waiting[$0] }) else { return }
            // It may be any bytes.
            let change = try? Change(replica: record.replica, sequence: record.sequence, body: record.body)
            stray = (.receipt, record.replica, record.sequence, change?.caseID)
        case .unreadable:
            guard let record = entry.target.flatMap({ beside.unreadable[$0] }) else { return }
            stray = (AsideReason(record.reason), record.replica, record.sequence, nil)
        case .collision:
            for number in beside.numbers[entry.caseID] ?? []
            where Array(number.kind.rawValue.utf8) == entry.subject {
                holders[number] = beside.holders[number] ?? []
            }
        case .conflict, .result, .aside, .duplicate: break
        }
    }
}
