import Casework
import Foundation
import SyncProtocol
import Testing
import Web

@testable import WindowAgent

@Suite("Pages of cases")
struct CasePageTests {
    static let births = ["01", "06", "13", "16", "21"]

    @Test(
        "Every page of a case of every region is sound, below 100 kB, and its forms know their labels",
        arguments: births)
    func sound(number: String) async throws {
        let pages = try await PageFixture()
        let id = try await pages.birth(number)
        let policy = try #require(
            try await pages.life(of: id).policy)
        let targets =
            [
                "/", "/register", "/cases/\(id)", "/cases/\(id)/steps", "/cases/\(id)/papers",
                "/cases/\(id)/history",
            ]
            + policy.sections.indices.map { "/cases/\(id)/sections/\($0 + 1)" }
        for target in targets {
            let shown = try await pages.get(target)
            #expect(shown.status == 200, "\(target)")
            #expect(shown.markup.faults.isEmpty, "\(target): \(shown.markup.faults)")
            #expect(shown.text.utf8.count <= 100_000, "\(target): \(shown.text.utf8.count) bytes")
        }
    }

    @Test("A hostile name is text wherever it stands")
    func hostile() async throws {
        let pages = try await PageFixture()
        let name = "<script>alert(\"韦\")</script>&'"
        let id = try await pages.birth("01", ["childName": .text(name), "motherName": .text(name)])
        for target in [
            "/", "/cases/\(id)", "/cases/\(id)/sections/1", "/cases/\(id)/history", "/cases/\(id)/steps",
        ] {
            let shown = try await pages.get(target)
            #expect(!shown.contains("<script>alert"), "\(target)")
            #expect(shown.contains("&lt;script&gt;alert"), "\(target)")
        }
    }

    @Test("Saving a section is one change of what was typed, and sending the form again saves nothing more")
    func saving() async throws {
        let pages = try await PageFixture()
        let id = try await pages.birth()
        let path = "/cases/\(id)/sections/1"
        let page = try await pages.get(path)
        let before = try await pages.api.store.changes(of: named(id)).count
        let form =
            try #require(page.markup.form(path)).fields.filter { $0.0 != "childName" } + [
                ("childName", "韦子墨")
            ]
        for _ in 0..<2 {
            let answer = try await pages.submit(path, form, token: "")
            #expect(answer.status == 303, "\(answer.text)")
        }
        let changes = try await pages.api.store.changes(of: named(id))
        #expect(changes.count == before + 1)
        let childName = try group("childName")
        #expect(changes.last?.content?.writes.keys.map(\.self) == [childName])
        #expect(try await pages.get("/cases/\(id)").contains("韦子墨"))
    }

    @Test("A form that was not changed saves nothing, in any section of any region", arguments: births)
    func untouched(number: String) async throws {
        let pages = try await PageFixture()
        let id = try await pages.birth(number)
        let caseID = try named(id)
        let before = try await pages.api.store.changes(of: caseID).count
        let policy = try #require(
            try await pages.api.store.life(of: pages.api.store.state(of: caseID)).policy)
        for index in policy.sections.indices {
            let path = "/cases/\(id)/sections/\(index + 1)"
            try await pages.fill(try await pages.get(path), path, [:])
            #expect(
                try await pages.api.store.changes(of: caseID).count == before,
                "\(policy.sections[index].title)")
        }
    }

    @Test("What cannot be taken is said beside its field, nothing is saved, and what was typed is kept")
    func refused() async throws {
        let pages = try await PageFixture()
        let id = try await pages.birth()
        let path = "/cases/\(id)/sections/1"
        let before = try await pages.api.trace()
        let answer = try await pages.fill(
            try await pages.get(path), path, ["motherIdNo": "450326199001010019", "childName": "韦子墨"])
        #expect(answer.status == 422)
        #expect(answer.contains("本节未保存") && answer.contains("aria-invalid=\"true\""))
        #expect(answer.contains("value=\"韦子墨\"") && answer.contains("value=\"450326199001010019\""))
        #expect(try await pages.api.trace()[0] == before[0])
        let again = try await pages.get(path)
        #expect(again.contains("已恢复上次未保存的填写") && again.contains("value=\"韦子墨\""))
        let dropped = try await pages.fill(again, "\(path)/draft/removal", [:])
        #expect(!dropped.contains("韦子墨") && !dropped.contains("已恢复"))
    }

    @Test(
        "What is typed is kept at every change and comes back after a restart; a saved form leaves no draft")
    func drafts() async throws {
        let pages = try await PageFixture()
        let id = try await pages.birth()
        let path = "/cases/\(id)/sections/1"
        let page = try await pages.get(path)
        let form =
            try #require(page.markup.form(path)).fields.filter { $0.0 != "childName" } + [
                ("childName", "韦子墨")
            ]
        let kept = try await pages.submit("\(path)/draft", form, token: "")
        #expect(kept.status == 200 && kept.contains("已自动保存到本机草稿"))
        #expect(try await pages.get("/cases/\(id)").contains("未保存"))
        let store = try await pages.api.machine.open()
        #expect(try await store.sectionDrafts(of: named(id)) == [0])
        let restored = try await pages.get(path)
        #expect(restored.contains("value=\"韦子墨\""))
        try await pages.fill(restored, path, [:])
        #expect(try await pages.api.store.sectionDrafts(of: named(id)).isEmpty)
        // A draft that was under way when the form was saved comes too late to be one.
        _ = try await pages.submit("\(path)/draft", form, token: "")
        #expect(try await pages.api.store.sectionDrafts(of: named(id)).isEmpty)
    }

    @Test(
        "Two clerks who change one answer from the same page are in conflict, and the page tells it in place")
    func twoClerks() async throws {
        let pages = try await PageFixture()
        let id = try await pages.birth()
        let path = "/cases/\(id)/sections/1"
        let page = try await pages.get(path)
        try await pages.fill(page, path, ["childName": "韦子墨"])
        let other = try #require(page.markup.form(path)).fields.filter {
            $0.0 != "childName" && $0.0 != "saveID"
        }
        _ = try await pages.submit(path, other + [("childName", "韦子默"), ("saveID", "other")], token: "")
        let shown = try await pages.get(path)
        #expect(shown.contains("data-state=\"conflict\"") && shown.contains("韦子墨") && shown.contains("韦子默"))
        // Who has seen both settles it by typing what the paper says.
        let settled = try await pages.fill(shown, path, ["childName": "韦子墨"])
        #expect(!settled.contains("data-state=\"conflict\""))
    }

    @Test(
        "What another clerk has saved in another answer is kept by a form that was open meanwhile, and is told"
    )
    func besides() async throws {
        let pages = try await PageFixture()
        let id = try await pages.birth()
        let path = "/cases/\(id)/sections/1"
        let mine = try await pages.get(path)
        let since = try await pages.api.store.changes(of: named(id)).count
        #expect(try await pages.get("/cases/\(id)/news?since=\(since)").status == 204)
        _ = try await pages.api.call(
            .patch, "/api/v1/cases/\(id)", #"{"set": {"motherPhone": "13977320001"}}"#,
            headers: ["Operator": "李强"])
        let news = try await pages.get("/cases/\(id)/news?since=\(since)")
        #expect(news.contains("李强 刚刚修改了 母亲联系电话"))
        try await pages.fill(mine, path, ["childName": "韦子墨"])
        let shown = try await pages.get(path)
        #expect(shown.contains("value=\"13977320001\"") && shown.contains("value=\"韦子墨\""))
        #expect(!shown.contains("data-state=\"conflict\""))
    }

    @Test("A form without the session's token is refused, and so is one for a case that is not here")
    func refusals() async throws {
        let pages = try await PageFixture()
        let id = try await pages.birth()
        for target in [
            "/search", "/register", "/cases/\(id)/sections/1", "/cases/\(id)/steps",
            "/cases/\(id)/certificate",
        ] {
            #expect(
                try await pages.submit(target, [("step", "submit")], token: "").status == 403, "\(target)")
        }
        let other = CaseID(milliseconds: 9, random: (9, 9)).description
        for target in [
            "/cases/\(other)", "/cases/none", "/cases/\(id)/sections/99", "/cases/\(id)/papers/none",
        ] {
            let shown = try await pages.get(target)
            #expect(shown.status == 404 && shown.markup.faults.isEmpty, "\(target): \(shown.status)")
        }
        let forged = try await pages.submit(
            "/cases/\(id)/sections/1", [("childName", "韦"), ("seen.20", "nonsense")])
        #expect(forged.status == 400)
    }
}
