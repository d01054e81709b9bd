import Casework
import Cryptography
import Foundation
import Persistence
import SyncProtocol
import Testing
import Web

@testable import CentralServer

/// Central with attachments on disk, two hospitals, and a case of the first that names a photo.
private struct Photos {
    let world: World
    let directory: TemporaryDirectory
    let store: AttachmentStore
    let router: Router
    let content = SecureRandom.bytes(100_000)
    let caseID: CaseID
    let (first, second): (Ward, Ward)
    var writer = Writer(1)

    init() async throws {
        let world = try World()
        self.world = world
        directory = try TemporaryDirectory()
        store = try AttachmentStore(
            directory: directory.path + "/a", key: SecretBytes(randomCount: 32),
            environment: world.environment
        ) { _ throws(CentralError) in false }
        var api = CentralAPI(
            store: world.store, books: world.books, environment: world.environment,
            intake: Intake(store: world.store, books: world.books),
            gate: DeviceGate(store: world.store, environment: world.environment),
            staffTokenHash: Token(world.environment).hash, dictionary: nil)
        api.attachments = store
        router = api.router { _, _ in }
        (first, second) = (try await world.hospital("H1"), try await world.hospital("H2"))
        caseID = world.newCase()
        try writer.write(caseID, [20: (CBOR.name("测试一"), []), 11: (Self.pages([hash]), [])])
        try await first.push(writer.run())
    }

    var hash: Digest { SHA256.hash(content) }

    static func pages(_ hashes: [Digest]) -> [CBOR] {
        [
            .array(
                hashes.map {
                    CasePage(hash: $0.bytes, format: .jpg, byteCount: 5, material: "M", part: "正面").cbor
                })
        ]
    }

    /// Puts bytes where an upload of a computer would.
    func upload(_ content: [UInt8], by ward: Ward) async throws {
        let token = UploadToken(
            device: ward.device.id, hash: SHA256.hash(content), byteCount: UInt64(content.count),
            expires: .max)
        _ = try await store.create(token, length: token.byteCount, metadata: "")
        let writer = try await store.begin(token, at: 0, isHeldBack: false)
        try await store.append(content, token, writer: writer)
        _ = try await store.end(token, writer: writer, keeping: true)
    }

    func get(_ hash: Digest, by key: Ed25519.SigningKey, of device: DeviceID, nonce: String) async throws
        -> Response
    {
        let path = "/attachments/\(hash.bytes.hexadecimal)"
        let fields = MessageSignature.sign(
            try MessageSignature.Components(method: "GET", path: path, contentDigest: nil), with: key,
            keyID: device.description, created: Int64(world.environment.now() / 1000), nonce: nonce)
        return await router.respondByContract(
            to: Request(
                .get, path,
                headers: ["Signature-Input": fields.signatureInput, "Signature": fields.signature]))
    }

    var scrub: AttachmentScrub {
        AttachmentScrub(store: world.store, attachments: store, pause: { _ in })
    }
}

@Suite("Whose attachment it is")
struct AttachmentScopeTests {
    @Test("A computer gets what its hospital's cases name or named; to another hospital's it does not exist")
    func scope() async throws {
        var photos = try await Photos()
        try await photos.upload(photos.content, by: photos.first)
        let (key, other) = (Ed25519.SigningKey(), Ed25519.SigningKey())
        let mine = try await photos.world.fleet.enrol(
            token: try await photos.world.fleet.issueToken(for: "H1").token.text,
            publicKey: key.publicKey.bytes
        ).device
        let theirs = try await photos.world.fleet.enrol(
            token: try await photos.world.fleet.issueToken(for: "H2").token.text,
            publicKey: other.publicKey.bytes
        ).device
        #expect(
            try await photos.get(photos.hash, by: key, of: mine.id, nonce: "1").wholeBody() == photos.content)
        let refused = try await photos.get(photos.hash, by: other, of: theirs.id, nonce: "1")
        let unknown = try await photos.get(SHA256.hash([9]), by: other, of: theirs.id, nonce: "2")
        #expect(refused.status == 404 && refused == unknown)
        // Taken back, it stays in the history, and the history is the hospital's.
        let dots = photos.writer.changes.map(\.dot)
        try photos.writer.write(photos.caseID, [11: ([.null], dots)])
        try await photos.first.push(photos.writer.run())
        #expect(try await photos.get(photos.hash, by: key, of: mine.id, nonce: "2").status == 200)
        // So it is when the case has gone elsewhere; and where it has gone to, it exists from then on.
        try await move(photos)
        #expect(try await photos.get(photos.hash, by: key, of: mine.id, nonce: "3").status == 200)
        #expect(try await photos.get(photos.hash, by: other, of: theirs.id, nonce: "3").status == 200)
    }

    private func move(_ photos: Photos) async throws {
        let (world, caseID) = (photos.world, photos.caseID)
        let (from, to) = (photos.first.hospital.id, photos.second.hospital.id)
        try await world.store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, world.books, milliseconds: 1)
            try ledger.leave(caseID, from)
            try ledger.enter(caseID, to)
            try ledger.finish()
        }
    }

    @Test("The index is made of the log: dropped and made again it is the same, set-aside changes included")
    func rebuilt() async throws {
        var photos = try await Photos()
        let more = [SHA256.hash([1]), SHA256.hash([2])]
        try photos.writer.write(photos.caseID, [11: (Photos.pages(more), [])])
        try await photos.first.push(photos.writer.run())
        let (world, caseID) = (photos.world, photos.caseID)
        let named = { () async throws in
            try await world.store.read { transaction throws(CentralError) in
                try transaction.attachments(of: caseID)
            }
        }
        let before = try await named()
        #expect(before == (more + [photos.hash]).sorted())
        try await Rebuild(store: world.store, books: world.books).run()
        #expect(try await named() == before)
    }
}

