import Accounts
import Casework
import Testing
import Web

@testable import CentralServer

@Suite("Publishing rules and days off by page")
struct PublicationPageTests {
    private let fixture: CentralPageFixture

    init() throws { fixture = try CentralPageFixture() }

    /// 永福's rules with another version and, where it is said, another name of an item.
    private func file(version: Int, item: String = "出生登记") throws -> String {
        let policy = try #require(PolicyLibrary.standard["gx-yongfu"])
        let text = String(decoding: PolicyLibrary.standard.file(of: policy), as: UTF8.self)
        return text.replacing("\"version\":\(policy.version)", with: "\"version\":\(version)")
            .replacing("\"name\":\"出生登记\"", with: "\"name\":\"\(item)\"")
    }

    private func check(
        _ file: String, to place: String = "all", by visitor: CentralPageFixture.Visitor
    ) async -> Response {
        var headers = visitor.headers
        headers["Content-Type"] = "multipart/form-data; boundary=b"
        let fields = [("formToken", headers["Form-Token"] ?? ""), ("to", place)].map {
            "--b\r\nContent-Disposition: form-data; name=\"\($0)\"\r\n\r\n\($1)\r\n"
        }
        let body =
            fields.joined()
            + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.json\"\r\n\r\n\(file)\r\n--b--\r\n"
        return await fixture.accounts.respond(.post, "/rules/check", headers, body)
    }

    @Test("A file is shown with what it changes, and holds once that is confirmed")
    func policy() async throws {
        _ = try await fixture.world.hospital("H1")
        let administrator = try await fixture.sign(.administrator)
        #expect(await administrator.page("/rules").contains("action=\"/rules/check\""))
        let next = (PolicyLibrary.standard["gx-yongfu"]?.version ?? 0) + 1
        let answer = await check(try file(version: next, item: "落户"), by: administrator)
        let page = String(decoding: answer.body, as: UTF8.self)
        #expect(answer.status == 200 && page.utf8.count < 100_000, "\(page.prefix(2000))")
        #expect(page.contains("将取代现行的第 \(next - 1) 版") && page.contains("落户"))
        #expect(!(await administrator.page("/rules").contains("第 \(next) 版")))
        let carried = try #require(CentralPageFixture.values("file", in: page).first)
        let place = await administrator.send("/rules/publication", [("file", carried), ("to", "all")])
        let rules = await administrator.page(place)
        #expect(rules.contains("已发布") && rules.contains("第 \(next) 版"))
        // What was published says the same for ever.
        let other = await check(try file(version: next, item: "别的"), by: administrator)
        let refused = String(decoding: other.body, as: UTF8.self)
        #expect(refused.contains("请在文件中提高版本号") && !refused.contains("action=\"/rules/publication\""))
    }

    @Test("Days off are shown day by day and published to one hospital")
    func calendar() async throws {
        _ = try await fixture.world.hospital("H1")
        let administrator = try await fixture.sign(.administrator)
        let year =
            #"{"format": 1, "year": 2031, "holidays": {"2031-01-01": "元旦"}, "workdays": {"2031-01-05": "元旦调休"}, "source": "试"}"#
        let page = String(decoding: await check(year, to: "H1", by: administrator).body, as: UTF8.self)
        #expect(page.contains("2031年1月1日") && page.contains("元旦调休"), "\(page)")
        let carried = try #require(CentralPageFixture.values("file", in: page).first)
        _ = await administrator.send("/rules/publication", [("file", carried), ("to", "H1")])
        #expect(try await fixture.world.recordDesk.record(of: "H1").calendars.contains { $0.year == 2031 })
    }

    @Test(
        "What is no policy, is too large or was cut on its way is refused in words; only who may publish gets here"
    )
    func refusals() async throws {
        let administrator = try await fixture.sign(.administrator)
        #expect(await check("{}", by: administrator).status == 422)
        let large = "{\"title\": \"\(String(repeating: "x", count: Policy.bytesMax))\"}"
        #expect(await check(large, by: administrator).status == 413)
        for text in ["", "?", "AAAA"] {
            #expect(
                await administrator.post("/rules/publication", [("file", text), ("to", "all")]).status == 400)
        }
        let merger = try await fixture.sign(.merger)
        #expect(await check(try file(version: 99), by: merger).status == 403)
        let forged = try file(version: 99)
        var stranger = administrator.headers
        stranger["Form-Token"] = "other"
        let visitor = CentralPageFixture.Visitor(fixture: fixture, headers: stranger)
        #expect(await check(forged, by: visitor).status == 403)
    }
}
