import Cryptography
import Foundation
import Testing

@testable import Web

/// Uploads in memory. A piece that is appended counts at once, unless it is held back.
private actor MemoryTusStore: TusStore {
    private struct Stored {
        var bytes: [UInt8] = []
        let length: UInt64
        let metadata: String
        var expires: UInt64 = 86_400_000
        var held: [UInt8] = []
        var writer: UInt64 = 0
        var isHolding = false
    }

    nonisolated let lengthMax: UInt64 = 1 << 20
    private var uploads: [String: Stored] = [:]
    private var writers: UInt64 = 0
    private var now: UInt64 = 0

    func pass(_ milliseconds: UInt64) { now += milliseconds }
    func bytes(_ name: String) -> [UInt8]? { uploads[name]?.bytes }

    nonisolated func grant(for request: Request, name: String?) throws(TusRefusal) -> String {
        guard let token = request.headers["Authorization"] else { throw .unauthorised }
        guard name == nil || token == "Bearer \(name ?? "")" else { throw .forbidden }
        return String(token.dropFirst(7))
    }

    func create(_ grant: String, length: UInt64, metadata: String) throws(TusRefusal) -> String {
        if uploads[grant] == nil { uploads[grant] = Stored(length: length, metadata: metadata) }
        return grant
    }

    func upload(_ grant: String) throws(TusRefusal) -> TusUpload {
        guard let stored = uploads[grant] else { throw .absent }
        guard stored.expires > now else { throw .gone }
        return TusUpload(
            length: stored.length, offset: UInt64(stored.bytes.count), expires: stored.expires,
            metadata: stored.metadata)
    }

    func begin(_ grant: String, at offset: UInt64, isHeldBack: Bool) throws(TusRefusal) -> UInt64 {
        guard try upload(grant).offset == offset else { throw .offset }
        writers += 1
        uploads[grant]?.writer = writers
        uploads[grant]?.isHolding = isHeldBack
        uploads[grant]?.held = []
        return writers
    }

    func append(_ bytes: [UInt8], _ grant: String, writer: UInt64) throws(TusRefusal) {
        guard let stored = uploads[grant], stored.writer == writer else { throw .superseded }
        if stored.isHolding { uploads[grant]?.held += bytes } else { uploads[grant]?.bytes += bytes }
    }

    func end(_ grant: String, writer: UInt64, keeping: Bool) throws(TusRefusal) -> TusUpload {
        guard let stored = uploads[grant], stored.writer == writer else { throw .superseded }
        uploads[grant]?.writer = 0
        if keeping { uploads[grant]?.bytes += stored.held }
        return try upload(grant)
    }

    func terminate(_ grant: String) throws(TusRefusal) {
        guard uploads.removeValue(forKey: grant) != nil else { throw .absent }
    }
}

@Suite("tus 1.0.0 by its text", .timeLimit(.minutes(2)))
struct TusTests {
    private let store = MemoryTusStore()
    private let router: Router

    init() {
        var router = Router()
        TusEndpoint(store: store, path: "/files").add(to: &router)
        self.router = router
    }

    private func call(
        _ method: Method, _ target: String = "/files/a", _ headers: Headers = [:], body: [UInt8] = [],
        version: String? = "1.0.0", token: String? = "a"
    ) async -> Response {
        var headers = headers
        if let version { headers["Tus-Resumable"] = version }
        if let token { headers["Authorization"] = "Bearer \(token)" }
        return await router.respond(to: Request(method, target, headers: headers, body: body))
    }

    private func patch(_ offset: String, _ body: [UInt8], _ more: Headers = [:]) async -> Response {
        var headers: Headers = ["Content-Type": Tus.mediaType, "Upload-Offset": offset]
        for field in more.fields { headers.append(field.name, field.value) }
        return await call(.patch, "/files/a", headers, body: body)
    }

    private func make(_ length: Int = 10) async -> Response {
        await call(.post, "/files", ["Upload-Length": "\(length)", "Upload-Metadata": "name YWJj,empty"])
    }

