import Casework
import CentralServer
import Cryptography
import Foundation
import Registrations
import SyncProtocol
import Web
import WindowAgent

/// What some windows saved in a day without a network: each delivery is registered, corrected once or twice, and accepted.
struct Workday: Sendable {
    /// One hospital's window, and its changes in the order of their sequences.
    struct Window: Sendable {
        let hospital: HospitalID
        let replica: ReplicaID
        let bodies: [[UInt8]]
    }

    let windows: [Window]

    var bodies: [[UInt8]] { windows.flatMap(\.bodies) }

    init(windows count: Int, births: Int, seed: UInt64) async throws {
        var windows: [Window] = []
        for number in 0..<count {
            windows.append(try await Self.window(seed: seed &+ UInt64(number) &* 1_000_003, births: births))
        }
        self.windows = windows
    }

    private static func window(seed: UInt64, births: Int) async throws -> Window {
        let desk = try await Desk(path: nil, seed: seed)
        for _ in 0..<births { try await desk.work() }
        let request = try await desk.store.compose(bytesMax: .max, budget: 0).request
        var runs: [(ReplicaID, [[UInt8]])] = []
        for case .run(let replica, _, _, let bodies) in request.pushes { runs.append((replica, bodies)) }
        guard let replica = runs.first?.0 else { throw WorkdayError.nothing }
        return Window(hospital: desk.hospital, replica: replica, bodies: runs.flatMap(\.1))
    }

    enum WorkdayError: Error { case nothing, template }
}

/// A clerk at a window's store.
final class Desk {
    let store: WindowStore
    let hospital: HospitalID
    /// The computer's key, and what central knows of it.
    let key = Ed25519.SigningKey()
    let device: DeviceRecord
    /// Milliseconds since 1970 by its clock, which goes a second further at each look.
    let time = Guarded(Desk.morning)
    private let policy: Policy
    private var files: CaseFiles
    private var random: SplitMix
    private var saved: [CaseID] = []

    /// 2025-09-29T09:30:00+08:00, the day of the template's application.
    static let morning: UInt64 = 1_759_109_400_000

    /// - Parameter path: nil keeps the store in memory.
    init(
        path: String?, seed: UInt64, sealKey: SecretBytes = SecretBytes([UInt8](repeating: 9, count: 32))
    ) async throws {
        let template = URL(filePath: #filePath).appending(path: "../../Tests/Demo/Births/01.json")
            .standardizedFileURL
        files = try CaseFiles(template: [UInt8](try Data(contentsOf: template)), seed: seed)
        random = SplitMix(state: seed ^ 0x5EED)
        guard let policy = PolicyLibrary.standard["gx-yongfu"] else { throw Workday.WorkdayError.template }
        self.policy = policy
        var names = SplitMix(state: seed ^ 0xCA5E)
        let record = CaseID(milliseconds: Self.morning, random: (names.next(), names.next()))
        hospital = HospitalID(record: record)
        device = DeviceRecord(
            id: DeviceID(rawValue: record), hospital: hospital, publicKey: key.publicKey.bytes,
            enrolledMilliseconds: 1)
        let source = Guarded(names)
        let time = time
        store = try WindowStore(
            path: path ?? "memory-\(seed)", mode: path == nil ? .memory : .create,
            sealKey: sealKey, dictionary: .standard,
            environment: WindowStore.Environment(
                milliseconds: {
                    time.withLock { time in
                        time += 1_000; return time
                    }
                },
                random: { source.withLock { $0.next() } }))
        try await store.enrol(
            Enrolment(
                hospital: hospital, code: "H\(seed)", name: "测试医院", device: record.description,
                central: "https://central.example", centralKey: Ed25519.SigningKey().publicKey,
                recoveryKey: SealedBox.OpeningKey().publicKey))
    }

    /// One delivery: four or five changes.
    func work() async throws {
        let id = try await register()
        try await correct(id)
        if Bool.random(using: &random) { try await correct(id) }
        try await accept(id)
    }

    func register() async throws -> CaseID { try await register([:]).id }

    /// The next delivery, with some answers besides; what was registered, and its number.
    func register(
        _ besides: [String: CBOR]
    ) async throws -> (id: CaseID, answers: Answers, number: String) {
        let file = try CaseFile(JSONEncoder().encode(files.next()).map(\.self), policy: policy)
        let answers = file.answers.overridden(by: besides)
        let saved = try await store.newCases([answers], policy: policy, Saving(user: "clerk")).cases.first
        guard let saved, let id = CaseID(saved.id) else { throw Workday.WorkdayError.nothing }
        return (id, answers, saved.number ?? "")
    }

    func correct(_ id: CaseID) async throws {
        let digits = Int.random(in: 10_000_000...99_999_999, using: &random)
        _ = try await store.edit(
            id, ["motherPhone": .text("199\(digits)"), "childName": .text(files.childName())],
            Saving(user: "clerk"))
    }

    func accept(_ id: CaseID) async throws {
        for step in [CaseStep.submit, .accept] {
            _ = try await store.take(StepOrder(step), on: id, Saving(user: "clerk"))
        }
    }
}
