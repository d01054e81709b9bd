import Casework
import Cryptography
import Foundation
import Persistence
import SealedWindow
import SyncProtocol
import Testing
import Web

@testable import CentralServer
@testable import WindowAgent

/// Central and hospitals' windows in one process: real stores on files, every exchange over the real encodings, a link that
/// loses what the test says, a clock that the test sets, randomness from a seed.
final class Town {
    static let receiptKey = SecretBytes([UInt8](repeating: 7, count: 32))

    let directory: String
    let now = Guarded<UInt64>(1_790_000_000_000)
    private let random: Guarded<SeededGenerator>
    private(set) var central: SQLiteCentralStore
    private var centralPath: String
    var currentCentralPath: String { centralPath }
    private(set) var books: Books
    private var fileCount = 0
    private(set) var windows: [Window] = []

    /// A hospital's computer.
    struct Window: Sendable {
        let code: String
        let hospital: HospitalID
        let device: DeviceRecord
        let store: WindowStore
        let path: String
    }

    init(seed: UInt64 = 1) throws {
        directory = NSTemporaryDirectory() + "town-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let random = Guarded(SeededGenerator(seed: seed))
        self.random = random
        centralPath = directory + "/central-0.sqlite"
        central = try SQLiteCentralStore(path: centralPath, seal: SealKey(.testSeal)) {
            random.withLock { $0.next() }
        }
        books = Self.newBooks()
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }  // what stays is only litter

    private static func newBooks() -> Books {
        Books(casebook: Casebook(), receipts: Receipts(key: receiptKey))
    }

    var environment: CentralServer.Environment {
        let (now, random) = (now, random)
        return CentralServer.Environment(
            now: { now.withLock { $0 } },
            randomBytes: { count in
                random.withLock { source in (0..<count).map { _ in UInt8(truncatingIfNeeded: source.next()) }
                }
            })
    }

    var windowEnvironment: WindowStore.Environment {
        let (now, random) = (now, random)
        return WindowStore.Environment(
            milliseconds: { now.withLock { $0 } }, random: { random.withLock { $0.next() } })
    }

    var fleet: Fleet { Fleet(store: central, books: books, environment: environment) }
    var scopeDesk: ScopeDesk { ScopeDesk(store: central, books: books, now: environment.now) }
    var caseDesk: CaseDesk { CaseDesk(store: central, books: books, now: environment.now) }
    var mergeDesk: MergeDesk { MergeDesk(store: central, books: books, now: environment.now) }
    var duplicateDesk: DuplicateDesk { DuplicateDesk(store: central, books: books, now: environment.now) }
    var recordDesk: RecordDesk { RecordDesk(store: central, books: books, now: environment.now) }

    var settingsDesk: SettingsDesk { SettingsDesk(store: central, books: books, now: environment.now) }

    func pass(milliseconds: UInt64) { now.withLock { $0 += milliseconds } }

    // MARK: Hospitals

    /// A new hospital with one computer.
    func hospital(_ code: String) async throws -> Window {
        let record = try await fleet.add(
            Fleet.Particulars(code: code, name: "医院\(code)", policies: ["gx-yongfu"]), by: "tester")
        return try await window(of: record)
    }

    /// One more computer of a hospital.
    func window(of record: HospitalRecord) async throws -> Window {
        let number = random.withLock { $0.next() }
        let device = DeviceRecord(
            id: DeviceID(rawValue: CaseID(milliseconds: 1, random: (number, number))), hospital: record.id,
            publicKey: environment.randomBytes(32), enrolledMilliseconds: 1)
        try await central.write { transaction throws(CentralError) in try transaction.put(device) }
        fileCount += 1
        let path = directory + "/window-\(fileCount).sqlite"
        let store = try WindowStore(path: path, dictionary: .standard, environment: windowEnvironment)
        try await store.enrol(
            Enrolment(
                hospital: record.id, code: record.code, name: record.name, device: device.id.description,
                central: "https://central.test", centralKey: Ed25519.SigningKey().publicKey,
                recoveryKey: SealedBox.OpeningKey().publicKey))
        let window = Window(
            code: record.code, hospital: record.id, device: device, store: store, path: path)
        windows.append(window)
        return window
    }