    @Test("OPTIONS tells version, extensions, size and checksums, to anybody")
    func options() async {
        for target in ["/files", "/files/a"] {
            let answer = await call(.options, target, version: nil, token: nil)
            #expect(answer.status == 204 && answer.headers["Tus-Version"] == "1.0.0")
            #expect(answer.headers["Tus-Max-Size"] == "\(1 << 20)")
            #expect(
                answer.headers["Tus-Extension"]
                    == "creation,creation-with-upload,checksum,expiration,termination")
            #expect(answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256")
        }
    }

    @Test("Create, ask, append, ask, go on, end")
    func wholeWay() async {
        let made = await make()
        #expect(made.status == 201 && made.headers["Location"] == "/files/a")
        #expect(made.headers["Upload-Expires"] == "Fri, 02 Jan 1970 00:00:00 GMT")
        let head = await call(.head)
        #expect(head.status == 200 && head.headers["Upload-Offset"] == "0")
        #expect(head.headers["Upload-Length"] == "10" && head.headers["Cache-Control"] == "no-store")
        #expect(head.headers["Upload-Metadata"] == "name YWJj,empty")
        #expect(head.headers["Tus-Resumable"] == "1.0.0")
        let first = await patch("0", [1, 2, 3])
        #expect(first.status == 204 && first.headers["Upload-Offset"] == "3")
        #expect(first.headers["Upload-Expires"] != nil && first.body.isEmpty)
        #expect(await patch("3", [4, 5, 6, 7, 8, 9, 10]).headers["Upload-Offset"] == "10")
        #expect(await store.bytes("a") == Array(1...10))
        // A repeat of the making finds it as it is.
        #expect(await make().status == 201)
        #expect(await call(.head).headers["Upload-Offset"] == "10")
    }

    @Test("An offset that is not the upload's changes nothing: 409", arguments: ["1", "4", "10", "11"])
    func offset(offset: String) async {
        _ = await make()
        _ = await patch("0", [1, 2, 3])
        #expect(await patch(offset, [9]).status == 409)
        #expect(await store.bytes("a") == [1, 2, 3])
    }

    @Test("A request of another version is refused with the one that is spoken")
    func version() async {
        for version in [nil, "0.9.0", "1.0", ""] {
            let answer = await call(.head, version: version)
            #expect(answer.status == 412 && answer.headers["Tus-Version"] == "1.0.0")
        }
    }

    @Test("Heads that are wrong are refused, and nothing is made or kept")
    func wrongHeads() async {
        for length in ["", "-1", "x", "1.5", "+1", "99999999999999999999"] {
            #expect(await call(.post, "/files", ["Upload-Length": length]).status == 400, "\(length)")
        }
        #expect(await call(.post, "/files").status == 400)
        #expect(await call(.post, "/files", ["Upload-Length": "\(1 << 20 + 1)"]).status == 413)
        #expect(await call(.post, "/files", ["Upload-Defer-Length": "1"]).status == 400)
        #expect(
            await call(.post, "/files", ["Upload-Length": "1", "Upload-Concat": "partial"]).status == 400)
        for metadata in ["a b c", "a !", ",", "a,a", String(repeating: "a", count: 1025), "a b\u{e9}"] {
            let headers: Headers = ["Upload-Length": "1", "Upload-Metadata": metadata]
            #expect(await call(.post, "/files", headers).status == 400, "\(metadata)")
        }
        let pairs = (0...Tus.metadataPairsMax).map { "k\($0)" }.joined(separator: ",")
        #expect(
            await call(.post, "/files", ["Upload-Length": "1", "Upload-Metadata": pairs]).status == 400)
        #expect(await store.bytes("a") == nil)
        _ = await make()
        #expect(await call(.patch, "/files/a", ["Upload-Offset": "0"], body: [1]).status == 415)
        #expect(await call(.patch, "/files/a", ["Content-Type": Tus.mediaType], body: [1]).status == 400)
        for offset in ["-1", "x", ""] { #expect(await patch(offset, [1]).status == 400) }
        #expect(await store.bytes("a") == [])
    }

    @Test("More than the upload has is refused, whether it is announced or not")
    func tooMuch() async {
        _ = await make()
        #expect(await patch("0", [UInt8](repeating: 0, count: 11), ["Content-Length": "11"]).status == 413)
        #expect(await patch("0", [UInt8](repeating: 0, count: 11)).status == 413)
        #expect(await store.bytes("a") == [])
    }

    @Test("Bytes that do not bear their checksum are dropped: 460, and the old offset stays")
    func checksum() async {
        _ = await make()
        _ = await patch("0", [1, 2, 3])
        var sha1 = SHA1()
        sha1.update([4, 5])
        let right = [
            "sha1 " + Data(sha1.finish()).base64EncodedString(),
            "sha256 " + Data(SHA256.hash([6, 7]).bytes).base64EncodedString(),
        ]
        for wrong in right { #expect(await patch("3", [9, 9], ["Upload-Checksum": wrong]).status == 460) }
        for wrong in [
            "md5 " + right[0].dropFirst(5), "sha1", "sha1 !", "sha1  x", String(right[1].dropLast(4)),
        ] {
            #expect(await patch("3", [4, 5], ["Upload-Checksum": wrong]).status == 400, "\(wrong)")
        }
        #expect(await call(.head).headers["Upload-Offset"] == "3")
        #expect(await patch("3", [4, 5], ["Upload-Checksum": right[0]]).headers["Upload-Offset"] == "5")
        #expect(await patch("5", [6, 7], ["Upload-Checksum": right[1]]).headers["Upload-Offset"] == "7")
        #expect(await store.bytes("a") == Array(1...7))
    }

    @Test("Making and the first bytes can come together")
    func withUpload() async {
        let headers: Headers = ["Upload-Length": "4", "Content-Type": Tus.mediaType]
        let answer = await call(.post, "/files", headers, body: [1, 2])
        #expect(answer.status == 201 && answer.headers["Upload-Offset"] == "2")
        #expect(answer.headers["Location"] == "/files/a")
        // Again, because the answer was lost: nothing is there twice.
        let again = await call(.post, "/files", headers, body: [1, 2])
        #expect(again.status == 201 && again.headers["Upload-Offset"] == "2")
        #expect(await patch("2", [3, 4]).status == 204)
        #expect(await store.bytes("a") == [1, 2, 3, 4])
    }

    @Test("What was terminated is gone: 404; what has expired: 410")
    func ends() async {
        #expect(await call(.head).status == 404)
        #expect(await call(.delete).status == 404)
        _ = await make()
        #expect(await call(.delete).status == 204)
        #expect(await call(.head).status == 404)
        #expect(await patch("0", [1]).status == 404)
        _ = await make()
        await store.pass(86_400_000)
        #expect(await call(.head).status == 410)
        #expect(await patch("0", [1]).status == 410)
    }

    @Test("Without a token, or with another's, nothing is told but that")
    func tokens() async {
        _ = await make()
        for method in [Method.head, .patch, .delete] {
            let headers: Headers = ["Content-Type": Tus.mediaType, "Upload-Offset": "0"]
            #expect(await call(method, "/files/a", headers, token: nil).status == 401)
            #expect(await call(method, "/files/a", headers, token: "b").status == 403)
            #expect(await call(method, "/files/a", token: nil).status == 401)
        }
        #expect(await call(.post, "/files", ["Upload-Length": "x"], token: nil).status == 401)
    }

    @Test("A client that cannot say PATCH or DELETE says it in a header")
    func override() async {
        _ = await make()
        let headers: Headers = [
            "X-HTTP-Method-Override": "PATCH", "Content-Type": Tus.mediaType, "Upload-Offset": "0",
        ]
        #expect(await call(.post, "/files/a", headers, body: [1]).status == 204)
        #expect(await call(.post, "/files/a", ["X-HTTP-Method-Override": "DELETE"]).status == 204)
        #expect(await store.bytes("a") == nil)
        #expect(await call(.post, "/files/a", ["X-HTTP-Method-Override": "GO"]).status == 400)
    }

    @Test("Cut at any byte, and resumed at the offset that is told: every byte comes once")
    func cuts() async throws {
        let seed = Int.random(in: 1...Int.max)
        var random = SeededGenerator(seed: seed)
        let content = random.bytes(300_000)
        try await withServer(router) { server in
            _ = await call(.post, "/files", ["Upload-Length": "\(content.count)"])
            var cuts = 0
            while true {
                let head = try await client(port: server.port).send(
                    ClientRequest(
                        .head, "/files/a",
                        headers: ["Tus-Resumable": "1.0.0", "Authorization": "Bearer a"]))
                let offset = try #require(head.headers["Upload-Offset"].flatMap { Int($0) })
                if offset == content.count { break }
                let piece = Array(
                    content[offset..<min(content.count, offset + Int.random(in: 1...40_000, using: &random))])
                try await rawClient(server.port) { socket in
                    socket.send(
                        "PATCH /files/a HTTP/1.1\r\nHost: h\r\nTus-Resumable: 1.0.0\r\nAuthorization: Bearer a\r\n"
                            + "Content-Type: \(Tus.mediaType)\r\nUpload-Offset: \(offset)\r\n"
                            + "Content-Length: \(content.count - offset)\r\n\r\n")
                    socket.send(piece)
                }
                cuts += 1
            }
            #expect(cuts > 7)
            #expect(await store.bytes("a") == content, "SEED \(seed)")
        }
    }
}

