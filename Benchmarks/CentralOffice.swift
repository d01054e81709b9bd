import Casework
import CentralServer
import Cryptography
import Foundation
import Registrations
import SyncProtocol
import Web

/// A central whose store was filled through its intake with what forty hospitals sent in a year.
struct CentralOffice: Sendable {
    /// Reads of one run.
    static let readCount = 1_000
    private static let hospitals = 40
    private static let changesPerCommit = 100
    /// 2026-10-01T10:00:00+08:00
    private static let now: UInt64 = 1_790_820_000_000
    private static let day: UInt64 = 86_400_000

    private let central: Central
    private let router: Router
    private let cases: [CaseID]

    init(in directory: String, cases count: Int) async throws {
        let random = Guarded(SplitMix(state: 11))
        let environment = CentralServer.Environment(
            now: { Self.now },
            randomBytes: { count in
                random.withLock { random in
                    (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                }
            })
        central = try Central.open(directory: directory, environment: environment)
        router = central.router()
        var births = YearOfBirths(seed: 5)
        let books = Books(
            casebook: Casebook(), receipts: Receipts(key: SecretBytes([UInt8](repeating: 7, count: 32))))
        let intake = Intake(store: central.store, books: books)
        var cases: [CaseID] = []
        for number in 0..<Self.hospitals {
            let device = try await Self.enrol(number, in: central.store)
            let window = try births.window(number, cases: count / Self.hospitals, now: Self.now)
            for writer in window.writers {
                try await Self.send(writer, from: device, to: intake)
            }
            cases.append(contentsOf: window.cases.prefix(Self.readCount / Self.hospitals))
        }
        self.cases = cases
        for department in ["health", "police"] {
            try await call(.post, "/api/v1/departments", #"{"code":"\#(department)","name":"部门"}"#)
        }
        for number in 0..<Self.hospitals {
            let first = 100_000_000 + number * 10_000
            try await call(
                .post, "/api/v1/ranges",
                #"{"hospital":"H\#(number)","first":"Z\#(first)","last":"Z\#(first + 4_999)"}"#)
        }
    }

    private static func enrol(_ number: Int, in store: any CentralStore) async throws -> DeviceRecord {
        let id = { CaseID(milliseconds: $0, random: (UInt64(number), 7)) }
        let hospital = HospitalID(record: id(2))
        let device = DeviceRecord(
            id: DeviceID(rawValue: id(1)), hospital: hospital,
            publicKey: Ed25519.SigningKey().publicKey.bytes, enrolledMilliseconds: 1)
        try await store.write { transaction throws(CentralError) in
            try transaction.put(
                HospitalRecord(id: hospital, code: "H\(number)", name: "测试医院", addedMilliseconds: 1))
            try transaction.put(device)
        }
        return device
    }

    private static func send(
        _ writer: YearOfBirths.Writer, from device: DeviceRecord, to intake: Intake
    ) async throws {
        var chain = Chain.start
        for first in stride(from: 0, to: writer.bodies.count, by: changesPerCommit) {
            let bodies = Array(writer.bodies[first..<min(first + changesPerCommit, writer.bodies.count)])
            var request = ExchangeRequest(hospital: device.hospital, budget: 0, milliseconds: now)
            request.pushes = [
                .run(replica: writer.replica, first: UInt64(first + 1), chain: chain, bodies: bodies)
            ]
            let answer = try await intake.exchange(
                Intake.Arrival(request: request, device: device, milliseconds: now))
            guard answer.stored.first?.sequence == UInt64(first + bodies.count) else {
                throw Workday.WorkdayError.nothing
            }
            for (place, body) in bodies.enumerated() {
                chain = chain.appending(
                    ContentID(
                        replica: writer.replica, sequence: UInt64(first + place + 1), body: body))
            }
        }
    }

    func get(_ target: String) async throws { try await call(.get, target) }

    private func call(_ method: Web.Method, _ target: String, _ body: String = "") async throws {
        try await call(method, target, body, router)
    }

    private func call(
        _ method: Web.Method, _ target: String, _ body: String, _ router: Router
    ) async throws {
        var headers: Headers = ["Authorization": "Bearer \(central.staffToken)"]
        if !body.isEmpty { headers["Content-Type"] = "application/json" }
        let answer = await router.respond(
            to: Request(method, target, headers: headers, body: Array(body.utf8)))
        guard answer.status < 300 else {
            throw Failure(target: target, answer: String(decoding: answer.body, as: UTF8.self))
        }
    }

    struct Failure: Error {
        let target: String
        let answer: String
    }

    /// Reads some cases, and at the end what was recorded, so that nothing waits to be written any more.
    ///
    /// - Returns: the seconds that it took.
    func readCases(isRecorded: Bool) async throws -> Double {
        var router = router
        if !isRecorded { router.witness = { _, _, answer in await answer() } }
        let watched = router
        return try await seconds {
            for id in cases { try await call(.get, "/api/v1/cases/\(id)", "", watched) }
            try await call(.get, "/api/v1/audit?limit=1", "", watched)
        }
    }
}

/// What hospitals registered in a year, made up from a seed: some of it disputed, some of it twice, most of it over.
struct YearOfBirths {
    /// One replica's changes.
    struct Writer {
        let replica: ReplicaID
        fileprivate(set) var bodies: [[UInt8]] = []
        fileprivate var editions: [CaseID: UInt64] = [:]

        fileprivate mutating func write(
            _ caseID: CaseID, _ writes: [GroupID: ChangeContent.Write], at milliseconds: UInt64, unit: String
        ) throws {
            let edition = editions[caseID, default: 0] + 1
            editions[caseID] = edition
            let change = try Change(
                replica: replica, sequence: UInt64(bodies.count + 1), caseID: caseID, edition: edition,
                content: ChangeContent(
                    writes: writes, time: HybridTime(milliseconds: milliseconds),
                    author: Author(role: .window, unit: unit, user: "clerk")))
            bodies.append(change.body)
        }
    }

    private static let names = Array("梓涵雨桐子轩欣怡浩然诗琪宇航思远佳宁俊杰雅婷明哲若曦天佑可馨")
    private static let families = Array("韦覃陆黄李王张刘陈莫蒙罗梁卢农")
    private var random: SplitMix
    private let items: CBOR
    /// Of the registration before.
    private var last: [String: CBOR]?

    init(seed: UInt64) {
        random = SplitMix(state: seed)
        items = .array((PolicyLibrary.standard["gx-yongfu"]?.items ?? []).map { .text($0.code) })
    }

    mutating func window(
        _ hospital: Int, cases count: Int, now: UInt64
    ) throws -> (writers: [Writer], cases: [CaseID]) {
        var own = Writer(replica: ReplicaID(rawValue: random.next()))
        var other = Writer(replica: ReplicaID(rawValue: random.next()))
        var cases: [CaseID] = []
        let unit = "H\(hospital)"
        for number in 0..<count {
            let born = now - UInt64(2 + number % 365) * 86_400_000
            let id = CaseID(milliseconds: born + UInt64(number), random: (random.next(), random.next()))
            cases.append(id)
            try own.write(id, registration(hospital, number, born), at: born, unit: unit)
            try own.write(id, acceptance(born + 86_400_000), at: born + 86_400_000, unit: unit)
            // Three of five are over; the month's are open.
            if number % 5 < 3, number % 365 > 30 {
                let end = CBOR.text(CalendarDate(milliseconds: born + 20 * 86_400_000).description)
                try own.write(
                    id, Self.writes([14: [end, .null]]), at: born + 20 * 86_400_000, unit: unit)
            }
            if number % 100 == 0 {
                try other.write(
                    id, Self.writes([20: [.text("另一个名字")]]), at: born + 60_000, unit: unit)
            }
        }
        return ([own, other], cases)
    }

    private mutating func registration(
        _ hospital: Int, _ number: Int, _ born: UInt64
    ) -> [GroupID: ChangeContent.Write] {
        let family = Self.families.randomElement(using: &random) ?? "韦"
        let given = (0..<2).compactMap { _ in Self.names.randomElement(using: &random) }
        let serial = hospital * 10_000 + number
        var values: [String: CBOR] = [
            "policyID": .text("gx-yongfu"), "policyVersion": .unsigned(1),
            "childName": .text(String(family) + String(given)), "childSex": .text("\(1 + number % 2)"),
            "birthDate": .text(CalendarDate(milliseconds: born).description), "birthTime": .text("08:15"),
            "birthWeightGrams": .unsigned(2_500 + random.next() % 1_500), "plurality": .text("single"),
            "motherName": .text("覃" + String(given.reversed())),
            "motherIdNo": .text(
                "\(450_000 + hospital)1990\(1000 + number % 200)\(String(10_000 + number).suffix(4))"),
            "motherPhone": .text("199\(10_000_000 + serial)"), "items": items,
            "birthCertNo": .text("Z\(100_000_000 + hospital * 10_000 + number)"),
        ]
        // One of fifty is the child of before, registered twice.
        if number % 50 == 1, let last { values.merge(last) { $1 } }
        last = values.filter { !["birthCertNo", "caseNumber"].contains($0.key) }
        // One of five hundred has a number that another has.
        values["caseNumber"] = .text("N\(number % 500 == 1 ? serial - 1 : serial)")
        var writes: [GroupID: ChangeContent.Write] = [:]
        for (group, value) in Answers(values).groups(in: .standard) {
            guard case .array(let members) = value else { continue }
            writes[group] = ChangeContent.Write(value: members, replaces: [])
        }
        return writes
    }

    private func acceptance(_ milliseconds: UInt64) -> [GroupID: ChangeContent.Write] {
        let day = CBOR.text(CalendarDate(milliseconds: milliseconds).description)
        return Self.writes([4: [.text("accept"), day, .null, .null], 5: [day]])
    }

    private static func writes(_ values: [UInt32: [CBOR]]) -> [GroupID: ChangeContent.Write] {
        var writes: [GroupID: ChangeContent.Write] = [:]
        for (group, value) in values {
            writes[GroupID(rawValue: group)] = ChangeContent.Write(value: value, replaces: [])
        }
        return writes
    }
}
