import Casework
import Cryptography
import Foundation
import SyncProtocol
import Testing
import Web

@testable import Persistence
@testable import WindowAgent

/// No link: nothing goes and nothing comes.
private struct NoLink: UploadLink, DownloadLink {
    func locate(_ offer: AttachmentOffer, token: String) async throws(UploadError) -> UInt64 {
        throw .network(bytes: 0)
    }

    func send(
        _ bytes: [UInt8], of offer: AttachmentOffer, token: String, at offset: UInt64
    ) async throws(UploadError) -> UInt64 { throw .network(bytes: 0) }

    func fetch(_ hash: Digest, from offset: Int, bytesMax: Int) async throws(DownloadError) -> DownloadPiece {
        throw .network
    }
}

@Suite("Pages of materials at the window", .timeLimit(.minutes(2)))
struct MaterialAPITests {
    private let fixture: APIFixture
    private let files: AttachmentFiles
    private let desk: AttachmentDesk
    private let router: Router
    private let photo = [0xFF, 0xD8, 0xFF, 0xE0] + SecureRandom.bytes(100_000)

    init() async throws {
        let fixture = try await APIFixture()
        self.fixture = fixture
        files = try AttachmentFiles(
            directory: fixture.machine.path("attachments"), key: SecretBytes(randomCount: 32))
        desk = try Self.desk(files, fixture)
        router = WindowAPI(
            store: fixture.store, exchanger: fixture.exchanger, enroller: FakeEnroller(), token: "secret",
            dictionary: .standard, environment: fixture.machine.environment, attachments: desk
        ).router()
    }

    private static func desk(_ files: AttachmentFiles, _ fixture: APIFixture) throws -> AttachmentDesk {
        let (environment, store) = (fixture.machine.environment, fixture.store)
        return AttachmentDesk(
            uploads: try AttachmentLane(files: files, link: NoLink(), environment: environment) {
                try await store.names($0)
            },
            downloads: DownloadLane(files: files, link: NoLink(), environment: environment))
    }

    private func call(
        _ method: Web.Method, _ target: String, _ body: [UInt8] = [], headers: Headers = Headers(),
        token: String = "secret"
    ) async throws -> Response {
        var headers = headers
        headers["Authorization"] = "Bearer \(token)"
        return await router.respondByContract(to: Request(method, target, headers: headers, body: body))
    }

    private func add(
        _ content: [UInt8], to id: String, _ material: String = "YF-M02a", page: String? = "1",
        headers: Headers = Headers()
    ) async throws -> Response {
        let query = page.map { "?page=\($0)" } ?? ""
        return try await call(
            .post, "/api/v1/cases/\(id)/materials/\(material)/pages\(query)", content, headers: headers)
    }

    private func list(_ id: String) async throws -> [[String: JSON]] {
        let answer = try await call(.get, "/api/v1/cases/\(id)/attachments")
        guard case .list(let list)? = try JSON(parsing: answer.body).members?["attachments"] else {
            return []
        }
        return list.compactMap(\.members)
    }

    private func hex(_ content: [UInt8]) -> String { SHA256.hash(content).bytes.hexadecimal }

    private func gaps(_ id: String) async throws -> String {
        let shown = try await fixture.call(.get, "/api/v1/cases/\(id)")
        return "\(String(describing: shown["life"]?.members?["judgement"]))"
    }