    func secondWindow(of window: Window) async throws -> Window {
        let record = try await central.read { transaction throws(CentralError) in
            try transaction.hospital(window.hospital)
        }
        return try await self.window(of: try #require(record))
    }

    /// Ends the program of a window and starts it again: it writes under another replica.
    func restart(_ window: Window) throws -> Window {
        let opened = Window(
            code: window.code, hospital: window.hospital, device: window.device,
            store: try WindowStore(
                path: window.path, dictionary: .standard, environment: windowEnvironment), path: window.path)
        windows = windows.map { $0.path == window.path ? opened : $0 }
        return opened
    }

    func retire(_ window: Window) { windows.removeAll { $0.path == window.path } }

    // MARK: Central

    func move(_ caseID: CaseID, to window: Window) async throws {
        try await scopeDesk.move(ScopeDesk.Move(caseID, to: window.code, reason: "户籍在该地", by: "desk"))
    }

    /// As if a verified backup had been made now: of all feeds, and of these attachments only.
    func noteBackup(_ attachments: [Digest]) async throws {
        let now = now.withLock { $0 }
        try await central.write { transaction throws(CentralError) in
            for hospital in try transaction.hospitals() {
                guard let point = try (transaction as? SQLiteTransaction)?.storedHead(of: hospital.id) else {
                    continue
                }
                try transaction.noteBackup(of: hospital.id, through: point)
            }
            for known in try transaction.attachmentBackups(after: nil, countMax: 100) {
                try transaction.note(
                    AttachmentBackup(hash: known.hash, isBackedUp: attachments.contains(known.hash)))
            }
            try transaction.note(
                VerifiedBackup(name: "b", madeMilliseconds: now, verifiedMilliseconds: now), reaching: [])
        }
    }

    /// What no command of central's does: its own change of a case names a hospital.
    func claim(_ caseID: CaseID, for window: Window) async throws {
        let (books, milliseconds) = (books, now.withLock { $0 })
        try await central.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            let write = ChangeContent.Write(value: [.bytes(window.hospital.record.bytes)], replaces: [])
            try ledger.write(
                Ledger.OwnChange(
                    writes: [try books.casebook.group("hospital"): write],
                    author: Author(role: .central, unit: "", user: "x")), on: caseID)
            try ledger.finish()
        }
    }

    /// A copy of central's store as it is now.
    func backup() throws -> String {
        fileCount += 1
        let path = directory + "/backup-\(fileCount).sqlite"
        try Database(path: centralPath, mode: .readOnly, applicationID: Schema.applicationID).backup(to: path)
        return path
    }

    /// Puts a copy in central's place, as an operator would by copying files.
    func restore(_ backup: String) throws {
        fileCount += 1
        let path = directory + "/central-\(fileCount).sqlite"
        try FileManager.default.copyItem(atPath: backup, toPath: path)
        let random = random
        centralPath = path
        central = try SQLiteCentralStore(path: path, seal: SealKey(.testSeal)) {
            random.withLock { $0.next() }
        }
        books = Self.newBooks()
    }

    // MARK: Exchanges

    /// What the link does to an exchange.
    enum Fate: CaseIterable { case arrives, requestLost, replyLost, repeated }

    @discardableResult
    func exchange(
        _ window: Window, _ fate: Fate = .arrives, bytesMax: Int = 16 * 1024, budget: UInt64 = 1 << 20
    ) async throws -> Taken {
        let outgoing = try await window.store.compose(bytesMax: bytesMax, budget: budget)
        var response: ExchangeResponse?
        let times = fate == .requestLost ? 0 : fate == .repeated ? 2 : 1
        for _ in 0..<times { response = try await answer(outgoing.request.encoded, from: window) }
        guard let response, fate != .replyLost else {
            try await window.store.noteFailure(outgoing, "lost")
            var taken = Taken()
            taken.hasMore = true
            return taken
        }
        return try await window.store.take(response, for: outgoing)
    }

    /// Central's answer to the bytes of a request.
    func answer(_ bytes: [UInt8], from window: Window) async throws -> ExchangeResponse {
        let arrival = Intake.Arrival(
            request: try ExchangeRequest(decoding: bytes), device: window.device,
            milliseconds: now.withLock { $0 })
        let response = try await Intake.commit([arrival], to: central, books)[0].get()
        return try ExchangeResponse(decoding: response.encoded)
    }

