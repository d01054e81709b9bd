import Accounts
import Casework
import Cryptography
import SyncProtocol
import Testing
import Web

@testable import Pages
@testable import WindowAgent

@Suite("Pages of the desk", .timeLimit(.minutes(10)))
struct DeskPageTests {
    private let fixture: DeskFixture

    init() async throws { fixture = try await DeskFixture() }

    private static let addresses = [
        "/outbox", "/differences", "/returned", "/stock", "/handovers", "/handovers/2025Q3", "/link",
        "/system",
    ]

    @Test("Every page is sound before anything was done, and small", arguments: addresses)
    func empty(address: String) async throws {
        let page = try await fixture.page(address)
        #expect(page.utf8.count < 40_000, "\(page.utf8.count)")
    }

    @Test("Hostile names are text wherever they are shown")
    func hostile() async throws {
        let name = #"\"><script>alert(1)</script>"#
        let id = try await fixture.api.newCase(#"{"childName": "\#(name)", "motherName": "\#(name)"}"#)
        try await fixture.contradict(id, "motherName", "<img src=x onerror=alert(1)>")
        for address in Self.addresses + ["/cases/\(id)/materials", "/cases/\(id)/duplicates"] {
            let page = try await fixture.page(address)
            #expect(!page.contains("<script>") && !page.contains("<img src=x"), "\(address)")
        }
    }

    @Test("What waits is counted in the head, and the strip alone is a small fragment")
    func strip() async throws {
        _ = try await fixture.api.newCase()
        let page = try await fixture.page("/outbox")
        #expect(page.contains("待发送<span class=\"count\">1</span>"))
        let strip = try await fixture.respond(Request(.get, "/strip"))
        let text = String(decoding: strip.body, as: UTF8.self)
        #expect(text.hasPrefix("<div class=\"strip\" id=\"strip\"") && text.utf8.count < 4000)
        #expect(text.contains("2025年9月29日 星期一 08:00") && text.contains("1 项待发送"))
        #expect(text.contains("立即发送"))
    }

    @Test("Large type is remembered by the browser, and the way back leads only to this server")
    func typeSize() async throws {
        let cases = [
            ("http://window.test/outbox?x=1", "/outbox?x=1"), ("http://evil.test/outbox", "/"),
            ("http://window.test.evil.test/", "/"), ("http://window.test//evil.test/", "/"), ("", "/"),
        ]
        for (referer, target) in cases {
            let answer = try await fixture.post(
                "/type-size", [("size", "large")], headers: ["Host": "window.test", "Referer": referer])
            #expect(answer.status == 303 && answer.headers["Location"] == target, "\(referer)")
            #expect(answer.headers["Set-Cookie"]?.hasPrefix("type=large; ") == true)
        }
        let page = try await fixture.page("/outbox", headers: ["Cookie": "type=large"])
        #expect(page.contains("data-type=\"large\"") && page.contains("标准字号"))
    }

    @Test("A failed exchange is told with its reason in words, and work goes on")
    func offline() async throws {
        _ = try await fixture.api.newCase()
        await fixture.api.link.behave(.fails(.unreachable("Could not resolve host")))
        let running = Task { await fixture.api.exchanger.run() }
        _ = await fixture.api.exchanger.exchangeNow()
        let page = try await fixture.page("/outbox")
        running.cancel()
        #expect(page.contains("连不上中心：网络未接通") && page.contains("已试 "))
        #expect(page.contains("lang=\"en\">Could not resolve host"))
    }

    @Test("A certificate is voided once with a reason, and what cannot be one is refused")
    func voids() async throws {
        var central = ModelCentral.with(.test)
        try central.assign("Z000000001", "Z000000009")
        try await central.settle(with: fixture.store)
        let page = try await fixture.page("/stock")
        #expect(page.contains("<b>9</b>") && page.contains("仅剩 9 份"))
        let order = [("number", " z000000003 "), ("basis", "污损"), ("reason", "打印时"), ("saveID", "v")]
        #expect(try await fixture.post("/stock/voids", order).status == 303)
        #expect(try await fixture.post("/stock/voids", order).status == 303)
        let after = try await fixture.page("/stock")
        #expect(after.contains("Z000000003") && after.contains("污损：打印时") && after.contains("<b>8</b>"))
        #expect(try await fixture.post("/stock/voids", [("number", "Z1"), ("basis", "污损")]).status == 422)
        #expect(
            try await fixture.post("/stock/voids", [("number", "Z000000004"), ("basis", "")]).status == 422)
    }

