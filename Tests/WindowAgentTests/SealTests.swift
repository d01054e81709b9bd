import Accounts
import Cryptography
import Foundation
import OpenText
import SealedWindow
import SyncProtocol
import Testing

@testable import Persistence
@testable import WindowAgent

@Suite("A window's store is sealed")
struct SealTests {
    /// What a column holds; DESIGN section 10 allows no more to lie open than the first six.
    enum Holds: String {
        case id, counter, state, time, size, token
        /// Sealed under the store's key or a case's.
        case sealed
        /// A sealed text.
        case sealedText
        /// 32 bytes that were hidden.
        case digest
        /// A name that was hidden.
        case name
    }

    /// Every column of every table. What is new is to be put here, with what it holds.
    static let columns: [String: String] = [
        "agreed_version": "id=id version=id epoch=id software=id agreed_at=time",
        "audit_line": "sequence=counter at=time case_id=id line=sealed chain=token",
        "audit_log": "id=id log=id cut=counter cut_chain=token sequence=counter chain=token",
        "attachment_backup": "hash=digest", "attachment_name": "hash=digest case_id=id",
        "bundle_export":
            "number=counter id=id exported_at=time bytes=size changes=counter photos=counter photos_left=counter last_change=counter is_repair=state",
        "cache_maker": "id=id fingerprint=digest",
        "case_cache":
            "case_id=id fingerprint=digest changes=counter conflicts=counter asides=counter forked=counter changed_at=time summary=sealed is_stale=state open_policy=id stage=state returned=counter archived=state",
        "case_key": "case_id=id sealed_key=token", "certificate_use": "number=name case_id=id case_number=id",
        "change":
            "number=counter content=digest replica=id sequence=counter case_id=id edition=counter variant=counter body=sealed own_replica=counter chain=digest receipt=token position=counter saved_at=time",
        "contact": "id=id at=time", "counter": "day=time value=counter",
        "departed": "case_id=id position=counter departed_at=time",
        "draft": "id=id content=sealed kept_at=time", "due_item": "case_id=id item=id department=id due=time",
        "duplicate_key": "token=token case_id=id",
        "enrolment":
            "id=id hospital=id code=id name=sealedText device=id central=id enrolled_at=time central_key=id recovery_key=id",
        "erased_attachment": "hash=digest", "erasure_due": "id=id since=time",
        "feed_backup": "id=id position=counter",
        "given_up_journal": "journal=id",
        "issued_certificate": "policy=id issued=time case_id=id number=name case_number=id",
        "kept_entry": "position=counter replica=id sequence=counter item=sealed",
        "kept_less": "id=id cases=counter files=counter bytes=size", "link_setting": "name=id value=state",
        "link_traffic": "day=time exchanges=counter photos=counter",
        "loss": "case_id=id unseen=counter decided_at=time", "migration": "sequence=counter identifier=id",
        "offer": "change=counter rank=state",
        "order_run":
            "id=id order_id=id begun_at=time differing=counter sent=counter received=counter",
        "outbox": "change=counter queued_at=time tries=counter tried_at=time last_error=state",
        "recovery_sheet": "id=id salt=token sealed=token made_at=time",
        "refusal": "replica=id sequence=counter reason=state told_at=time",
        "renamed_change":
            "content=digest replica=id sequence=counter body=sealed renamed_to=id saved_at=time",
        "replica":
            "number=counter id=id sequence=counter chain=digest confirmed=counter backed_up=counter is_broken=state opened_at=time",
        "save": "number=counter id=id request=digest answer=sealed saved_at=time", "seal": "id=id mark=token",
        "session": "id=digest account=id password=digest began=time seen=time",
        "second_copy": "journal=id through=counter segment=id records=counter bytes=size begun_at=time",
        "second_copy_place": "id=id path=state allows_same_disk=state",
        "sync_state":
            "id=id epoch=id position=counter chain=digest fingerprint=digest witness_position=counter witness_chain=digest repair_cause=state repair_after=id repair_only=id repair_compared=state repair_rounds=counter repair_head_position=counter repair_head_chain=digest mismatch_at=time clock_offset=time clock_stepped_back=state mended_at=time",
        "wanted": "case_id=id",
        "wiped_change":
            "content=digest case_id=id replica=id sequence=counter edition=counter position=counter",
    ]

