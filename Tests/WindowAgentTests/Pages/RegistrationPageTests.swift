import Casework
import Foundation
import SyncProtocol
import Testing
import Web

@testable import WindowAgent

@Suite("Registration by pages")
struct RegistrationPageTests {
    private func begin(_ pages: PageFixture, newborns: Int = 1) async throws -> (
        page: PageFixture.Shown, path: String
    ) {
        let answer = try await pages.submit(
            "/register", [("policy", "gx-yongfu"), ("newborns", "\(newborns)")])
        let path = try #require(answer.location)
        return (try await pages.get(path), path)
    }

    @Test("A registration is a draft until its first part is saved, is listed, and comes back as it was")
    func draft() async throws {
        let pages = try await PageFixture()
        let changes = try await pages.api.trace()[0]
        let (page, path) = try await begin(pages)
        #expect(page.markup.faults.isEmpty, "\(page.markup.faults)")
        let form =
            try #require(page.markup.form(path)).fields.filter { $0.0 != "motherName" } + [
                ("motherName", "覃丽")
            ]
        let kept = try await pages.submit("\(path)/draft", form, token: "")
        #expect(kept.status == 200 && kept.contains("已自动保存"))
        #expect(try await pages.api.trace()[0] == changes)
        let list = try await pages.get("/")
        #expect(list.contains("未完成的登记") && list.contains("覃丽") && list.contains(path))
        #expect(try await pages.get(path).contains("value=\"覃丽\""))
        try await pages.fill(try await pages.get(path), "\(path)/removal", [:])
        #expect(try await pages.get(path).status == 404)
        #expect(try await !pages.get("/").contains("未完成的登记"))
    }

    @Test("Twins come from one entry: linked cases with the parents in common and each child's own left open")
    func twins() async throws {
        let pages = try await PageFixture()
        let (page, path) = try await begin(pages, newborns: 2)
        let form =
            try #require(page.markup.form(path)).fields.filter {
                !["motherName", "childName"].contains($0.0)
            } + [("motherName", "黄美华"), ("childName", "黄梓轩")]
        let answer = try await pages.submit(path, form, token: "")
        #expect(answer.status == 303, "\(answer.text)")
        let list = try await pages.api.store.workPage(
            WorkQuery(today: CalendarDate(milliseconds: pages.api.machine.now)))
        #expect(list.lines.count == 2)
        #expect(Set(list.lines.map(\.summary.childName)) == ["黄梓轩", nil])
        #expect(list.lines.allSatisfy { $0.summary.motherName == "黄美华" })
        #expect(Set(list.lines.compactMap(\.detail.siblings)) == [[2, 1], [2, 2]])
        // The same form once more, after the answer was lost, makes no third.
        let again = try await pages.submit(path, form, token: "")
        #expect(again.location == answer.location)
        #expect(try await pages.api.store.figures().cases == 2)
    }

    @Test("A registration that cannot be taken stays one, with its reasons")
    func refused() async throws {
        let pages = try await PageFixture()
        let changes = try await pages.api.trace()[0]
        let (page, path) = try await begin(pages)
        let answer = try await pages.fill(page, path, ["motherIdNo": "1", "motherName": "覃丽"])
        #expect(answer.status == 422 && answer.contains("未保存") && answer.contains("value=\"覃丽\""))
        #expect(try await pages.get(path).contains("value=\"覃丽\""))
        #expect(try await pages.api.trace()[0] == changes)
    }

    @Test("What is no registration, no region and no number of newborns is refused")
    func limits() async throws {
        let pages = try await PageFixture()
        for fields in [[("policy", "none")], [("policy", "gx-yongfu"), ("newborns", "5")]] {
            #expect(try await pages.submit("/register", fields).status == 422)
        }
        for path in ["/register/zz", "/register/\(String(repeating: "a", count: 33))", "/register/abc"] {
            #expect(try await pages.get(path).status == 404, "\(path)")
        }
    }
}
