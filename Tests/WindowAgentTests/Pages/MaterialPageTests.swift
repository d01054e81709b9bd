import Casework
import Cryptography
import PageCheck
import SyncProtocol
import Testing
import Web

@testable import WindowAgent

@Suite("The page of materials", .timeLimit(.minutes(10)))
struct MaterialPageTests {
    private let fixture: DeskFixture

    init() async throws { fixture = try await DeskFixture() }

    private func slot(_ code: String, in page: String) -> Substring {
        let start = page.range(of: "id=\"m-\(code)\"")?.lowerBound ?? page.endIndex
        return page[start...].prefix { _ in true }.split(separator: "</section>").first ?? ""
    }

    @Test(
        "A file goes into its slot, what lacks goes down, and it is shown, looked at and taken out with a reason"
    )
    func wholeWay() async throws {
        let id = try await fixture.api.newBirth(["materials": .null])
        let address = "/cases/\(id)/materials"
        let before = try await fixture.page(address)
        #expect(before.contains("请补正：母亲有效居民身份证。"))
        let picture = DeskFixture.picture()
        let place = [("material", "YF-M02a"), ("page", "正面"), ("saveID", "one")]
        for _ in 0..<2 {
            let answer = try await fixture.upload(address, place, file: picture)
            #expect(answer.status == 303 && answer.headers["Location"] == address)
        }
        let hash = SHA256.hash(picture).bytes.hexadecimal
        let page = try await fixture.page(address)
        #expect(page.contains("母亲有效居民身份证（缺：反面）") && page.contains("pages/\(hash)"))
        #expect(page.ranges(of: "src=\"pages/\(hash)\"").count == 1)
        let file = try await fixture.respond(Request(.get, "/cases/\(id)/pages/\(hash)"))
        #expect(try await file.wholeBody() == picture && file.headers["Content-Type"] == "image/jpeg")
        #expect(file.headers["Cache-Control"] == nil && file.defaults["Cache-Control"] == "no-store")
        #expect(try await fixture.page("\(address)/\(hash)").contains(String(hash.prefix(12))))
        let removal = [("hash", hash), ("material", "YF-M02a")]
        let silent = try await fixture.post("\(address)/removal", removal + [("basis", ""), ("reason", " ")])
        #expect(silent.status == 422)
        let done = try await fixture.post("\(address)/removal", removal + [("basis", "拍错了材料")])
        #expect(done.status == 303)
        #expect(try await !fixture.page(address).contains("pages/\(hash)"))
        #expect(try await fixture.store.log().last?.content?.reason == "拍错了材料")
    }

    @Test("An original that was shown counts as handed in, beside what others note, and can be taken back")
    func originals() async throws {
        let id = try await fixture.api.newBirth(["materials": .null])
        let address = "/cases/\(id)/materials"
        for part in ["正面", "反面"] {
            let answer = try await fixture.post(
                "\(address)/seen", [("material", "YF-M02a"), ("page", part)])
            #expect(answer.status == 303)
        }
        let page = try await fixture.page(address)
        #expect(!page.contains("请补正：母亲有效居民身份证"))
        #expect(slot("YF-M02a", in: page).ranges(of: "已核验原件</span>").count == 2)
        _ = try await fixture.post(
            "\(address)/seen", [("material", "YF-M02a"), ("page", "反面"), ("undo", "yes")])
        #expect(try await fixture.page(address).contains("母亲有效居民身份证（缺：反面）"))
    }

    @Test("What shared data has verified is not asked for, until somebody takes that back")
    func verified() async throws {
        let id = try await fixture.api.newBirth(["materials": .null])
        let address = "/cases/\(id)/materials"
        let order = [("material", "YF-M04")]
        #expect(try await fixture.post("\(address)/verification", order).status == 303)
        let page = try await fixture.page(address)
        #expect(slot("YF-M04", in: page).contains("免提交") && !page.contains("请补正：新生儿父母双方结婚证"))
        _ = try await fixture.post("\(address)/verification", order + [("undo", "yes")])
        #expect(try await fixture.page(address).contains("请补正：新生儿父母双方结婚证"))
    }