    /// Exchanges until nothing is left to do.
    func settle(
        _ window: Window, bytesMax: Int = 16 * 1024, budget: UInt64 = 1 << 20,
        fate: (Int) -> Fate = { _ in .arrives }
    ) async throws {
        for round in 0..<600 {
            let taken = try await exchange(window, fate(round), bytesMax: bytesMax, budget: budget)
            if !taken.hasMore { return }
        }
        throw Broken("the exchanges of \(window.code) do not come to rest")
    }

    /// All of them, until what one brought has reached the others.
    func settleAll() async throws {
        for _ in 0..<3 { for window in windows { try await settle(window) } }
    }

    // MARK: What must hold

    /// Windows that have settled and central hold the same, and nothing is lost.
    func faults() async throws -> [String] {
        var faults: [String] = []
        for window in windows { faults += try await self.faults(of: window) }
        return faults
    }

    private func faults(of window: Window) async throws -> [String] {
        var faults: [String] = []
        let figures = try await window.store.figures()
        let head = try await head(of: window)
        if figures.sync.repair != nil { faults.append("\(window.code): a repair does not end") }
        if figures.sync.place.point != head.point {
            faults.append("\(window.code): the cursor is not the head")
        }
        if figures.sync.place.fingerprint != head.fingerprint {
            faults.append("\(window.code): fingerprints differ")
        }
        if figures.outbox > 0 { faults.append("\(window.code): \(figures.outbox) changes are not sent") }
        if try await window.store.unplacedCount() > 0 {
            faults.append("\(window.code): own changes without a place")
        }
        guard let scope = try await window.store.scopeSums() else { return faults + ["no sums"] }
        if scope.sums.total != head.fingerprint { faults.append("\(window.code): a verify would differ") }
        let held = try await heldAtCentral()
        for change in try await window.store.wholeLog() where !held.contains(change.id) {
            faults.append("central lacks \(change.replica).\(change.sequence) of \(window.code)")
        }
        for (caseID, hospitals) in try await openScopes() where hospitals.contains(window.hospital) {
            let there = try await state(of: caseID)
            let here = try? await window.store.state(of: caseID)  // a case that is not here differs
            if there != here { faults.append("\(window.code): the folds of \(caseID) differ") }
        }
        return faults
    }

    func head(of window: Window) async throws -> FeedHead {
        let head = try await central.read { transaction throws(CentralError) in
            try transaction.feedHead(of: window.hospital)
        }
        return try #require(head)
    }

    func heldAtCentral() async throws -> Set<ContentID> {
        try await central.read { transaction throws(CentralError) in
            var held: Set<ContentID> = []
            for id in try transaction.caseIDs(after: nil, countMax: 10_000) {
                held.formUnion(try transaction.changes(of: id).map(\.change.id))
            }
            return held
        }
    }

    /// In whose scope each case is.
    func openScopes() async throws -> [CaseID: [HospitalID]] {
        try await central.read { transaction throws(CentralError) in
            var open: [CaseID: [HospitalID]] = [:]
            for id in try transaction.caseIDs(after: nil, countMax: 10_000) {
                open[id] = try transaction.scopes(of: id).filter { $0.left == nil }.map(\.hospital)
            }
            return open
        }
    }

    func state(of caseID: CaseID) async throws -> CaseState { try await caseDesk.view(caseID).state }
}

/// Why a test cannot go on: the test itself is broken.
struct Broken: Error {
    let what: String
    init(_ what: String) { self.what = what }
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
}

extension SQLiteTransaction {
    /// The end of a feed as a manifest has it: its chain hidden, as it is stored.
    fileprivate func storedHead(of hospital: HospitalID) throws(CentralError) -> FeedPoint? {
        try run { database throws(DatabaseError) in
            try database.first(
                "SELECT position, chain FROM feed WHERE hospital = ? ORDER BY position DESC LIMIT 1",
                SQLiteValue(hospital)
            ) { row throws(DatabaseError) in
                FeedPoint(
                    position: try row.number(0),
                    chain: Chain(rawValue: Digest(bytes: try row.blob(1)) ?? SHA256.hash([])))
            }
        }
    }
}