@Suite("Ranges of bytes")
struct ByteRangeTests {
    @Test(
        "A range is what RFC 9110 says",
        arguments: [
            ("bytes=0-0", 0, 1), ("bytes=5-", 5, 10), ("bytes=-3", 7, 10), ("bytes=-30", 0, 10),
            ("bytes=2-99999999999999999999", 2, 10), ("bytes=9-9", 9, 10),
        ])
    func ranges(text: String, from: Int, to: Int) {
        let found = ByteRange.wanted(by: ["Range": text], of: 10, tag: "\"t\"")
        #expect(found == ByteRange(range: from..<to, isWhole: false))
    }

    @Test(
        "What is not understood is as none",
        arguments: ["", "bytes=", "bytes=a-b", "lines=1-2", "bytes=5-2", "bytes=0-1,3-4", "bytes=--1"])
    func ignored(text: String) {
        #expect(ByteRange.wanted(by: ["Range": text], of: 10, tag: "")?.isWhole == true)
        #expect(
            ByteRange.wanted(by: ["Range": "bytes=1-2", "If-Range": "x"], of: 10, tag: "y")?.isWhole == true)
    }

    @Test("What lies beyond cannot be had", arguments: ["bytes=10-", "bytes=10-12", "bytes=-0"])
    func beyond(text: String) {
        #expect(ByteRange.wanted(by: ["Range": text], of: 10, tag: "") == nil)
    }
}
