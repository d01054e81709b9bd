import Cryptography
import SyncProtocol
import Web

@testable import CentralServer

/// Central with a store in memory, or in a PostgreSQL database of its own (see `.ci/postgres`), a clock that a test sets, and randomness from a seed.
struct World {
    static let receiptKey = SecretBytes([UInt8](repeating: 7, count: 32))

    let store: any CentralStore
    let news = LocalFeedNews()
    let books: Books
    let clock: Guarded<UInt64>
    let environment: Environment

    typealias Opening = (
        _ announce: @escaping StoreSession.Announce, _ random: @escaping StoreSession.RandomNumber
    ) throws -> any CentralStore

    init(seed: UInt64 = 1, path: String? = nil) throws {
        try self.init(seed: seed) { try TestStore.open(path: path, announce: $0, random: $1) }
    }

    init(seed: UInt64, open: Opening) throws {
        let clock = Guarded<UInt64>(1_790_000_000_000)
        let random = Guarded(SeededGenerator(seed: seed))
        self.clock = clock
        environment = Environment(
            now: { clock.withLock { $0 } },
            randomBytes: { count in random.withLock { generator in generator.bytes(count) } })
        let environment = environment
        let news = news
        store = try open({ news.announce($0, $1) }, { environment.randomNumber() })
        books = Books(casebook: Casebook(), receipts: Receipts(key: World.receiptKey))
    }

    var fleet: Fleet { Fleet(store: store, books: books, environment: environment) }
    var mergeDesk: MergeDesk { MergeDesk(store: store, books: books, now: environment.now) }
    var deskQueue: DeskQueue { DeskQueue(store: store, books: books, now: environment.now) }
    var caseDesk: CaseDesk { CaseDesk(store: store, books: books, now: environment.now) }
    var departmentDesk: DepartmentDesk {
        DepartmentDesk(store: store, books: books, environment: environment)
    }

    /// The HTTP interface without directories, for staff who hold a token.
    func api(for staff: Token, dictionary: ZstandardDictionary? = nil) -> CentralAPI {
        CentralAPI(
            store: store, books: books, environment: environment, intake: Intake(store: store, books: books),
            gate: DeviceGate(store: store, environment: environment), staffTokenHash: staff.hash,
            dictionary: dictionary)
    }

    /// A hospital with one enrolled computer.
    func hospital(_ code: String) async throws -> Ward {
        let hospital = try await fleet.add(
            Fleet.Particulars(code: code, name: "Hospital \(code)", policies: ["gx"]), by: "tester")
        return Ward(world: self, hospital: hospital, device: try await device(of: hospital.id))
    }

    func device(of hospital: HospitalID) async throws -> DeviceRecord {
        let id = CaseID(milliseconds: 1, random: (environment.randomNumber(), environment.randomNumber()))
        let device = DeviceRecord(
            id: DeviceID(rawValue: id), hospital: hospital, publicKey: environment.randomBytes(32),
            enrolledMilliseconds: 1)
        try await store.write { transaction throws(CentralError) in try transaction.put(device) }
        return device
    }

    func newCase() -> CaseID {
        CaseID(
            milliseconds: 1_790_000_000_000, random: (environment.randomNumber(), environment.randomNumber()))
    }

    /// All entries of a feed with the values after each.
    func feed(of hospital: HospitalID) async throws -> [Entry] {
        try await store.read { transaction throws(CentralError) in
            var entries: [Entry] = []
            for item in try transaction.feed(of: hospital, after: 0, countMax: 100_000) {
                guard let head = try transaction.feedHead(of: hospital, at: item.position) else { continue }
                entries.append(Entry(item: item, head: head))
            }
            return entries
        }
    }

    func state(of caseID: CaseID) async throws -> CaseState { try await caseDesk.view(caseID).state }

    /// The hospitals in whose scope a case is or was, with the place where it left.
    func scopes(of caseID: CaseID) async throws -> [HospitalID: UInt64?] {
        try await store.read { transaction throws(CentralError) in
            Dictionary(
                uniqueKeysWithValues: try transaction.scopes(of: caseID).map { ($0.hospital, $0.left) })
        }
    }

    /// Everything that is cached, as values.
    func caches() async throws -> Caches {
        try await store.read { transaction throws(CentralError) in
            var digests: [CaseSummary] = []
            var tasks: [TaskRecord] = []
            let queue = try transaction.deskEntries(
                DeskFilter(), after: nil, byWaiting: false, countMax: 100_000)
            for summary in try transaction.summaries(before: nil, in: nil, countMax: 100_000) {
                digests.append(summary)
                tasks += try transaction.tasks(of: summary.caseID)
            }
            return Caches(
                summaries: digests, conflicts: try transaction.conflicts(after: nil, countMax: 100_000),
                asides: try transaction.asides(after: nil, countMax: 100_000), tasks: tasks, queue: queue)
        }
    }
}

/// One entry of a feed and the feed's values after it.
struct Entry: Hashable, Sendable {
    let item: FeedItem
    let head: FeedHead

    /// Nil for a case that enters or leaves.
    var change: Change? {
        get throws {
            guard case .change(let replica, let sequence, let body, _, _) = item.subject else { return nil }
            return try Change(replica: replica, sequence: sequence, body: body)
        }
    }

    /// The content ID of a change.
    var id: ContentID? {
        guard case .change(let replica, let sequence, let body, _, _) = item.subject else { return nil }
        return ContentID(replica: replica, sequence: sequence, body: body)
    }
}

struct Caches: Hashable, Sendable {
    let summaries: [CaseSummary]
    let conflicts: [ConflictRecord]
    let asides: [AsideRecord]
    let tasks: [TaskRecord]
    let queue: [DeskEntry]
}

/// A reproducible source of randomness (SplitMix64).
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}
