import Cryptography
import Foundation
import Persistence
import SyncProtocol
import Testing
import Web

@testable import CentralServer

@Suite("Tokens of uploads")
struct UploadTokenTests {
    private let codes = UploadToken.codes(key: SecretBytes(randomCount: 32))
    private let token = UploadToken(
        device: DeviceID(rawValue: CaseID(milliseconds: 1, random: (2, 3))), hash: SHA256.hash([1]),
        byteCount: 5, expires: 1_000)

    @Test("What was handed out is read again, until it expires")
    func reads() {
        let text = token.text(codes)
        #expect(UploadToken(presented: text, now: 999, codes) == token)
        #expect(UploadToken(presented: text, now: 1_000, codes) == nil)
        #expect(text.utf8.count <= SyncProtocol.Limits.tokenBytesMax)
        #expect(text.utf8.allSatisfy { "+/= ".utf8.contains($0) == false })
    }

    @Test("No character can be changed, left out or added, and another central's key makes nothing")
    func isProof() {
        let text = Array(token.text(codes))
        for index in text.indices {
            var changed = text
            changed[index] = text[index] == "A" ? "Q" : "A"
            #expect(UploadToken(presented: String(changed), now: 0, codes) == nil)
            #expect(UploadToken(presented: String(text[..<index]), now: 0, codes) == nil)
        }
        #expect(UploadToken(presented: String(text) + "A", now: 0, codes) == nil)
        let other = UploadToken.codes(key: SecretBytes(randomCount: 32))
        #expect(UploadToken(presented: String(text), now: 0, other) == nil)
    }
}

@Suite("Attachments at central")
struct AttachmentStoreTests {
    private let world: World
    private let directory: TemporaryDirectory
    private let store: AttachmentStore
    private let router: Router
    private let device: DeviceRecord
    private let content = SecureRandom.bytes(150_000)
    private let key = SecretBytes(randomCount: 32)
    private let codes: MessageAuthentication
    private let staff: Token

    init() async throws {
        let world = try World()
        self.world = world
        directory = try TemporaryDirectory()
        codes = UploadToken.codes(key: key)
        store = try AttachmentStore(
            directory: directory.path + "/a", key: key, environment: world.environment
        ) {
            id throws(CentralError) in
            try await world.store.read { transaction throws(CentralError) in
                try transaction.device(id)?.isRevoked ?? true
            }
        }
        staff = Token(world.environment)
        var api = world.api(for: staff)
        api.attachments = store
        router = api.router { _, _ in }
        device = try await world.hospital("H1").device
    }

    private var hash: Digest { SHA256.hash(content) }

    private func token(_ count: Int? = nil, device: DeviceRecord? = nil, _ hash: Digest? = nil) -> UploadToken
    {
        UploadToken(
            device: (device ?? self.device).id, hash: hash ?? self.hash,
            byteCount: UInt64(count ?? content.count),
            expires: world.environment.now() + UploadToken.milliseconds)
    }

    private func call(
        _ method: Web.Method, _ headers: Headers = [:], name: Digest? = nil, token: UploadToken? = nil,
        body: [UInt8] = []
    ) async -> Response {
        var all: Headers = [
            "Tus-Resumable": "1.0.0", "Authorization": "Bearer \((token ?? self.token()).text(codes))",
        ]
        for field in headers.fields { all.append(field.name, field.value) }
        let target = "/attachments/uploads" + (method == .post ? "" : "/\((name ?? hash).bytes.hexadecimal)")
        return await router.respondByContract(to: Request(method, target, headers: all, body: body))
    }

    private func make(_ token: UploadToken? = nil) async -> Int {
        let token = token ?? self.token()
        return await call(.post, ["Upload-Length": "\(token.byteCount)"], token: token).status
    }

