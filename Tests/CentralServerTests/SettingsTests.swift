import Casework
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("Settings that central says")
struct SettingsTests {
    private let world: World

    init() throws { world = try World() }

    private func set(_ words: [String: String], for code: String? = nil, reason: String = "r") async throws {
        world.clock.withLock { $0 += 1000 }
        try await world.settingsDesk.set(
            SettingsDesk.Order(words: words, code: code, reason: reason, user: "staff"))
    }

    @Test("A hospital's come before those for all, later hospitals have those for all, and auto takes back")
    func sources() async throws {
        _ = try await (world.hospital("H1"), world.hospital("H2"))
        try await set(["metered": "yes", "wipe-departed": "30"])
        try await set(["metered": "no", "budget": "5MB"], for: "H1")
        let first = try await world.settingsDesk.sources(of: "H1")
        #expect(first.line(.metered) == ("no", .hospital) && first.line(.budget) == ("5MB", .hospital))
        #expect(first.line(.wipeDeparted) == ("30", .all) && first.line(.photos) == ("always", .usual))
        #expect(try await world.settingsDesk.sources(of: "H2").line(.metered) == ("yes", .all))
        _ = try await world.hospital("H3")
        #expect(try await world.settingsDesk.sources(of: "H3").line(.metered) == ("yes", .all))
        try await set(["metered": "auto"], for: "H1")
        #expect(try await world.settingsDesk.sources(of: "H1").line(.metered) == ("yes", .all))
        #expect(try await world.settingsDesk.sources(of: "H1").line(.budget) == ("5MB", .hospital))
        #expect(try await world.settingsDesk.sources(of: nil).line(.budget) == ("none", .usual))
    }

    @Test("They go with the feed, in one change with its reason; the same again writes nothing")
    func feed() async throws {
        let ward = try await world.hospital("H1")
        try await set(["photos": "20:00-06:00"], for: "H1", reason: "白天带宽不足")
        let feed = try await world.feed(of: ward.hospital.id)
        let change = try #require(try feed.last?.change)
        #expect(change.content?.reason == "白天带宽不足" && change.content?.author.role == .central)
        #expect(change.caseID == ward.hospital.id.record)
        try await set(["photos": "20:00-06:00"], for: "H1")
        try await set(["schedule": "auto"], for: "H1")
        #expect(try await world.feed(of: ward.hospital.id) == feed)
        try await set(["photos": "never"], for: "H1")
        let state = try await world.state(of: ward.hospital.id.record)
        #expect(state.registers[GroupID(rawValue: 9003)]?.standing.count == 1, "it replaces what stood")
    }

    @Test("What a window writes there is set aside, and words of a later version stay")
    func forged() async throws {
        let ward = try await world.hospital("H1")
        var writer = Writer(5)
        let value = CBOR.map([.init(key: .text("link.metered"), value: .text("yes"))])
        try writer.write(ward.hospital.id.record, [9003: ([value], [])])
        try await ward.push(writer.run())
        #expect(try await world.caches().asides.map(\.reasons) == [["owner:9003"]])
        #expect(try await world.settingsDesk.sources(of: "H1").line(.metered) == ("no", .usual))
    }

    @Test(
        "A word or a value that is not known, no reason, a long one, and an unknown hospital are refused",
        arguments: [
            (["metered": "maybe"], "H1", "r"), (["speed": "9"], "H1", "r"), ([:], "H1", "r"),
            (["metered": "yes"], "H9", "r"), (["metered": "yes"], "H1", ""),
            (["metered": "yes", "tidy-materials": "3651"], "H1", "r"),
            (["metered": "yes"], "H1", String(repeating: "x", count: SyncProtocol.Limits.reasonBytesMax + 1)),
        ] as [([String: String], String, String)])
    func refused(words: [String: String], code: String, reason: String) async throws {
        let ward = try await world.hospital("H1")
        let feed = try await world.feed(of: ward.hospital.id)
        await #expect(throws: CentralError.self) { try await set(words, for: code, reason: reason) }
        #expect(try await world.feed(of: ward.hospital.id) == feed)
    }
}
