import Bundles
import Casework
import Cryptography
import Foundation
import Persistence
import SealedWindow
import SyncProtocol
import Web

@testable import CentralServer
@testable import WindowAgent

/// A window with its store, its photos and its key.
final class Desk {
    let name: String
    let device: DeviceRecord
    let key: Ed25519.SigningKey
    let lane: AttachmentLane
    var store: WindowStore

    init(
        _ name: String, _ device: DeviceRecord, _ key: Ed25519.SigningKey, _ lane: AttachmentLane,
        _ store: WindowStore
    ) {
        (self.name, self.device, self.key, self.lane, self.store) = (name, device, key, lane, store)
    }

    func bundles(_ town: Town) -> WindowBundles {
        let (key, clock) = (key, town.clock)
        return WindowBundles(
            store: store, lane: lane, codec: town.codec, milliseconds: { clock.withLock { $0 } }, key: { key }
        )
    }
}

/// Nobody to upload to.
struct NoUploads: UploadLink {
    func locate(_ offer: AttachmentOffer, token: String) async throws(UploadError) -> UInt64 {
        throw .network(bytes: 0)
    }
    func send(
        _ bytes: [UInt8], of offer: AttachmentOffer, token: String, at offset: UInt64
    ) async throws(UploadError) -> UInt64 { throw .network(bytes: 0) }
}

/// Central and windows of hospitals, with the real stores, and sticks between them.
final class Town {
    let directory: Directory
    let clock = Guarded<UInt64>(1_790_000_000_000)
    let random: Guarded<SeededGenerator>
    let signing = Ed25519.SigningKey()
    let codec: BundleCodec
    let books: Books
    let attachments: AttachmentStore
    private(set) var central: SQLiteCentralStore
    private var path: String
    var desks: [Desk] = []

    init(seed: UInt64 = 1) throws {
        directory = try Directory()
        let (random, clock) = (Guarded(SeededGenerator(seed: seed)), clock)
        self.random = random
        codec = BundleCodec(dictionary: try ZstandardDictionary(ExchangeDictionary.bytes))
        books = Books(
            casebook: Casebook(),
            receipts: Receipts(key: SecretBytes([UInt8](repeating: 7, count: 32))))
        path = directory.fresh()
        central = try SQLiteCentralStore(path: path, seal: SealKey(.testSeal)) {
            random.withLock { $0.next() }
        }
        attachments = try AttachmentStore(
            directory: directory.fresh(), key: SecretBytes([UInt8](repeating: 9, count: 32)),
            environment: Self.environment(clock, random)
        ) { _ throws(CentralError) in false }
    }

    private static func environment(
        _ clock: Guarded<UInt64>, _ random: Guarded<SeededGenerator>
    ) -> CentralServer.Environment {
        CentralServer.Environment(
            now: { clock.withLock { $0 } },
            randomBytes: { count in
                random.withLock { generator in
                    (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
                }
            })
    }

    var environment: CentralServer.Environment { Self.environment(clock, random) }
    var fleet: Fleet { Fleet(store: central, books: books, environment: environment) }
    var bundles: CentralBundles {
        CentralBundles(
            store: central, books: books, environment: environment, attachments: attachments,
            signing: signing,
            codec: codec)
    }

    func pass() { clock.withLock { $0 += 1000 } }

    func pick<T: Sendable>(_ list: [T]) -> T? {
        random.withLock { generator in list.randomElement(using: &generator) }
    }
    func number(_ range: Range<Int>) -> Int { random.withLock { Int.random(in: range, using: &$0) } }

    // MARK: Places

    func hospital(_ code: String = "YF01") async throws -> HospitalRecord {
        try await fleet.add(
            Fleet.Particulars(code: code, name: "Hospital \(code)", policies: ["gx-yongfu"]), by: "tester")
    }

    /// A window of a hospital, enrolled.
    @discardableResult
    func desk(_ name: String, of hospital: HospitalRecord) async throws -> Desk {
        let key = Ed25519.SigningKey()
        let id = DeviceID(
            rawValue: CaseID(
                milliseconds: 1, random: random.withLock { ($0.next(), $0.next()) }))
        let device = DeviceRecord(
            id: id, hospital: hospital.id, publicKey: key.publicKey.bytes, enrolledMilliseconds: 1)
        try await central.write { transaction throws(CentralError) in try transaction.put(device) }
        let store = try open(directory.path + "/" + name)
        try await store.enrol(
            Enrolment(
                hospital: hospital.id, code: hospital.code, name: hospital.name, device: id.description,
                central: "https://central.test", centralKey: signing.publicKey,
                recoveryKey: SealedBox.OpeningKey().publicKey))
        let files = try AttachmentFiles(
            directory: directory.fresh(), key: SecretBytes([UInt8](repeating: 5, count: 32)))
        let lane = try AttachmentLane(files: files, link: NoUploads(), environment: windowEnvironment) { _ in
            true
        }
        let desk = Desk(name, device, key, lane, store)
        desks.append(desk)
        return desk
    }

    private var windowEnvironment: WindowStore.Environment {
        let (clock, random) = (clock, random)
        return WindowStore.Environment(
            milliseconds: { clock.withLock { $0 } }, random: { random.withLock { $0.next() } })
    }

    private func open(_ path: String) throws -> WindowStore {
        try WindowStore(path: path, dictionary: .standard, environment: windowEnvironment)
    }

    // MARK: Backups

    /// Copies a database's files, as a backup would while nobody writes.
    private func copy(_ path: String, to copy: String) throws {
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
        }
    }