    private func patch(_ offset: Int, _ bytes: some Collection<UInt8>, token: UploadToken? = nil) async
        -> Response
    {
        await call(
            .patch, ["Content-Type": Tus.mediaType, "Upload-Offset": "\(offset)"], name: token?.hash,
            token: token,
            body: Array(bytes))
    }

    private func get(_ headers: Headers = [:], token: String? = nil) async -> Response {
        var all = headers
        all["Authorization"] = "Bearer \(token ?? staff.text)"
        var response = await router.respondByContract(
            to: Request(.get, "/attachments/\(hash.bytes.hexadecimal)", headers: all))
        // As over a connection: one that breaks brings nothing whole.
        response.body = (try? await response.wholeBody()) ?? []
        return response
    }

    @Test("An exchange tells what central lacks, a token brings it, and then central has it")
    func wholeWay() async throws {
        let offer = AttachmentOffer(hash: hash, byteCount: UInt64(content.count))
        let tooLarge = AttachmentOffer(hash: SHA256.hash([9]), byteCount: AttachmentStore.byteCountMax + 1)
        let empty = AttachmentOffer(hash: SHA256.hash([]), byteCount: 0)
        let before = await store.grants(for: [offer, tooLarge, empty], device: device.id)
        #expect(before.held.isEmpty && before.grants.map(\.hash) == [hash])
        let given = UploadToken(
            presented: try #require(before.grants.first?.token), now: world.environment.now(), codes)
        #expect(await make(given) == 201)
        #expect(await get().status == 404)
        #expect(await patch(0, content.prefix(70_000), token: given).headers["Upload-Offset"] == "70000")
        #expect(await get().status == 404)
        #expect(await patch(70_000, content.dropFirst(70_000), token: given).status == 204)
        let whole = await get()
        #expect(whole.status == 200 && whole.body == content && whole.headers["Accept-Ranges"] == "bytes")
        let after = await store.grants(for: [offer], device: device.id)
        #expect(after.held == [hash] && after.grants.isEmpty)
        // Another computer that has the same photo finds it there, and cannot take it away.
        let other = token(device: try await world.hospital("H2").device)
        #expect(await make(other) == 201)
        #expect(await call(.head, token: other).headers["Upload-Offset"] == "150000")
        #expect(await call(.delete, token: other).status == 403)
        #expect(await get().status == 200)
    }

    @Test("Ranges, and what is not one")
    func ranges() async {
        _ = await make()
        _ = await patch(0, content)
        let part = await get(["Range": "bytes=65530-65545"])
        #expect(part.status == 206 && part.body == Array(content[65_530...65_545]))
        #expect(part.headers["Content-Range"] == "bytes 65530-65545/150000")
        let beyond = await get(["Range": "bytes=150000-"])
        #expect(beyond.status == 416 && beyond.headers["Content-Range"] == "bytes */150000")
        let tag = await get().headers["ETag"] ?? ""
        #expect(await get(["Range": "bytes=0-1", "If-Range": tag]).status == 206)
        #expect(await get(["Range": "bytes=0-1", "If-Range": "\"x\""]).status == 200)
    }

    @Test("A token is for its hash, its size and its computer, while that is not revoked")
    func tokens() async throws {
        let other = SHA256.hash([7])
        #expect(await call(.post, ["Upload-Length": "1"]).status == 403)
        _ = await make()
        #expect(await call(.head, name: other).status == 403)
        #expect(await call(.head, name: other, token: token(nil, other)).status == 404)
        #expect(await get(token: token().text(codes)).status == 401)
        let expired = token()
        world.clock.withLock { $0 += UploadToken.milliseconds }
        #expect(await call(.head, token: expired).status == 401)
        let (revoked, fleet) = (device.id, world.fleet)
        try await fleet.revoke(revoked)
        #expect(await call(.head).status == 401)
    }

    @Test("Bytes that are not those of the name are dropped: 422")
    func wrongContent() async {
        _ = await make()
        #expect(await patch(0, [UInt8](repeating: 0, count: content.count)).status == 422)
        #expect(await call(.head).status == 404)
        #expect(await get().status == 404)
        #expect(await make() == 201)
        #expect(await patch(0, content).status == 204)
    }

    @Test("An upload that nobody goes on with is dropped after a day: 410, then 404")
    func expires() async {
        _ = await make()
        _ = await patch(0, content.prefix(5))
        world.clock.withLock { $0 += AttachmentStore.uploadMilliseconds - 1 }
        #expect(await call(.head).headers["Upload-Offset"] == "5")
        world.clock.withLock { $0 += 1 }
        #expect(await call(.head).status == 410)
        #expect(await patch(5, content.dropFirst(5)).status == 410)
        // Making any upload sweeps.
        #expect(await make(token(3, SHA256.hash([3]))) == 201)
        #expect(await call(.head).status == 404)
    }

    @Test("A computer has so many uploads open and no more: 429; another is not touched by it")
    func tooMany() async throws {
        for number in 0..<AttachmentStore.uploadsPerDeviceMax {
            #expect(await make(token(3, SHA256.hash([UInt8(number)]))) == 201)
        }
        #expect(await make() == 429)
        #expect(await make(token(device: try await world.hospital("H2").device)) == 201)
        #expect(await call(.delete, name: SHA256.hash([0]), token: token(3, SHA256.hash([0]))).status == 204)
        #expect(await make() == 201)
    }

    @Test("Whoever writes later supersedes, and what came before stays")
    func supersedes() async throws {
        _ = await make()
        let grant = token()
        let first = try await store.begin(grant, at: 0, isHeldBack: false)
        try await store.append(Array(content.prefix(100_000)), grant, writer: first)
        // Asking where it ends keeps what came: the offset that is told is there after a crash.
        #expect(await call(.head).headers["Upload-Offset"] == "100000")
        #expect(await patch(100_000, content.dropFirst(100_000)).status == 204)
        await #expect(throws: TusRefusal.superseded) {
            try await store.append([1], grant, writer: first)
        }
        #expect(await get().body == content)
    }