    @Test("A page is kept, named, listed, shown whole and by range, and satisfies its material")
    func wholeWay() async throws {
        let id = try await fixture.newBirth(["materials": .null])
        #expect(try await gaps(id).contains("母亲有效居民身份证。"))
        #expect(try await add(photo, to: id).status == 201)
        #expect(try await gaps(id).contains("母亲有效居民身份证（缺：反面）。"))
        let back = photo + [1]
        #expect(try await add(back, to: id, page: "2").status == 201)
        #expect(try await !gaps(id).contains("母亲有效居民身份证"))
        let lines = try await list(id)
        #expect(lines.map { $0["hash"] } == [.text(hex(photo)), .text(hex(back))])
        #expect(lines.map { $0["page"] } == [.text("正面"), .text("反面")])
        #expect(
            lines.allSatisfy { $0["state"] == .text("waiting") && $0["mediaType"] == .text("image/jpeg") })
        let target = "/api/v1/cases/\(id)/attachments/\(hex(photo))"
        let whole = try await call(.get, target)
        #expect(whole.headers["Content-Type"] == "image/jpeg" && whole.status == 200)
        #expect(whole.headers["Content-Disposition"]?.hasPrefix("inline; filename=") == true)
        #expect(whole.defaults["X-Content-Type-Options"] == "nosniff")
        #expect(try await whole.wholeBody() == photo)
        let part = try await call(.get, target, headers: ["Range": "bytes=65530-65545"])
        #expect(part.status == 206)
        #expect(try await part.wholeBody() == Array(photo[65_530...65_545]))
        #expect(await desk.uploads.status.waiting == 2)
    }

    @Test("A page that was taken back is not listed, its file stays, and the history shows why")
    func removes() async throws {
        let id = try await fixture.newBirth()
        _ = try await add(photo, to: id)
        let target = "/api/v1/cases/\(id)/materials/YF-M02a/pages/\(hex(photo))/removal"
        #expect(try await call(.post, target, Array(#"{"reason": ""}"#.utf8)).status == 422)
        #expect(try await call(.post, target, Array(#"{"reason": "拍错了"}"#.utf8)).status == 200)
        #expect(try await list(id).isEmpty)
        #expect(try await call(.post, target, Array(#"{"reason": "拍错了"}"#.utf8)).status == 404)
        #expect(try await call(.get, "/api/v1/cases/\(id)/attachments/\(hex(photo))").status == 200)
        #expect(try await fixture.store.log().last?.content?.reason == "拍错了")
    }

    @Test("What cannot become a page is refused, and nothing is kept")
    func refuses() async throws {
        let id = try await fixture.newBirth()
        let before = try await fixture.trace()
        let large = photo + [UInt8](repeating: 0, count: AttachmentLane.byteCountMax - photo.count + 1)
        let cases: [(Int, Response)] = [
            (413, try await add(large, to: id)),
            (415, try await add(Array("GIF89a12345".utf8), to: id)),
            (415, try await add([], to: id)),
            (422, try await add(photo, to: id, page: nil)),
            (422, try await add(photo, to: id, page: "3")),
            (422, try await add(photo, to: id, "NO-SUCH")),
            (404, try await add(photo, to: HospitalID.test.record.description)),
            (404, try await add(photo, to: "x")),
            (
                401,
                try await call(
                    .post, "/api/v1/cases/\(id)/materials/YF-M02a/pages?page=1", photo, token: "wrong")
            ),
        ]
        for (status, response) in cases { #expect(response.status == status) }
        #expect(try await fixture.trace() == before)
        #expect(try files.waitingAttachments().isEmpty)
        #expect(try await add(Array(large.dropLast()), to: id).status == 201)
    }

    @Test("A case has so many pages and no more")
    func tooMany() async throws {
        let text = try await fixture.newBirth()
        let id = try #require(CaseID(text))
        func pages(_ range: Range<Int>) -> [CasePage] {
            range.map {
                CasePage(
                    hash: SHA256.hash([UInt8($0)]).bytes, format: .jpg, byteCount: 1, material: "YF-M02a",
                    part: "正面")
            }
        }
        _ = try await fixture.store.addPages(pages(0..<100), to: id, .clerk)
        _ = try await fixture.store.addPages(pages(100..<CasePage.perCaseMax), to: id, .clerk)
        #expect(try await add(photo, to: text).status == 422)
        #expect(try await list(text).count == CasePage.perCaseMax)
    }

    @Test("A file is shown only in a case that names it")
    func scoped() async throws {
        let (id, other) = (try await fixture.newBirth(), try await fixture.newBirth())
        _ = try await add(photo, to: id)
        #expect(try await call(.get, "/api/v1/cases/\(other)/attachments/\(hex(photo))").status == 404)
        #expect(try await call(.post, "/api/v1/cases/\(other)/attachments/\(hex(photo))/fetch").status == 404)
        #expect(
            try await call(.get, "/api/v1/cases/\(id)/attachments/\(hex(photo))", token: "x").status == 401)
        for name in ["zz", String(repeating: "0", count: 64)] {
            #expect(try await call(.get, "/api/v1/cases/\(id)/attachments/\(name)").status == 404)
        }
    }

    @Test("Twins get their parents' paper at once; a repeated save adds nothing")
    func twinsAndRepeats() async throws {
        let answer = try await fixture.call(
            .post, "/api/v1/cases?policy=gx-yongfu",
            #"{"motherPhone": "19900000001", "childName": "测试一", "siblings": [{"childName": "测试二"}]}"#)
        let ids = answer.list("cases").compactMap { if case .text(let id)? = $0["id"] { id } else { nil } }
        try #require(ids.count == 2, "\(answer.text)")
        let target = "/api/v1/cases/\(ids[0])/materials/YF-M04/pages?page=1&alsoLinked=true"
        for _ in 0..<2 {
            #expect(
                try await call(.post, target, photo, headers: ["Idempotency-Key": "k"]).status == 201)
        }
        for id in ids { #expect(try await list(id).count == 1) }
        let changes = try await fixture.store.log().count
        #expect(try await call(.post, target, photo).status == 201)
        #expect(try await fixture.store.log().count == changes)
        let other = try await call(.post, target, photo + [0], headers: ["Idempotency-Key": "k"])
        #expect(other.status == 422)
    }

    @Test(
        "A crash between file and change leaves a file that goes after a day; one that is named stays for ever"
    )
    func orphans() async throws {
        let id = try await fixture.newBirth()
        _ = try await add(photo, to: id)
        let orphan = photo + [7]
        _ = try await desk.uploads.keep(orphan)  // and here the machine dies
        let (one, two) = (SHA256.hash(photo), SHA256.hash(orphan))
        for (milliseconds, isThere) in [(0, true), (86_399_999, true), (1, false)] as [(UInt64, Bool)] {
            fixture.machine.pass(milliseconds: milliseconds)
            let again = try Self.desk(files, fixture)
            let running = Task { await again.uploads.run {} }
            // What a change names waits to be sent; the orphan does not, sooner or later.
            while await again.uploads.status.waiting < 1 { await Task.yield() }
            running.cancel()
            await running.value
            #expect(await again.uploads.status.waiting == 1)
            #expect(try files.byteCount(of: two) == (isThere ? orphan.count : nil))
            #expect(try files.byteCount(of: one) == photo.count)
        }
        // The change may still come, with the file.
        #expect(try await add(orphan, to: id, page: "2").status == 201)
    }

    @Test("What central has lost is brought again by a window that has it, and by no other")
    func brings() async throws {
        let id = try await fixture.newBirth()
        _ = try await add(photo, to: id)
        try files.noteSent(SHA256.hash(photo))
        let again = try Self.desk(files, fixture)
        await again.uploads.bring([SHA256.hash(photo), SHA256.hash([9])])
        #expect(await again.uploads.offers().map(\.hash) == [SHA256.hash(photo)])
        // It is durable.
        #expect(try files.waitingAttachments().map(\.hash) == [SHA256.hash(photo)])
    }

    @Test("A damaged file breaks off, is said, and the same photo taken again replaces it")
    func damaged() async throws {
        let id = try await fixture.newBirth()
        _ = try await add(photo, to: id)
        let folder = fixture.machine.path("attachments/whole/")
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        var sealed = try Data(contentsOf: URL(filePath: folder + name))
        sealed[90_000] ^= 1
        try sealed.write(to: URL(filePath: folder + name))
        let target = "/api/v1/cases/\(id)/attachments/\(hex(photo))"
        let answer = try await call(.get, target)
        await #expect(throws: AttachmentError.damaged) { try await answer.wholeBody() }
        #expect(try await list(id).first?["state"] == .text("damaged"))
        #expect(try await desk.figures().damaged == 1)
        #expect(await desk.downloads.wantedCount == 1)
        #expect(try await call(.get, target).status == 404)
        #expect(try await add(photo, to: id).status == 201)
        #expect(try await call(.get, target).wholeBody() == photo)
        #expect(try await desk.figures().damaged == 0)
    }

    @Test("Looking a file up walks an index, whether for one case or for any")
    func plans() async throws {
        let id = try await fixture.newBirth()
        _ = try await add(photo, to: id)
        let store = try await fixture.machine.open()
        let caseID = try #require(CaseID(id))
        #expect(try await store.names(SHA256.hash(photo), in: caseID))
        #expect(try await store.names(SHA256.hash(photo)))
        #expect(try await !store.names(SHA256.hash([1])))
        let plans = try await store.plans().filter { $0.sql.contains("FROM attachment_name") }
        #expect(plans.count >= 2)
        for plan in plans { #expect(plan.steps.allSatisfy { !$0.hasPrefix("SCAN") }, "\(plan)") }
    }
}