    @Test("What is refused leaves nothing behind, and says why in Chinese")
    func refuses() async throws {
        let id = try await fixture.api.newBirth()
        let address = "/cases/\(id)/materials"
        let place = [("material", "YF-M02a"), ("page", "正面")]
        let before = try await fixture.api.trace()
        let refused: [(Int, Response)] = [
            (422, try await fixture.upload(address, place, file: [])),
            (415, try await fixture.upload(address, place, file: Array("GIF89a12345".utf8))),
            (422, try await fixture.upload(address, [("material", "NO")], file: DeskFixture.picture())),
            (
                422,
                try await fixture.upload(
                    address, [("material", "YF-M02a"), ("page", "")], file: DeskFixture.picture())
            ),
            (403, try await fixture.upload(address, place, file: DeskFixture.picture(), token: "other")),
            (404, try await fixture.upload("/cases/x/materials", place, file: DeskFixture.picture())),
            (415, try await fixture.post(address, place)),
            (403, try await fixture.post("\(address)/seen", place, token: nil)),
        ]
        for (index, (status, response)) in refused.enumerated() {
            #expect(response.status == status, "\(index)")
            let page = String(decoding: response.body, as: UTF8.self)
            #expect(MarkupCheck(page).faults.isEmpty && page.contains("id=\"problem\""), "\(index)")
        }
        #expect(try await fixture.api.trace() == before)
    }

    @Test("A file is shown only in a case that names it")
    func scoped() async throws {
        let (id, other) = (try await fixture.api.newBirth(), try await fixture.api.newBirth())
        _ = try await fixture.upload(
            "/cases/\(id)/materials", [("material", "YF-M02a"), ("page", "正面")], file: DeskFixture.picture())
        let hash = SHA256.hash(DeskFixture.picture()).bytes.hexadecimal
        for address in ["pages/\(hash)", "materials/\(hash)"] {
            let answer = try await fixture.respond(Request(.get, "/cases/\(other)/\(address)"))
            #expect(answer.status == 404)
        }
    }

    @Test("A case with as many pages as it may have is one page of less than 100 kB")
    func full() async throws {
        let text = try await fixture.api.newBirth()
        let id = try #require(CaseID(text))
        let parts = ["首页", "户主页", "本人页"]
        let pages = (0..<CasePage.perCaseMax).map { number in
            CasePage(
                hash: SHA256.hash([UInt8(number)]).bytes, format: .jpg, byteCount: 1, material: "YF-M03a",
                part: parts[number % 3])
        }
        _ = try await fixture.store.addPages(Array(pages[..<100]), to: id, .clerk)
        _ = try await fixture.store.addPages(Array(pages[100...]), to: id, .clerk)
        let page = try await fixture.page("/cases/\(text)/materials")
        #expect(page.ranges(of: "class=\"thumb\"").count == CasePage.perCaseMax)
    }

    @Test(
        "Every material of every policy stands on its page, with a way to hand in each page that is wanted",
        arguments: ["gx-yongfu", "hl-fuyuan", "gx", "ah", "gx-liuzhou"])
    func policies(id: String) throws {
        let policy = try testPolicy(id)
        let slots = MaterialSlots(policy, Answers())
        #expect(slots.slots.map(\.material.code) == policy.materials.map(\.code))
        let view = MaterialsView(
            caseID: CaseID(milliseconds: 1, random: (1, 1)), heading: "<h1>材料</h1>", slots: slots,
            standings: [:],
            hasSiblings: true, hidden: { .empty })
        for slot in slots.slots {
            #expect(view.html.markup.contains(slot.material.name), "\(slot.material.code)")
            guard slot.need == .now else { continue }
            for part in slot.parts {
                #expect(
                    view.html.markup.contains("name=\"page\" value=\"\(part.name)\""),
                    "\(slot.material.code) \(part.name)")
            }
        }
    }
}
