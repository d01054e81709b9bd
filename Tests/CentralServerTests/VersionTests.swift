import Casework
import Cryptography
import Foundation
import SyncProtocol
import Testing
import Web

@testable import CentralServer
@testable import Persistence

@Suite("Versions: of the protocol, of changes, of the program, of the file")
struct VersionTests {
    private let world: World
    init() throws { world = try World() }

    private func api(speaking versions: ClosedRange<UInt64>) throws -> CentralAPI {
        let books = Books(
            casebook: world.books.casebook, receipts: world.books.receipts, versions: versions)
        return CentralAPI(
            store: world.store, books: books, environment: world.environment,
            intake: Intake(store: world.store, books: books),
            gate: DeviceGate(store: world.store, environment: world.environment),
            staffTokenHash: [], dictionary: try ZstandardDictionary(ExchangeDictionary.bytes))
    }

    /// Sends bytes under a media type that names a version.
    private func send(
        _ bytes: [UInt8], as told: UInt64, to api: CentralAPI, _ signer: Signer, nonce: String
    ) async throws -> Response {
        var request = try signer.request(
            body: try Zstandard.compress(bytes, dictionary: api.dictionary), nonce: nonce)
        request.headers["Content-Type"] = SyncMessage.exchange.mediaType(version: told)
        return await api.router { _, _ in }.respond(to: request)
    }

    private func request(_ signer: Signer, version: UInt64) -> ExchangeRequest {
        var request = ExchangeRequest(
            hospital: signer.device.hospital, budget: 1 << 20, milliseconds: world.environment.now())
        request.version = version
        return request
    }

    private func head(of response: Response, _ api: CentralAPI) throws -> ExchangeResponse {
        try ExchangeResponse(
            decoding: try Zstandard.decompress(
                response.body, dictionary: api.dictionary, bytesMax: 1 << 20))
    }