    @Test("A quarter is recorded by a form, and its register printed")
    func handover() async throws {
        let id = try await fixture.api.newBirth()
        for (step, more) in [("submit", ""), ("accept", ""), ("issue", #""number": "Z000000001""#)] {
            #expect(try await fixture.api.step(step, of: id, more).status == 200)
        }
        #expect(try await fixture.page("/handovers").contains("Z000000001"))
        fixture.api.machine.pass(milliseconds: 86_400_000)
        let address = "/handovers/2025Q3?policy=gx-yongfu"
        #expect(try await fixture.post(address, [("date", "昨天")]).status == 422)
        #expect(try await fixture.post(address, [("date", "2025-09-30")]).status == 303)
        #expect(try await fixture.page(address).contains("已于2025年9月30日交接"))
        let paper = try await fixture.respond(
            Request(.get, "/handovers/2025Q3/paper?policy=gx-yongfu"))
        #expect(paper.status == 200 && String(decoding: paper.body, as: UTF8.self).contains("Z000000001"))
    }

    @Test("The link is set by a form; a wrong word is refused with what it should be, and nothing is saved")
    func link() async throws {
        let wrong = try await fixture.post("/link", [("metered", "yes"), ("budget", "plenty")])
        #expect(wrong.status == 422 && String(decoding: wrong.body, as: UTF8.self).contains("每天流量上限"))
        #expect(try await fixture.store.settingSources().here.values.isEmpty)
        #expect(
            try await fixture.post("/link", [("metered", "yes"), ("budget", "5MB"), ("photos", "")]).status
                == 303)
        #expect(try await fixture.page("/link").contains("按流量计费"))
        #expect(try await fixture.store.settingSources().here.values == [.metered: "yes", .budget: "5MB"])
    }

    @Test("The store is checked and the caches made anew by forms, a trial changing nothing")
    func upkeep() async throws {
        _ = try await fixture.api.newCase()
        let changes = try await fixture.store.figures().changes
        let check = try await fixture.post("/system/check", [])
        #expect(check.status == 200 && String(decoding: check.body, as: UTF8.self).contains("没有发现问题：2 份档案"))
        let trial = try await fixture.post("/system/resync", [("kind", "rebuild"), ("dryRun", "yes")])
        #expect(String(decoding: trial.body, as: UTF8.self).contains("这是试算"))
        let done = try await fixture.post("/system/resync", [("kind", "rebuild")])
        #expect(String(decoding: done.body, as: UTF8.self).contains("已完成"))
        #expect(try await fixture.post("/system/resync", [("kind", "x")]).status == 422)
        #expect(try await fixture.store.figures().changes == changes)
    }

    @Test("Two cases of one child stand side by side until a clerk tells them apart")
    func duplicates() async throws {
        let fixture = try await DeskFixture(duplicatesKey: SecretBytes(randomCount: 32))
        let birth =
            #"{"childName": "韦子墨", "motherName": "韦秀英", "birthDate": "2025-09-28", "childSex": "1", "#
            + #""motherPhone": "19900000001", "motherIdType": "01", "motherIdNo": "11010519491231002X", "#
            + #""birthCertNo": "Z000000001"}"#
        let one = try await fixture.api.newCase(birth)
        let two = try await fixture.api.newCase(birth.replacing("Z000000001", with: "Z000000002"))
        let address = "/cases/\(two)/duplicates"
        let page = try await fixture.page(address)
        #expect(page.contains("是同一新生儿") && page.contains("Z00000000<mark>2</mark>"))
        let order = [("other", one), ("reason", "双胞胎")]
        #expect(try await fixture.post(address, order + [("basis", "")]).status == 303)
        #expect(try await fixture.page(address).contains("没有疑似重复"))
        #expect(try await fixture.page("/cases/\(one)/duplicates").contains("没有疑似重复"))
        #expect(try await fixture.post(address, order).status == 409)
    }

    @Test(
        "Another site can send a window no form",
        arguments: [
            "/send", "/stock/voids", "/handovers/2025Q3", "/link", "/link/copy",
            "/link/copy/removal",
            "/link/sheet", "/link/sticks", "/system/check", "/system/resync",
        ])
    func tokens(address: String) async throws {
        let before = try await fixture.api.trace()
        for token in [nil, "", "other"] {
            #expect(try await fixture.post(address, [], token: token).status == 403)
        }
        #expect(try await fixture.api.trace() == before)
    }
}
