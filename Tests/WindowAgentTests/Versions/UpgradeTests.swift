import Casework
import Foundation
import SealedWindow
import SyncProtocol
import Testing

@testable import Persistence
@testable import WindowAgent

@Suite("What another version of the program wrote", .timeLimit(.minutes(2)))
struct UpgradeTests {
    private let machine: TestMachine
    init() throws { machine = try TestMachine() }

    @Test("What is not understood is kept, shown by its rule, and brought back to central byte for byte")
    func roundTrip() async throws {
        var central = ModelCentral.with(.test)
        let store = try await machine.open()
        let id = try await store.newCase()
        try await central.settle(with: store)
        let opaque = try Later.opaque(on: id)
        let member = try Later.change(on: id, group: 77_001)
        #expect(opaque.content == nil && member.content != nil)
        for change in [opaque, member] { central.accept(change, for: nil) }
        try await central.settle(with: store)
        try await central.expectSettled(with: store)
        let state = try await store.state(of: id)
        #expect(state.count == 3 && state.fingerprint == central.state(of: id).fingerprint)
        #expect(state.registers[GroupID(rawValue: 77_001)]?.standing.count == 1)
        // Central is put back to nothing: everything comes from here again, also what nobody here can read.
        var restored = ModelCentral.with(.test)
        restored.epoch = Epoch(rawValue: 2)
        restored.restart(replica: 0xC5)
        central = restored
        try await central.settle(with: store)
        let held = central.changes[id, default: []]
        #expect(held.first { $0.id == opaque.id }?.body == opaque.body)
        #expect(held.first { $0.id == member.id }?.body == member.body)
        try await central.expectSettled(with: store)
    }

    @Test("Another clerk's edit keeps the members and the groups that this version does not know")
    func editBeside() async throws {
        var central = ModelCentral.with(.test)
        let store = try await machine.open()
        let id = try await store.newCase()
        try await central.settle(with: store)
        central.accept(try Later.change(on: id, group: 77_001), for: nil)
        try await central.settle(with: store)
        try await store.rename(id, "乙")
        try await central.settle(with: store)
        let standing = central.state(of: id).registers[GroupID(rawValue: 77_001)]?.standing
        #expect(standing?.map(\.value) == [[.text("later"), .bool(true)]])
    }

    @Test(
        "A policy of a later format is kept and said to need newer software; the newest that can be read is used"
    )
    func laterPolicy() async throws {
        var central = ModelCentral.with(.test)
        let store = try await machine.open()
        try central.publish(try policyFile(version: 2))
        guard var members = try JSON(parsing: try policyFile(version: 3)).members else {
            throw Broken(what: "the policy")
        }
        members["format"] = .number(3)
        members["newThing"] = .text("x")
        let later = PublishedPolicy(
            id: "gx-yongfu", version: 3,
            file: try PolicyLibrary.minified(try JSONBytes.of(.object(members)), file: "later"))
        for part in later.parts { try central.record(part, in: "publishedPolicy") }
        try await central.settle(with: store)
        let rules = try await store.rules()
        #expect(rules.policies["gx-yongfu"]?.version == 2)
        #expect(rules.faults.count == 1)
        #expect(rules.faults[0].contains("gx-yongfu version 3: format: needs newer software"))
        // It is in the record, whole: a later program reads it.
        #expect(rules.record.policies.contains(later))
        try await central.expectSettled(with: store)
    }

    /// The shipped dictionary as an older program had it.
    private func dictionary(without groups: Set<UInt32>) throws -> FieldDictionary {
        let file = URL(filePath: #filePath).appending(path: "../../../../Sources/Casework/Fields.json")
            .standardizedFileURL
        guard var members = try JSON(parsing: [UInt8](try Data(contentsOf: file))).members,
            case .list(let list)? = members["groups"]
        else { throw Broken(what: "the dictionary") }
        members["groups"] = .list(
            list.filter { group in
                guard case .number(let id)? = group.members?["id"] else { return true }
                return !groups.contains { Decimal($0) == id }
            })
        return try FieldDictionary(json: try JSONBytes.of(.object(members)))
    }

    @Test("After an upgrade what was kept is understood: caches that another program made are made anew")
    func understood() async throws {
        let notes = try group("notes")
        let path = machine.path()
        var central = ModelCentral.with(.test)
        let old = try WindowStore(
            path: path, dictionary: try dictionary(without: [notes.rawValue]),
            environment: machine.environment)
        try await old.enrol(.test())
        let id = try await old.newCase()
        try await central.settle(with: old)
        // Two values beside each other in a group that the old program does not know: a conflict, to it.
        for text in ["x", "y"] {
            try central.write([notes: .init(value: [.text(text)], replaces: [])], on: id)
        }
        try await central.settle(with: old)
        #expect(try await old.cases(limit: 1).first?.conflicts == 1)
        let new = try await machine.open()
        #expect(try await new.count("SELECT count(*) FROM case_cache WHERE is_stale = 1") > 0)
        let isUnion = FieldDictionary.standard.group(named: "notes")?.rule == .union
        #expect(try await new.cases(limit: 1).first?.conflicts == (isUnion ? 0 : 1))
        #expect(isUnion)
        try await new.expectSound()
        // The same program again has nothing to make anew.
        let again = try await machine.open()
        #expect(try await again.count("SELECT count(*) FROM case_cache WHERE is_stale = 1") == 0)
    }

    /// Makes a file of an older schema that holds what the source holds, as far as its tables go.
    private func carry(_ count: Int) throws {
        let database = try Database(
            path: machine.path("old.sqlite"), mode: .create, applicationID: WindowSchema.applicationID)
        try Migrator(Array(WindowSchema.migrations.migrations.prefix(count))).migrate(database)
        try database.execute("ATTACH ? AS source", .text(machine.path("plain.sqlite")))
        try database.execute(
            "INSERT INTO replica (number, id, sequence, chain, opened_at) SELECT number, id, sequence, chain, opened_at FROM source.replica"
        )
        try database.execute(
            """
            INSERT INTO change (number, content, replica, sequence, case_id, edition, body, own_replica, chain, saved_at)
            SELECT number, content, replica, sequence, case_id, edition, body, own_replica, chain, saved_at
            FROM source.change
            """)
        if count >= 2 {
            try database.execute(
                """
                INSERT INTO enrolment (id, hospital, code, name, device, central, enrolled_at)
                SELECT id, hospital, code, name, device, central, enrolled_at FROM source.enrolment
                """)
            try database.execute(
                "INSERT INTO outbox (change, queued_at) SELECT change, queued_at FROM source.outbox")
        }
        try database.execute("DETACH source")
    }

    @Test("A window's file of every older schema opens, and holds what it held", arguments: 1...7)
    func oldFiles(count: Int) async throws {
        #expect(count <= WindowSchema.migrations.migrations.count)
        // What the file holds: written by this program, and carried over as far as the old tables go.
        let source = try await machine.open("source.sqlite")
        let id = try await source.newCase()
        try await source.rename(id, "乙")
        try machine.copy("source.sqlite", to: "plain.sqlite")
        try Unsealing.run(machine.path("plain.sqlite"))
        try carry(count)
        let store = try await machine.open("old.sqlite")
        // A window of before central's keys were told is enrolled again.
        if count < 8 { try await store.enrol(.test()) }
        #expect(try await store.log() == source.log())
        #expect(try await store.cases(limit: 10).map(\.id) == [id])
        #expect(try await store.view(of: id).text("childName") == "乙")
        if count >= 2 {
            var central = ModelCentral.with(.test)
            try await central.settle(with: store)
            try await central.expectSettled(with: store)
        }
    }
}