@Suite("Attachments that central has lost")
struct AttachmentScrubTests {
    private func wants(_ ward: Ward) async throws -> [Digest] {
        try await ward.exchange(ward.request()).wants
    }

    @Test(
        "What is named and not here is asked of the hospital's computers, each now and then, and of nobody else"
    )
    func asks() async throws {
        let photos = try await Photos()
        let colleague = try await photos.first.secondComputer()
        #expect(try await wants(photos.first).isEmpty)
        await photos.scrub.pass(isFull: false)
        #expect(try await wants(photos.first) == [photos.hash])
        #expect(try await wants(photos.first).isEmpty)
        #expect(try await wants(colleague) == [photos.hash])
        #expect(try await wants(photos.second).isEmpty)
        // A second pass does not make it ask more often.
        await photos.scrub.pass(isFull: false)
        photos.world.clock.withLock { $0 += Reception.askAgainMilliseconds }
        #expect(try await wants(photos.first).isEmpty)
        photos.world.clock.withLock { $0 += 1 }
        #expect(try await wants(photos.first) == [photos.hash])
        try await photos.upload(photos.content, by: photos.first)
        await photos.scrub.pass(isFull: false)
        photos.world.clock.withLock { $0 += Reception.askAgainMilliseconds + 1 }
        #expect(try await wants(photos.first).isEmpty)
        #expect(await photos.scrub.report.lacking == 0)
    }

    @Test("A damaged file is found by a full pass, put aside, and asked for; the sound ones stay")
    func damaged() async throws {
        var photos = try await Photos()
        let sound = SecureRandom.bytes(70_000)
        try photos.writer.write(photos.caseID, [11: (Photos.pages([SHA256.hash(sound)]), [])])
        try await photos.first.push(photos.writer.run())
        try await photos.upload(photos.content, by: photos.first)
        let folder = photos.directory.path + "/a/whole/"
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        try await photos.upload(sound, by: photos.first)
        let good = photos.scrub
        await good.pass(isFull: true)
        #expect(await good.report.here == 2)
        var sealed = try Data(contentsOf: URL(filePath: folder + name))
        sealed[90_000] ^= 1
        try sealed.write(to: URL(filePath: folder + name))
        let quick = photos.scrub
        await quick.pass(isFull: false)
        #expect(await quick.report.lacking == 0)  // it does not look into them
        let full = photos.scrub
        await full.pass(isFull: true)
        let report = await full.report
        #expect((report.named, report.here, report.damaged, report.lacking) == (2, 1, 1, 1))
        #expect(report.bytes == 170_000)
        #expect(try await wants(photos.first) == [photos.hash])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: photos.directory.path + "/a/damaged") == [
                name
            ])
        try await photos.upload(photos.content, by: photos.first)
        await full.pass(isFull: true)
        #expect(await full.report.here == 2)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: photos.directory.path + "/a/damaged").isEmpty)
    }

    @Test("However many are lost, an exchange asks for a bounded number, and goes on with the next")
    func bounded() async throws {
        var photos = try await Photos()
        let many = (0..<150).map { SHA256.hash([UInt8($0)]) }
        try photos.writer.write(photos.caseID, [11: (Photos.pages(Array(many[..<75])), [])])
        try photos.writer.write(photos.caseID, [11: (Photos.pages(Array(many[75...])), [])])
        try await photos.first.push(photos.writer.run())
        await photos.scrub.pass(isFull: false)
        var asked: [Digest] = []
        for _ in 0..<4 {
            let page = try await wants(photos.first)
            #expect(page.count <= SyncProtocol.Limits.wantsMax)
            asked += page
        }
        #expect(asked.count == 151 && Set(asked) == Set(many + [photos.hash]))
        // In a repair there is more urgent business.
        photos.world.clock.withLock { $0 += Reception.askAgainMilliseconds + 1 }
        var request = photos.first.request()
        request.isRepair = true
        #expect(try await photos.first.exchange(request).wants.isEmpty)
    }
}