    private static let texts = [
        "韦梓涵韦梓涵", "覃丽丽覃", "450326199505051228", "13977312345", "永福县罗锦镇金福街12号", "测试卫生院",
    ]

    private let machine: TestMachine

    init() throws { machine = try TestMachine() }

    /// A day's work: registrations, a draft, a save that is remembered, changes that go and come.
    private func work(_ store: WindowStore) async throws -> CaseID {
        var central = ModelCentral.with(.test)
        let texts = Self.texts
        let id = try await store.newCase(
            [
                "childName": .text(texts[0]), "motherName": .text(texts[1]), "motherIdNo": .text(texts[2]),
                "motherPhone": .text(texts[3]), "note": .text(texts[4]),
            ], saveID: "save-1")
        _ = try await store.edit(id, ["note": .text(texts[4] + "2")], .clerk)
        try await store.keepDraft("draft-1", Array(texts.joined().utf8))
        try await central.settle(with: store)
        try central.write([try group("notes"): .init(value: [.text(texts[1])], replaces: [])], on: id)
        try await central.settle(with: store)
        _ = try await store.newCase(["childName": .text(texts[1])])
        var line = AuditLine(.read, at: 1, site: .window, route: "GET /cases/{id}")
        line.reason = texts.joined()
        line.touch(id)
        try await store.record([line])
        return id
    }

    @Test("After a day's work nothing personal lies open in any file, and all of it can be read")
    func nothingOpen() async throws {
        let store = try await machine.open()
        let id = try await work(store)
        #expect(try OpenText(Self.texts).found(in: machine.directory) == [])
        try await store.emptyLog()
        #expect(try OpenText(Self.texts).found(in: machine.directory) == [])
        let again = try await machine.open()
        #expect(try await again.state(of: id).texts("childName", in: .standard) == [Self.texts[0]])
        #expect(try await again.draft("draft-1") == Array(Self.texts.joined().utf8))
        #expect(try await again.cases(limit: 9).contains { $0.summary.childName == Self.texts[0] })
        #expect(try await again.loadEnrolment()?.name == "测试卫生院")
        try await again.expectSound()
    }

    @Test("Every column of every table is known, and holds what it is said to hold")
    func classes() async throws {
        _ = try await work(machine.open())
        let database = try Database(
            path: machine.path(), mode: .readOnly, applicationID: WindowSchema.applicationID)
        try SQLConnection.file(database).openSeals(.testSeal)
        let migrations = StoredTable(name: "migration", columns: ["sequence", "identifier"])
        for table in try database.storedTables() + [migrations] {
            let known = (Self.columns[table.name] ?? "").split(separator: " ").map {
                $0.split(separator: "=")
            }
            #expect(
                Set(known.map { String($0[0]) }) == Set(table.columns),
                "\(table.name): say what each column holds")
            let holds = Dictionary(
                uniqueKeysWithValues: known.map { (String($0[0]), Holds(rawValue: String($0[1]))) })
            try database.forEachRow(of: table) { values in
                for (column, value) in zip(table.columns, values) {
                    let isFit =
                        (holds[column] ?? nil).map { Self.fits(value, $0, database.connection.seals) }
                        ?? false
                    #expect(isFit, "\(table.name).\(column)")
                }
            }
        }
    }

    private static func fits(_ value: SQLiteValue, _ holds: Holds, _ seals: Seals?) -> Bool {
        switch (holds, value) {
        case (_, .null), (.id, _), (.state, .integer), (.state, .text), (.token, .blob): true
        case (.counter, .integer), (.time, .integer), (.time, .text), (.size, .integer): true
        case (.sealed, .blob(let bytes)): bytes.count > 40 && [0, 1].contains(bytes[0])
        case (.sealedText, .text(let text)): [UInt8](hexadecimal: text).map { $0.count > 40 } ?? false
        case (.digest, .blob(let bytes)): bytes.count == 32
        case (.name, .text(let text)): seals?.open(name: text) != nil
        default: false
        }
    }

    @Test("A store of before is sealed whole when it is opened, and nothing of it lies open any more")
    func older() async throws {
        let id: CaseID
        let log: [Change]
        do {
            let store = try await machine.open()
            id = try await work(store)
            log = try await store.log()
            try await store.emptyLog()
        }
        try Unsealing.run(machine.path())
        #expect(try !OpenText(Self.texts).found(in: machine.directory).isEmpty)
        let store = try await machine.open()
        #expect(try OpenText(Self.texts).found(in: machine.directory) == [])
        for suffix in ["", "-wal"] {
            let content = (try? Data(contentsOf: URL(filePath: machine.path() + suffix))) ?? Data()
            for change in log {
                #expect(content.range(of: Data(change.id.bytes)) == nil, "a content ID lies open")
            }
        }
        #expect(try await store.log() == log)
        #expect(try await store.state(of: id).texts("childName", in: .standard) == [Self.texts[0]])
        #expect(try await store.draft("draft-1") == Array(Self.texts.joined().utf8))
        #expect(try await store.cases(limit: 9).count == 2)
        try await store.expectSound()
    }

    @Test("Wiping a case that left destroys its key")
    func wiped() async throws {
        let store = try await machine.open()
        var central = ModelCentral.with(.test)
        let id = try await store.newCase()
        try await central.settle(with: store)
        #expect(try await store.count("SELECT count(*) FROM case_key") == 1)
        central.leave(id, .test)
        try await central.settle(with: store)
        #expect(try await store.wipe(departed: id) > 0)
        #expect(try await store.count("SELECT count(*) FROM case_key") == 0)
    }

    @Test("With another key the store is not opened, and stays as it is")
    func otherKey() async throws {
        _ = try await work(machine.open())
        #expect(throws: DatabaseError.self) {
            try WindowStore(
                path: machine.path(), sealKey: SecretBytes(randomCount: 32), dictionary: .standard,
                environment: machine.environment)
        }
        try await machine.open().expectSound()
    }
}

