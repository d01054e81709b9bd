import Casework
import Pages
import SyncProtocol
import Testing
import Web

@testable import Persistence
@testable import WindowAgent

@Suite("Conflicts and losses on pages")
struct DifferencePageTests {
    private let fixture: DeskFixture
    private var central = ModelCentral.with(.test)
    private let name = GroupID(rawValue: 50)

    init() async throws { fixture = try await DeskFixture() }

    private func disputed() async throws -> (id: String, page: String) {
        let id = try await fixture.api.newCase(#"{"childName": "测试一", "motherName": "王芳"}"#)
        try await fixture.contradict(id, "motherName", "王<b>方</b>")
        return (id, try await fixture.page("/differences"))
    }

    @Test("Both values are shown with what differs, and the one that a clerk takes replaces them all")
    func settles() async throws {
        let (id, page) = try await disputed()
        #expect(page.contains("王<mark>芳</mark>") && !page.contains("<b>方"))
        #expect(page.contains("王<mark>&lt;b&gt;方&lt;/b&gt;</mark>"))
        #expect(page.contains("冲突与落选<span class=\"count\">1</span>"))
        let seen = DeskFixture.hidden("seen", in: page).map { ("seen", $0) }
        let dot = try #require(
            page.split(separator: "name=\"dot\" value=\"").dropFirst().first?.prefix { $0 != "\"" })
        let fields = seen + [("group", "50"), ("dot", String(dot)), ("saveID", "s")]
        #expect(try await fixture.post("/cases/\(id)/settlement", fields).status == 422)
        for _ in 0..<2 {
            let done = try await fixture.post("/cases/\(id)/settlement", fields + [("basis", "电话核实")])
            #expect(done.status == 303)
        }
        let state = try await fixture.store.state(of: try #require(CaseID(id)))
        #expect(state.conflicts(by: FieldDictionary.standard.mergeRules).isEmpty)
        #expect(try await fixture.store.log().last?.content?.reason == "电话核实")
        #expect(try await fixture.page("/differences").contains("没有要处理的内容"))
    }

    @Test("What has moved since the page was shown is not settled")
    func moved() async throws {
        let (id, page) = try await disputed()
        let seen = DeskFixture.hidden("seen", in: page)
        try await fixture.contradict(id, "motherName", "第三个")
        let fields = seen.map { ("seen", $0) } + [("group", "50"), ("dot", seen[0]), ("basis", "x")]
        #expect(try await fixture.post("/cases/\(id)/settlement", fields).status == 409)
        #expect(
            try await fixture.post(
                "/cases/\(id)/settlement", [("group", "50"), ("dot", "x"), ("basis", "x")]
            ).status == 422)
    }

    @Test("A value that central put aside is told in its case, and restored or seen by a form")
    mutating func losses() async throws {
        let id = try await fixture.store.newCase(["motherName": .text("王芳")])
        try await central.settle(with: fixture.store)
        let dots = central.state(of: id).registers[name]?.dots ?? []
        try central.write([name: .init(value: [.text("王方")], replaces: dots)], on: id, reason: "按户口簿")
        try await central.settle(with: fixture.store)
        let page = try await fixture.page("/differences?case=\(id)")
        #expect(page.contains("未采用本院内容") && page.contains("理由：按户口簿") && page.contains("恢复我填写的内容"))
        let form = try #require(page.split(separator: "/losses/restoration\"").dropFirst().first)
        let (dot, seen) = (DeskFixture.hidden("dot", in: form)[0], DeskFixture.hidden("seen", in: form)[0])
        let restore = [("group", "50"), ("dot", dot), ("seen", seen), ("reason", "已再次核对")]
        let restored = try await fixture.post("/cases/\(id)/losses/restoration", restore)
        #expect(restored.status == 303)
        #expect(try await fixture.store.view(of: id).text("motherName") == "王芳")
        // The loss is over; central's people may decide anew, and it is told anew.
        #expect(try await fixture.store.unseenLossCount() == 0)
    }

    @Test("What a clerk has seen is told no more")
    mutating func seen() async throws {
        let id = try await fixture.store.newCase(["motherName": .text("王芳")])
        try await central.settle(with: fixture.store)
        let dots = central.state(of: id).registers[name]?.dots ?? []
        try central.write([name: .init(value: [.text("王方")], replaces: dots)], on: id)
        try await central.settle(with: fixture.store)
        #expect(try await fixture.store.deskCounts().losses == 1)
        #expect(try await fixture.post("/cases/\(id)/losses/seen", [("group", "50")]).status == 303)
        #expect(try await fixture.store.deskCounts().losses == 0)
    }

    private static let marked: [(String, [String], String)] = [
        ("J450326-2023-000187", ["J450326-2023-001087"], "J450326-2023-00<mark>01</mark>87"),
        ("王芳", ["王芳芳"], "王芳<mark></mark>"), ("王芳", ["王芳"], "王芳"), ("甲", ["乙"], "<mark>甲</mark>"),
        ("甲", [""], "甲"), ("aXbYc", ["a1b2c"], "a<mark>XbY</mark>c"),
    ]

    @Test(
        "The middle in which texts differ is marked, and nothing is lost or added",
        arguments: marked)
    func marks(text: String, others: [String], marked: String) {
        #expect(ValueWords.marked(text, beside: others).markup == marked)
    }

    @Test("The desk's lists and counts walk an index of what waits")
    func plans() async throws {
        _ = try await disputed()
        let store = try await fixture.api.machine.open()
        _ = try await (
            store.deskCounts(), store.disputedCases(limit: 9), store.casesWithAsides(limit: 9),
            store.unseenLossCases(limit: 9)
        )
        let wanted = ["WHERE conflicts > 0", "WHERE asides > 0", "WHERE unseen > 0"]
        let plans = try await store.plans().filter { plan in wanted.contains { plan.sql.contains($0) } }
        #expect(plans.count >= 4)
        for plan in plans {
            #expect(!plan.steps.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
            let scans = plan.steps.filter { $0.hasPrefix("SCAN case_cache") && !$0.contains("case_cache_") }
            #expect(scans.isEmpty, "\(plan)")
        }
    }
}
