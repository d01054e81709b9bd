import Casework
import Cryptography
import Foundation
import SyncProtocol
import Testing
import Web

@testable import WindowAgent

@Suite("The version of the protocol that this window and central speak", .timeLimit(.minutes(2)))
struct VersionTalkTests {
    private let machine: TestMachine
    private let link: OrderLink

    init() throws {
        machine = try TestMachine()
        link = OrderLink(ModelCentral.with(.test))
    }

    private func exchange(_ store: WindowStore, speaking versions: ClosedRange<UInt64>) async throws
        -> SyncReport
    {
        try await OrderAgent(store, link, machine, versions: versions).running {
            await $0.exchanger.exchangeNow()
        }
    }

    @Test("Two that speak one version speak it; the newest in common is found at once, and remembered")
    func found() async throws {
        let store = try await machine.open()
        _ = try await store.newCase()
        #expect(try await exchange(store, speaking: 1...1).error == nil)
        #expect(await Set(link.asked) == [1])
        #expect(try await store.agreedVersion() == nil)
        let before = await link.asked.count
        #expect(try await exchange(store, speaking: 1...3).error == nil)
        #expect(await link.asked[before..<(before + 2)] == [3, 1])
        #expect(try await store.agreedVersion()?.version == 1)
        // Remembered by the file: another process begins with it.
        let reopened = try await machine.open()
        let agreed = await link.asked.count
        #expect(try await exchange(reopened, speaking: 1...3).error == nil)
        #expect(await Set(link.asked[agreed...]) == [1])
    }

    @Test("The newest is tried again after a day, and after central's epoch has changed; then it is spoken")
    func upgraded() async throws {
        let store = try await machine.open()
        _ = try await exchange(store, speaking: 1...2)
        _ = try await exchange(store, speaking: 1...2)
        var count = await link.asked.count
        _ = try await exchange(store, speaking: 1...2)
        #expect(await Set(link.asked[count...]) == [1])
        machine.pass(milliseconds: VersionChoice.agreementMillisecondsMax)
        await link.withCentral { $0.milliseconds += VersionChoice.agreementMillisecondsMax }
        count = await link.asked.count
        _ = try await exchange(store, speaking: 1...2)
        #expect(await link.asked[count...].prefix(2) == [2, 1])
        await link.withCentral { $0.epoch = Epoch(rawValue: 9) }
        await link.speak(1...2)
        _ = try await exchange(store, speaking: 1...2)  // hears of the epoch
        count = await link.asked.count
        #expect(try await exchange(store, speaking: 1...2).error == nil)
        #expect(await Set(link.asked[count...]) == [2])
        #expect(try await store.agreedVersion() == nil)
    }

    @Test(
        "Nothing in common: one clear line says who needs newer software; changes are kept, clerks go on",
        arguments: [
            (UInt64(2)...3, UInt64(1)...1, "install newer software at this window"),
            (1...1, 2...3, "install newer software at central"),
        ])
    func nothingInCommon(central: ClosedRange<UInt64>, here: ClosedRange<UInt64>, words: String) async throws
    {
        await link.speak(central)
        let store = try await machine.open()
        let id = try await store.newCase()
        let report = try await exchange(store, speaking: here)
        let error = try #require(report.error)
        #expect(error.contains(words) && error.contains("changes are kept"), "\(error)")
        #expect(!error.contains("\n"))
        #expect(try await store.figures().outbox == 1)
        try await store.rename(id, "乙")
        #expect(try await store.figures().outbox == 2)
        // As soon as there is one, everything is sent.
        await link.speak(1...3)
        #expect(try await exchange(store, speaking: here).error == nil)
        #expect(try await store.figures().outbox == 0)
    }

    @Test(
        "A central of a later version with an agent of this one: heads with more members, a verify, an order")
    func laterCentral() async throws {
        await link.speak(1...2, hasExtras: true)
        let store = try await Differing.make(machine, link)
        try await link.withCentral {
            // An entry kind of a later version takes one position, by its link.
            $0.append(.unknown([0x82, 0x18, 0x28, 0x01]), to: .test)
            try $0.order(ResyncOrder(id: "1", kind: "verify", windows: ["device-1"]))
        }
        try await OrderAgent(store, link, machine).running { await $0.work(times: 2) }
        let central = await link.central
        #expect(central.orderBook.report(of: "1", by: "device-1")?.stage == .done)
        #expect(await Set(link.asked) == [1])
        #expect(try await store.count("SELECT count(*) FROM kept_entry") == 1)
        #expect(try await store.figures().sync.place.point == central.feeds[.test]?.head)
    }

    @Test("An agent of a later version with a central of this one verifies in the version agreed")
    func laterAgent() async throws {
        let store = try await Differing.make(machine, link)
        try await OrderAgent(store, link, machine, versions: 1...2).running { agent in
            let verifier = Verifier(store: store, exchanger: agent.exchanger, link: link)
            let report = try await verifier.run()
            #expect(report.isMended == true)
        }
        #expect(try await store.agreedVersion()?.version == 1)
    }

    @Test("Offline for 90 days, central upgraded meanwhile: the old window still sends, and hears everything")
    func ninetyDays() async throws {
        let store = try await machine.open()
        let id = try await store.newCase()
        _ = try await exchange(store, speaking: 1...1)
        for day in 0..<3 { try await store.rename(id, "第\(day)天") }
        machine.pass(milliseconds: 90 * 24 * 3600 * 1000)
        await link.speak(1...3, hasExtras: true)
        try await link.withCentral {
            $0.milliseconds += 90 * 24 * 3600 * 1000
            $0.restart(replica: 0xC7)
            $0.append(.unknown([0x82, 0x18, 0x28, 0x01]), to: .test)
            $0.accept(try Later.change(on: id, group: 77_001), for: nil)
            try $0.write([try group("notes"): .init(value: [.text("x")], replaces: [])], on: id)
        }
        #expect(try await exchange(store, speaking: 1...1).error == nil)
        try await link.central.expectSettled(with: store)
    }