/// Makes a store as the programs kept it before stores were sealed.
enum Unsealing {
    static func run(_ path: String) throws {
        let database = try Database(path: path, mode: .open, applicationID: WindowSchema.applicationID)
        let store = SQLConnection.file(database)
        try store.openSeals(.testSeal)
        let seals = try #require(database.connection.seals)
        // Parents are emptied before their children.
        try run("PRAGMA foreign_keys = OFF", on: database)
        for table in try database.storedTables() {
            let holds = (SealTests.columns[table.name] ?? "").split(separator: " ").map {
                $0.split(separator: "=")
            }
            var rows: [[SQLiteValue]] = []
            try database.forEachRow(of: table) { rows.append($0) }
            let plain = try rows.map { row in
                try zip(table.columns, row).map { column, value in
                    let kind = holds.first { $0[0] == column }.map { String($0[1]) }
                    return try open(value, kind ?? "", "\(table.name).\(column)", seals)
                }
            }
            try run("DELETE FROM \"\(table.name)\"", on: database)
            try database.append(to: table) { append throws(DatabaseError) in
                for row in plain { try append(row) }
            }
        }
        try run("DROP TABLE seal", on: database)
        try run("DROP TABLE case_key", on: database)
        // What came after the sealing is not there yet either.
        for table in [
            "session", "contact", "audit_line", "audit_log", "erased_attachment", "given_up_journal",
            "erasure_due",
        ] {
            try run("DROP TABLE \(table)", on: database)
        }
        for index in ["case_cache_disputed", "case_cache_aside"] {
            try run("DROP INDEX \(index)", on: database)
        }
        try run("DELETE FROM migration WHERE identifier >= '0022'", on: database)
        let earlier = WindowSchema.migrations.migrations.prefix { $0.identifier.description < "0022" }
        try database.connection.setHeader("user_version", to: Int32(earlier.count))
    }

    private static func run(_ sql: String, on database: Database) throws {
        _ = try Statement(text: sql, on: database.connection).step()
    }

    private static func open(
        _ value: SQLiteValue, _ kind: String, _ place: String, _ seals: Seals
    ) throws -> SQLiteValue {
        let column = place == "renamed_change.body" ? StoredChange.place : place
        return switch (kind, value) {
        case ("sealed", .blob(let bytes)): .blob(try #require(try seals.open(bytes, column)))
        case ("sealedText", .text(let text)): .text(try #require(try seals.open(text: text, column)))
        case ("digest", .blob(let bytes)): .blob(try #require(seals.open(digest: bytes)))
        case ("name", .text(let text)): .text(try #require(seals.open(name: text)))
        default: value
        }
    }
}

extension WindowStore {
    /// Moves what is in the database's log into its file.
    fileprivate func emptyLog() throws { try database.checkpoint() }
}