    @Test(
        "Asking while the last bytes are being taken in, or after the process died behind them, finds the whole"
    )
    func asksAtTheEnd() async throws {
        _ = await make()
        let grant = token()
        let writer = try await store.begin(grant, at: 0, isHeldBack: false)
        try await store.append(content, grant, writer: writer)
        #expect(await call(.head).headers["Upload-Offset"] == "150000")
        #expect(await get().status == 404)
        #expect(try await store.end(grant, writer: writer, keeping: true).offset == 150_000)
        #expect(await get().body == content)
        let other = SecureRandom.bytes(100_000)
        let second = token(other.count, SHA256.hash(other))
        _ = await make(second)
        let lost = try await store.begin(second, at: 0, isHeldBack: false)
        try await store.append(other, second, writer: lost)
        _ = try await store.upload(second)
        let successor = try AttachmentStore(
            directory: directory.path + "/a", key: key, environment: world.environment
        ) { _ throws(CentralError) in false }
        #expect(try await successor.upload(second).offset == 100_000)
        #expect(try await successor.read(second.hash, 0..<100_000) == other)
    }

    @Test("A damaged file is found and said, never shown")
    func damaged() async throws {
        _ = await make()
        _ = await patch(0, content)
        let folder = directory.path + "/a/whole"
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        var sealed = try Data(contentsOf: URL(filePath: folder + "/" + name))
        sealed[100_000] ^= 1
        try sealed.write(to: URL(filePath: folder + "/" + name))
        // The frames before the damage are as good as ever; the whole breaks off.
        #expect(await get(["Range": "bytes=0-9"]).body == Array(content.prefix(10)))
        #expect(await get().body.isEmpty)
        // From then on it is not here, and may be brought again.
        #expect(await get().status == 404)
        #expect(await make() == 201)
        #expect(await patch(0, content).status == 204)
        #expect(await get().body == content)
    }
}