    func backUpCentral() throws -> String {
        let backup = directory.fresh()
        try copy(path, to: backup)
        return backup
    }

    /// Central goes on from a backup: plainly copied, as nobody should.
    func restoreCentral(_ backup: String) throws {
        path = directory.fresh()
        try copy(backup, to: path)
        let random = random
        central = try SQLiteCentralStore(path: path, seal: SealKey(.testSeal)) {
            random.withLock { $0.next() }
        }
        books.casebook.shelf.unsettle()
    }

    func backUp(_ desk: Desk, from place: String? = nil) throws -> String {
        let backup = directory.fresh()
        try copy(place ?? directory.path + "/" + desk.name, to: backup)
        return backup
    }

    /// A window goes on from a backup, as a new opening.
    func restore(_ desk: Desk, _ backup: String) throws -> String {
        let place = directory.fresh()
        try copy(backup, to: place)
        desk.store = try open(place)
        return place
    }

    // MARK: What happens

    @discardableResult
    func register(at desk: Desk, _ name: String = "测试一") async throws -> CaseID {
        pass()
        guard let policy = PolicyLibrary.standard["gx-yongfu"] else { throw Broken(what: "no policy") }
        let saved = try await desk.store.newCases(
            [Answers(["childName": .text(name)])], policy: policy, Saving(user: "clerk"))
        guard let id = saved.cases.first.flatMap({ CaseID($0.id) }) else { throw Broken(what: "no case") }
        return id
    }

    /// Central's own change, on the hospital's record.
    func amend(_ hospital: HospitalRecord) async throws {
        pass()
        _ = try await fleet.amend(
            hospital.code,
            to: Fleet.Particulars(
                code: hospital.code, name: "Hospital \(number(0..<1_000_000))", policies: ["gx-yongfu"]),
            by: "tester")
    }

    /// One exchange over the network.
    @discardableResult
    func exchange(_ desk: Desk, budget: UInt64 = 4096) async throws -> Taken {
        pass()
        let outgoing = try await desk.store.compose(bytesMax: 4096, budget: budget)
        let arrival = Intake.Arrival(
            request: try ExchangeRequest(decoding: outgoing.request.encoded), device: desk.device,
            milliseconds: clock.withLock { $0 })
        let answer = try await Intake.commit([arrival], to: central, books)[0].get()
        return try await desk.store.take(try ExchangeResponse(decoding: answer.encoded), for: outgoing)
    }

    /// Writes what waits at a window on a stick; answers the file.
    func export(_ desk: Desk, photos: Bool = false, bytesMax: UInt64? = nil) async throws -> (
        String, BundleReport
    ) {
        pass()
        var order = BundleOrder()
        (order.photos, order.bytesMax) = (photos, bytesMax)
        let path = directory.fresh()
        return (path, try await desk.bundles(self).export(order, as: try newID(), to: path))
    }

    /// Writes what a window lacks on a stick; answers the file.
    func export(for desk: Desk, from: UInt64? = nil) async throws -> (String, BundleReport) {
        pass()
        var order = BundleOrder()
        (order.device, order.from) = (desk.device.id.description, from)
        let path = directory.fresh()
        return (path, try await bundles.export(order, as: try newID(), to: path))
    }

    func newID() throws -> BundleID {
        guard let id = BundleID(bytes: environment.randomBytes(16)) else { throw Broken(what: "no ID") }
        return id
    }

    /// A stick to central, and one back.
    @discardableResult
    func carry(_ desk: Desk) async throws -> BundleReport {
        _ = try await bundles.take(try await export(desk).0, isDryRun: false)
        return try await desk.bundles(self).take(try await export(for: desk).0, isDryRun: false)
    }
}
