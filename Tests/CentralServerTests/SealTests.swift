import Accounts
import Casework
import Cryptography
import Foundation
import OpenText
import SyncProtocol
import Testing

@testable import CentralServer
@testable import Persistence

@Suite("Central's store is sealed")
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
        /// A digest that was hidden, or an ID of another length.
        case hidden
        /// A name that was hidden, perhaps behind what it is ordered by.
        case name
    }

    /// Every column of every table. What is new is to be put here, with what it holds.
    static let columns: [String: String] = [
        "act": "number=counter",
        "alarm": "kind=state subject=id count=counter first=time last=time",
        "aside": "case_id=id content=digest reasons=state dots=id",
        "audit_anchor": "device=id log=id sequence=counter chain=token received=time",
        "audit_line": "sequence=counter at=time case_id=id line=sealed chain=token",
        "audit_log": "id=id log=id cut=counter cut_chain=token sequence=counter chain=token",
        "attachment_backup": "hash=digest", "attachment_name": "hash=digest case_id=id",
        "attachment_want": "device=id hash=digest asked=time",
        "bundle_answer": "device=id number=counter answer=sealed", "cache_maker": "id=id fingerprint=digest",
        "case_arrival": "case_id=id lag=time",
        "case_cache":
            "case_id=id changes=counter fingerprint=digest conflicts=counter asides=counter forked=counter last=time last_time=time",
        "case_course": "case_id=id policy=id version=id ended=time archived=state",
        "case_fact": "case_id=id hospital=id first_day=time last_day=time last_due=time facts=sealed",
        "case_key": "case_id=id sealed_key=token",
        "case_number": "kind=state number=name case_id=id shared=state",
        "certificate_range": "record=id first=name last=name assigned=time",
        "change":
            "number=counter replica=id sequence=counter content=digest case_id=id edition=counter chain=digest body=sealed received=time",
        "conflict": "case_id=id group_id=id dots=id",
        "contact":
            "device=id at=time clock_error=time cursor=counter repair=state outbox=counter oldest=time software=id sent_at=time bundle=id",
        "department": "code=id name=sealedText token_hash=token disabled=state old_hash=token old_until=time",
        "desk_entry":
            "case_id=id kind=state subject=hidden since=time precedence=counter group_id=id hospital=id assignee=id policy=id",
        "device":
            "id=id hospital=id public_key=id enrolled=time revoked=state next_public_key=id last_replica=id",
        "device_condition": "device=id at=time protocol=id condition=sealed rules=sealed",
        "duplicate_case": "case_id=id fingerprint=digest merged_into=id",
        "duplicate_key": "token=token case_id=id",
        "duplicate_pair": "first_case=id second_case=id score=counter codes=state state=state since=time",
        "erased_attachment": "hash=digest", "erasure_due": "id=id since=time",
        "enrolment_token": "hash=token hospital=id expires=time device=id",
        "feed":
            "hospital=id position=counter kind=state change=counter case_id=id chain=digest fingerprint=digest receipt=token",
        "feed_backup": "hospital=id position=counter",
        "hospital":
            "id=id code=id name=sealedText added=time position=counter chain=digest fingerprint=digest",
        "key_mark": "name=id mark=token",
        "lag_sample": "hospital=id hour=time lag=counter outbox=counter oldest=time silent=time",
        "log_end": "id=id number=counter",
        "meta": "name=id value=counter", "migration": "sequence=counter identifier=id",
        "open_item": "case_id=id item=id department=id hospital=id due=time since=time waits=state",
        "published_policy": "id=id version=id record=id",
        "record_calendar": "record=id year=time days=sealed",
        "record_setting": "record=id name=id content=sealedText",
        "replica": "id=id device=id length=counter chain=digest backed_up=counter",
        "result": "department=id id=name change=digest case_id=id",
        "rules_mark": "id=id mark=counter",
        "scope": "case_id=id hospital=id entered=counter left=counter", "seal": "id=id mark=token",
        "session": "id=digest account=id password=digest began=time seen=time",
        "signed_nonce": "device=id nonce=token at=time",
        "task": "department=id case_id=id item=id state=state reason=sealedText mark=hidden turn=counter",
        "task_claim": "department=id case_id=id item=id holder=id expires=time",
        "task_turn": "department=id turn=counter",
        "unreadable":
            "replica=id sequence=counter content=digest chain=digest hospital=id reason=state received=time body=sealed settled=state",
        "verified_backup": "id=id name=id made=time verified=time",
        "voided_certificate": "number=name record=id day=time",
        "waiting":
            "content=digest replica=id sequence=counter hospital=id device=id received=time body=sealed settled=state",
        "withdrawn_policy": "id=id version=id record=id",
    ]

    private static let texts = [
        "韦梓涵韦梓涵", "覃丽丽覃", "450326199505051228", "13977312345", "永福县罗锦镇金福街12号", "T450012345",
    ]

    /// A day's work: cases with everything personal in them, one that left, strays, a stock with voids.
    private func work(_ world: World) async throws -> Ward {
        let (ward, _) = try await world.livelyHospital("H1")
        var writer = Writer(77)
        let caseID = world.newCase()
        try writer.write(caseID, [20: (CBOR.name(Self.texts[0]), [])])
        for (number, text) in Self.texts.enumerated() {
            try writer.write(caseID, [UInt32(60_000 + number): ([.text(text)], [])])
        }
        try writer.write(
            caseID,
            [#require(FieldDictionary.standard.place(of: "birthCertNo")).group.id.rawValue: (number(), [])])
        try await ward.push(writer.run())
        let range = try CertificateRange(
            first: #require(CertificateNumber("T450012340")), last: #require(CertificateNumber("T450012350")))
        #expect(try await world.stockDesk.assign(range, to: "H1", by: "staff"))
        return ward
    }

    /// Somebody gives all of it as the reason for looking at a case; a window tells where its log stands.
    private func look(_ world: World, _ ward: Ward) async throws {
        let texts = Self.texts.joined()
        try await world.store.write { transaction throws(CentralError) in
            var line = AuditLine(.read, at: 1, site: .central, route: "GET /cases/{id}")
            line.reason = texts
            line.touch(world.newCase())
            try transaction.append([line])
            let anchor = AuditAnchor(log: [UInt8](repeating: 1, count: 16), sequence: 1, value: .zero)
            try transaction.put(anchor, of: ward.device.id, milliseconds: 1)
        }
    }

    /// A group with the number of a certificate in its place.
    private func number() throws -> [CBOR] {
        let place = try #require(FieldDictionary.standard.place(of: "birthCertNo"))
        var value = place.group.members.map { _ in CBOR.null }
        value[place.index] = .text(Self.texts[5])
        return value
    }

    @Test("After a day's work nothing personal lies open in any file, nor in a backup")
    func nothingOpen() async throws {
        let site = try Site()
        let ward = try await work(site.world)
        try await look(site.world, ward)
        #expect(try OpenText(Self.texts).found(in: site.directory.path) == [])
        _ = try await site.backUp()
        #expect(try OpenText(Self.texts).found(in: site.directory.path) == [])
        // And it can be read: the numbers are found by their ranges.
        let uses = try await site.world.store.read { transaction throws(CentralError) in
            try transaction.certificateUses(after: nil, countMax: 10)
        }
        #expect(uses.map(\.number) == [Self.texts[5]])
        #expect(try await site.world.feed(of: ward.hospital.id).count > 5)
        #expect(try !site.audit().isDamaged)
    }

    @Test("Every column of every table is known, and holds what it is said to hold")
    func classes() async throws {
        let site = try Site()
        try await look(site.world, try await work(site.world))
        let database = try Database(
            path: site.storePath, mode: .readOnly, applicationID: Schema.applicationID)
        try SQLConnection.file(database).openSeals(SealKey(.testSeal).secret(isSealed: true))
        for table in try database.storedTables() + [
            StoredTable(name: "migration", columns: ["sequence", "identifier"])
        ] {
            let known = (Self.columns[table.name] ?? "").split(separator: " ").map {
                $0.split(separator: "=")
            }
            let names = Set(known.map { String($0[0]) })
            #expect(names == Set(table.columns), "\(table.name): say what each column holds")
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
        case (_, .null), (.id, _), (.state, .integer), (.state, .text), (.token, .blob), (.token, .text): true
        case (.counter, .integer), (.time, .integer), (.time, .text), (.size, .integer): true
        case (.sealed, .blob(let bytes)): bytes.count > 40 && [0, 1].contains(bytes[0])
        case (.sealedText, .text(let text)): [UInt8](hexadecimal: text).map { $0.count > 40 } ?? false
        // A digest of something would be known by whoever has it: what is stored is another.
        case (.digest, .blob(let bytes)): bytes.count == 32
        case (.hidden, .blob): true
        case (.name, .text(let text)):
            seals?.open(name: text) != nil && text.split(separator: ":")[0].count < 90
        default: false
        }
    }

    @Test("A store of before is sealed whole at the first start, and nothing of it lies open any more")
    func older() async throws {
        let folder = try TemporaryDirectory()
        let path = folder.path + "/central.sqlite"
        let ward: Ward
        let feed: Int
        let log: [ContentID]
        do {
            let plain = try World.plain(path: path)
            ward = try await work(plain)
            feed = try await plain.feed(of: ward.hospital.id).count
            log = try await plain.contentIDs()
        }
        #expect(try !OpenText(Self.texts).found(in: path, path + "-wal").isEmpty)
        let id = try #require(log.first)
        let world = try World(seed: 2, path: path)
        try await Rebuild(store: world.store, books: world.books).runIfNeeded()
        #expect(try OpenText(Self.texts).found(in: folder.path) == [])
        for file in ["", "-wal"] {
            let content = (try? Data(contentsOf: URL(filePath: path + file))) ?? Data()
            #expect(content.range(of: Data(id.bytes)) == nil, "a content ID lies open")
        }
        #expect(try await world.feed(of: ward.hospital.id).count == feed)
        #expect(try await world.contentIDs() == log)
        #expect(try !StoreAudit.report(ofFile: path, keys: world.keys).isDamaged)
    }

    @Test("With another key nothing is opened, and nothing is made anew")
    func otherKey() async throws {
        let folder = try TemporaryDirectory()
        let path = folder.path + "/central.sqlite"
        _ = try await World(path: path).hospital("H1")
        #expect(throws: CentralError.self) {
            try SQLiteCentralStore(path: path, seal: SealKey(SecretBytes(randomCount: 32)), random: { 1 })
        }
        let ring = SealKey.ring(in: folder.path, passphrase: nil)
        #expect(throws: CentralError.self) {
            try SQLiteCentralStore(path: path, seal: SealKey(ring), random: { 1 })
        }
        #expect(!FileManager.default.fileExists(atPath: ring.keyPath))
        #expect(throws: CentralError.self) {
            try StoreAudit.report(ofFile: path, keys: StoreKeys(receipts: nil, seal: nil))
        }
    }
}

extension World {
    /// Of all changes, by case and number.
    fileprivate func contentIDs() async throws -> [ContentID] {
        try await store.read { transaction throws(CentralError) in
            var ids: [ContentID] = []
            for caseID in try transaction.caseIDs(after: nil, countMax: 1000) {
                ids += try transaction.changes(of: caseID).map(\.change.id)
            }
            return ids
        }
    }
}