    @Test("Central answers in the version that it was asked in, and names those that it speaks for any other")
    func spoken() async throws {
        _ = try await world.hospital("H1")
        let (signer, api) = (try await Signer(world), try api(speaking: 1...2))
        for version in UInt64(1)...2 {
            let bytes = request(signer, version: version).encoded
            let response = try await send(bytes, as: version, to: api, signer, nonce: "v\(version)")
            #expect(response.status == 200)
            #expect(
                response.headers["Content-Type"] == SyncMessage.exchange.mediaType(version: version))
            #expect(try head(of: response, api).version == version)
        }
        for (version, told) in [(UInt64(3), UInt64(3)), (0, 0), (3, 1)] {
            let bytes = request(signer, version: version).encoded
            let response = try await send(bytes, as: told, to: api, signer, nonce: "w\(version)\(told)")
            let json = try JSON(parsing: response.body).members ?? [:]
            #expect(response.status == 400)
            #expect(json["type"] == .text("urn:birthwindow:problem:unsupported-version"))
            #expect(json["versions"] == .list([.number(1), .number(2)]))
        }
        let mixed = try await send(
            request(signer, version: 1).encoded, as: 2, to: api, signer, nonce: "mixed")
        let json = try JSON(parsing: mixed.body).members ?? [:]
        #expect(json["type"] == .text("urn:birthwindow:problem:malformed"))
    }

    @Test("A verify likewise")
    func verify() async throws {
        let ward = try await world.hospital("H1")
        let books = Books(
            casebook: world.books.casebook, receipts: world.books.receipts, versions: 1...2)
        var request = VerifyRequest(hospital: ward.hospital.id, point: .start, question: .scope(.empty))
        request.version = 2
        _ = try await VerifyDesk().answer(
            request, from: ward.device, in: world.store, books, now: 0)
        await #expect(throws: CentralError.refused(.unsupportedVersion(spoken: 1...1))) {
            try await VerifyDesk().answer(
                request, from: ward.device, in: world.store, world.books, now: 0)
        }
    }

    @Test("An agent of a later version: more members, a later kind of push, and the rest is taken")
    func laterAgent() async throws {
        _ = try await world.hospital("H1")
        let (signer, api) = (try await Signer(world), try api(speaking: 1...2))
        var writer = Writer(1)
        try writer.write(world.newCase(), [20: (CBOR.name("n"), [])])
        var asked = request(signer, version: 2)
        asked.pushes = [writer.run()]
        let plain = asked.encoded
        var reader = CBORReader(plain)
        let head = try reader.readEncodedItem(depthMax: SyncProtocol.Limits.valueDepthMax)
        let later = [head[0] + 1] + head.dropFirst() + [0x18, 99, 0xA1, 0x01, 0xF6]
        // A push of a later kind stands between.
        let bytes = later + [0x82, 0x07, 0x61, 0x78] + plain.dropFirst(head.count)
        let response = try await send(bytes, as: 2, to: api, signer, nonce: "a")
        #expect(response.status == 200)
        #expect(try self.head(of: response, api).stored == [Watermark(replica: writer.replica, sequence: 1)])
    }

    @Test("A change of a later schema is taken, passed on byte for byte, and has no effect")
    func opaque() async throws {
        let ward = try await world.hospital("H1")
        let caseID = world.newCase()
        var writer = Writer(1)
        try writer.write(caseID, [20: (CBOR.name("n"), [])])
        let body = Self.unreadable(schema: 2, of: caseID)
        writer.append(body)
        let answer = try await ward.push(writer.run())
        #expect(answer.unreadable.isEmpty)
        let state = try await world.state(of: caseID)
        #expect(state.count == 2 && state.asides.isEmpty && state.registers.count == 1)
        let second = try await ward.secondComputer()
        let bodies = try await second.exchange(second.request()).entries.compactMap { entry -> [UInt8]? in
            guard case .change(_, 2, let body, _) = entry else { return nil }
            return body
        }
        #expect(bodies == [body])
    }

    /// The law of PROTOCOL.md, section 16. While schema 1 is the only one, nothing is to be judged. Whoever makes `Change.schema` 2
    /// makes this fail, until `Rebuild.run` judges what was taken before it folds it.
    @Test(
        "What was taken unjudged of a schema that is known by now is judged, and set aside if it breaks a rule"
    )
    func learnedSchema() async throws {
        let ward = try await world.hospital("H1")
        let (caseID, books, hospital) = (world.newCase(), world.books, ward.hospital.id)
        var writer = Writer(1)
        try writer.write(caseID, [20: (CBOR.name("n"), [])])
        try await ward.push(writer.run())
        let change = try Change(
            replica: writer.replica, sequence: 2, body: Self.unreadable(schema: 2, of: caseID))
        #expect(change.content == nil, "choose bytes that no schema reads")
        // As a central took it that knew schema 1 alone.
        try await world.store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: 1)
            guard var record = try transaction.replica(change.replica) else { return }
            record.length += 1
            record.chain = record.chain.appending(change.id)
            try transaction.put(record)
            try ledger.take(change, chain: record.chain, for: hospital)
            try ledger.finish()
            try transaction.setCacheMaker(SHA256.hash([]))
        }
        try await Rebuild(store: world.store, books: books).runIfNeeded()
        let state = try await world.state(of: caseID)
        #expect(state.count >= 2)
        #expect((state.asides[change.id]?.isAside ?? false) == (change.schema <= Change.schema))
    }

    /// A body with a frozen head, and a content that is none.
    private static func unreadable(schema: UInt64, of caseID: CaseID) -> [UInt8] {
        var body = CBORWriter()
        body.writeArray(5)
        body.write(caseID.bytes)
        body.write(UInt64(2))
        body.write(schema)
        body.write("later")
        body.writeNull()
        return body.bytes
    }

    /// The shipped dictionary as an older program had it.
    private func dictionary(without group: UInt32) throws -> FieldDictionary {
        let file = URL(filePath: #filePath).appending(path: "../../../Sources/Casework/Fields.json")
            .standardizedFileURL
        guard var members = try JSON(parsing: [UInt8](try Data(contentsOf: file))).members,
            case .list(let list)? = members["groups"]
        else { throw Broken(what: "the dictionary") }
        members["groups"] = .list(list.filter { $0.members?["id"] != .number(Decimal(group)) })
        return try FieldDictionary(json: [UInt8](try JSONEncoder().encode(JSON.object(members))))
    }

    @Test(
        "After an upgrade what was kept is understood: caches that another program made are made anew, once")
    func understood() async throws {
        let ward = try await world.hospital("H1")
        let notes = try #require(FieldDictionary.standard.group(named: "notes"))
        let old = Books(
            casebook: Casebook(dictionary: try dictionary(without: notes.id.rawValue)),
            receipts: world.books.receipts)
        try await Rebuild(store: world.store, books: old).runIfNeeded()
        let caseID = world.newCase()
        var writer = Writer(1)
        for text in ["x", "y"] { try writer.write(caseID, [notes.id.rawValue: ([.text(text)], [])]) }
        _ = try await Intake.commit(
            [ward.arrival(ward.request([writer.run()]))], to: world.store, old)[0].get()
        #expect(try await world.caches().conflicts.map(\.group) == [notes.id])
        try await Rebuild(store: world.store, books: old).runIfNeeded()
        #expect(try await world.caches().conflicts.count == 1)
        try await Rebuild(store: world.store, books: world.books).runIfNeeded()
        #expect(try await world.caches().conflicts.isEmpty)
    }

    @Test("Central's file of every older schema opens, and holds what it held", arguments: 2...7)
    func oldFiles(count: Int) async throws {
        let folder = try TemporaryDirectory()
        let (source, old) = (folder.path + "/source.sqlite", folder.path + "/old.sqlite")
        let writing = try World.plain(path: source)
        let ward = try await writing.hospital("H1")
        let caseID = writing.newCase()
        var writer = Writer(1)
        try writer.write(caseID, [20: (CBOR.name("n"), [])])
        try await ward.push(writer.run())
        try carry(from: source, to: old, count)
        let world = try World(seed: 2, path: old)
        try await Rebuild(store: world.store, books: world.books).runIfNeeded()
        #expect(try await world.state(of: caseID) == writing.state(of: caseID))
        #expect(try await world.feed(of: ward.hospital.id) == writing.feed(of: ward.hospital.id))
        #expect(try await world.caches().summaries == writing.caches().summaries)
        // And it goes on.
        let moved = Ward(world: world, hospital: ward.hospital, device: ward.device)
        try writer.write(caseID, [20: (CBOR.name("m"), [])])
        #expect(try await moved.push(writer.run(2)).stored.first?.sequence == 2)
    }

    /// Makes a file of an older schema that holds what the source holds, as far as its tables go.
    private func carry(from source: String, to old: String, _ count: Int) throws {
        let database = try Database(path: old, mode: .create, applicationID: Schema.applicationID)
        try Migrator(Array(Schema.migrator.migrations.prefix(count))).migrate(database)
        try database.execute("ATTACH ? AS source", .text(source))
        for table in Self.carried { try database.execute(table) }
    }

    private static let carried: [StaticString] = [
        "INSERT INTO meta SELECT * FROM source.meta",
        "INSERT INTO hospital SELECT * FROM source.hospital",
        """
        INSERT INTO device (id, hospital, public_key, enrolled, revoked)
        SELECT id, hospital, public_key, enrolled, revoked FROM source.device
        """,
        "INSERT INTO replica (id, device, length, chain) SELECT id, device, length, chain FROM source.replica",
        """
        INSERT INTO change (number, replica, sequence, content, case_id, edition, chain, body)
        SELECT number, replica, sequence, content, case_id, edition, chain, body FROM source.change
        """,
        "INSERT INTO feed SELECT * FROM source.feed",
        "INSERT INTO scope SELECT * FROM source.scope",
    ]
}