    /// A central over HTTP that speaks some versions, and answers with the version that it is told to.
    private final class Answering: Handler {
        let versions: ClosedRange<UInt64>
        let told: UInt64?
        let types = Guarded<[String]>([])

        init(_ versions: ClosedRange<UInt64>, told: UInt64? = nil) {
            (self.versions, self.told) = (versions, told)
        }

        func respond(to request: Request) async throws -> Response {
            let type = request.headers["Content-Type"] ?? ""
            types.withLock { $0.append(type) }
            guard let version = SyncMessage.exchange.version(in: type), versions.contains(version) else {
                let list = versions.map { "\($0)" }.joined(separator: ",")
                let problem =
                    #"{"type":"urn:birthwindow:problem:unsupported-version","title":"t","status":400,"versions":[\#(list)]}"#
                return .bytes(Array(problem.utf8), type: Web.Problem.mediaType, status: 400)
            }
            var response = ExchangeResponse(
                epoch: Epoch(rawValue: 1), head: .start, from: 0, milliseconds: TestMachine.start,
                fingerprint: .empty)
            response.version = told ?? version
            let frame = try Zstandard.compress(
                response.encoded, dictionary: try ZstandardDictionary(ExchangeDictionary.bytes))
            return .bytes(frame, type: SyncMessage.exchange.mediaType(version: version))
        }
    }

    private func overHTTP(_ central: Answering, _ body: (Exchanger) async throws -> Void) async throws {
        let server = try Server(configuration: Server.Configuration(), handler: central)
        let address = "http://127.0.0.1:\(server.port)"
        let key = Ed25519.SigningKey()
        let link = HTTPCentralLink(
            address: { HTTPCentralLink.Address(central: address, device: "device-1") }, key: { key },
            dictionary: try ZstandardDictionary(ExchangeDictionary.bytes), environment: machine.environment)
        let store = try await machine.open()
        let exchanger = Exchanger(
            store: store, link: link, environment: machine.environment,
            schedule: SyncSchedule(idleSeconds: 86_400), versions: 1...2)
        let run = Task { await exchanger.run() }
        try await body(exchanger)
        run.cancel()
        await run.value
    }

    @Test("Over HTTP the problem's versions are understood, and the media type follows the version")
    func problem() async throws {
        let central = Answering(1...1)
        try await overHTTP(central) { #expect(await $0.exchangeNow().error == nil) }
        #expect(
            central.types.withLock { $0.prefix(2) } == [
                SyncMessage.exchange.mediaType(version: 2), SyncMessage.exchange.mediaType(version: 1),
            ])
        try await overHTTP(Answering(7...9)) { exchanger in
            let error = await exchanger.exchangeNow().error ?? ""
            #expect(
                error.contains("Central speaks version 7, 8, 9 of the protocol, this window version 1, 2"))
        }
    }

    @Test("A list of more versions than are looked at is a refusal like any other")
    func tooManyVersions() async throws {
        try await overHTTP(Answering(100...200)) { exchanger in
            let error = await exchanger.exchangeNow().error ?? ""
            #expect(error.contains("Central declined (HTTP 400)"), "\(error)")
        }
    }

    @Test("An answer of another version than the one asked in is not used")
    func otherVersion() async throws {
        try await overHTTP(Answering(1...2, told: 1)) { exchanger in
            let error = await exchanger.exchangeNow().error ?? ""
            #expect(error.contains("it is of version 1 of the protocol"), "\(error)")
        }
    }
}

/// What a later version writes.
enum Later {
    /// A change of schema 2: its head is frozen, the rest is not known here.
    static func opaque(on caseID: CaseID, sequence: UInt64 = 1) throws -> Change {
        var writer = CBORWriter()
        writer.writeArray(5)
        writer.write(caseID.bytes)
        writer.write(sequence)
        writer.write(UInt64(2))
        writer.write("later")
        writer.write(CBOR.array([.unsigned(7), .null]))
        return try Change(replica: ReplicaID(rawValue: 0x1A7E), sequence: sequence, body: writer.bytes)
    }

    /// A change of schema 1 with a member that is not known here, and a group that is not in the dictionary.
    static func change(on caseID: CaseID, group: UInt32, sequence: UInt64 = 1) throws -> Change {
        let content = ChangeContent(
            writes: [GroupID(rawValue: group): .init(value: [.text("later"), .bool(true)], replaces: [])],
            time: HybridTime(milliseconds: TestMachine.start),
            author: Author(role: .central, unit: "", user: "later"))
        let replica = ReplicaID(rawValue: 0x1A7F)
        let plain = try Change(
            replica: replica, sequence: sequence, caseID: caseID, edition: sequence, content: content)
        // [case, edition, 1, {…}]: the content is the last item, and begins after 1 + 17 + 1 + 1 bytes.
        let start = 20
        guard case let body = plain.body, 0xA0...0xB0 ~= body[start] else { throw Broken(what: "the body") }
        let more =
            body[..<start] + [body[start] + 1] + body[(start + 1)...] + [0x18, 50, 0x63, 0x6E, 0x65, 0x77]
        return try Change(replica: replica, sequence: sequence, body: Array(more))
    }
}
