import Casework
import Foundation
import SyncProtocol
import Testing
import Web

@testable import Persistence
@testable import WindowAgent

@Suite("Work list")
struct WorkListTests {
    private func page(_ store: WindowStore, _ change: (inout WorkQuery) -> Void = { _ in }) async throws
        -> WorkPage
    {
        var query = WorkQuery(today: CalendarDate(milliseconds: TestMachine.start))
        change(&query)
        return try await store.workPage(query)
    }

    @Test("A case is found by names, pinyin, numbers and the ends of numbers, and by nothing else")
    func search() async throws {
        let pages = try await PageFixture()
        let id = try await pages.birth(
            "01",
            ["childName": .text("韦子墨"), "motherName": .text("单美华"), "motherPhone": .text("13907732208")])
        _ = try await pages.birth("03")
        let store = pages.api.store
        let number = try #require(
            try await pages.life(of: id).answers.text("caseNumber"))
        let idNo = try #require(
            try await pages.life(of: id).answers.text("motherIdNo"))
        for typed in [
            "韦子墨", "子墨", "wzm", "WZM", "weizimo", "单美华", "smh", "shanmeihua", "13907732208", "2208",
            "１３９０７７３２２０８",
            number, number.lowercased(), String(idNo.suffix(6)), "韦 2208", " 韦子墨 ",
        ] {
            let found = try await page(store) { $0.terms = SearchTerms(typed) }
            #expect(found.ids.map(\.description) == [id], "\(typed)")
        }
        for typed in ["韦子默", "zm", "dmh", "13907732209", "韦 2209", "\u{0}x", "%", "</"] {
            #expect(try await page(store) { $0.terms = SearchTerms(typed) }.ids.isEmpty, "\(typed)")
        }
    }

    @Test("What somebody looks for stands in no address, and only they come back to it")
    func searchAddress() async throws {
        let pages = try await PageFixture()
        _ = try await pages.birth("01", ["childName": .text("韦子墨")])
        let answer = try await pages.submit("/search", [("q", "韦子墨")])
        let location = try #require(answer.location)
        #expect(answer.status == 303 && !location.contains("%") && location.hasPrefix("/?search="))
        let shown = try await pages.get(location)
        #expect(shown.contains("找到 <b>1</b> 件") && shown.contains("value=\"韦子墨\""))
        #expect(shown.markup.faults.isEmpty, "\(shown.markup.faults)")
        let memory = SearchMemory()
        memory.keep("韦子墨", of: "a", as: "x")
        #expect(memory.typed("x", of: "a") == "韦子墨" && memory.typed("x", of: "b") == nil)
        for place in 0..<SearchMemory.countMax { memory.keep("\(place)", of: "a", as: "\(place)") }
        #expect(memory.typed("x", of: "a") == nil)
    }

    @Test("Shelves and counts follow the cases, whatever happens to them")
    func shelves() async throws {
        let pages = try await PageFixture()
        let store = pages.api.store
        #expect(try await page(store).found == 0)
        let first = try await pages.birth("01")
        let second = try await pages.birth("01", ["childName": .text("测试二")])
        var now = try await page(store)
        #expect(now.counts[.open] == 2 && now.counts[.draft] == 2 && now.ids.first?.description == second)
        pages.api.machine.pass(milliseconds: 1000)
        try await pages.api.step("submit", of: first)
        try await pages.api.step("accept", of: first)
        now = try await page(store)
        #expect(now.counts[.draft] == 1 && now.counts[.running] == 1 && now.ids.first?.description == first)
        let due = try #require(now.lines.first?.summary.due.flatMap { CalendarDate($0) })
        #expect(
            try await page(store) {
                $0.shelf = .today; $0.today = due
            }.ids.map(\.description) == [first])
        #expect(
            try await page(store) {
                $0.shelf = .late; $0.today = due
            }.found == 0)
        #expect(
            try await page(store) {
                $0.shelf = .late; $0.today = due.adding(days: 1) ?? due
            }.found == 1)
        try await pages.api.step("withdraw", of: second, #""reasons": ["家属要求"]"#)
        now = try await page(store)
        #expect(now.counts[.open] == 1 && now.counts[.over] == 1)
        #expect(try await page(store) { $0.worker = "clerk" }.found == 1)
        #expect(try await page(store) { $0.worker = "nobody" }.found == 0)
        #expect(try await page(store) { $0.policy = "ah" }.found == 0)
    }

    @Test(
        "Pages of the list join without a gap and without a repeat, also while cases change; lines cost one statement"
    )
    func paging() async throws {
        let machine = try TestMachine()
        let store = try await machine.open()
        var ids: [CaseID] = []
        for number in 0..<120 {
            ids.append(try await store.newCase(["childName": .text("测试\(number)")]))
            machine.pass(milliseconds: number.isMultiple(of: 3) ? 0 : 1000)
        }
        var seen: [CaseID] = []
        var after: WorkPlace?
        repeat {
            let page = try await page(store) { $0.after = after }
            seen += page.ids
            #expect(page.lines.count == page.ids.count && page.ids.count <= WindowStore.workPageLines)
            after = page.next
        } while after != nil
        #expect(seen.count == 120 && Set(seen) == Set(ids))
        let changed = ids[0]
        _ = try await store.edit(changed, ["motherName": .text("覃丽")], .clerk)
        #expect(try await page(store).ids.first == changed)
        machine.set(now: machine.now - 3_600_000)
        _ = try await store.edit(ids[1], ["motherName": .text("覃丽")], .clerk)
        #expect(try await Set(page(store).counts.keys.map { $0 }).contains(.open))
        #expect(try await page(store) { $0.terms = SearchTerms("覃丽") }.found == 2)
    }

    @Test(
        "The index agrees with a list that is made anew from the tables, after any changes", arguments: 0..<10
    )
    func agreement(seed: UInt64) async throws {
        let machine = try TestMachine(seed: Int(seed) + 1)
        let store = try await machine.open()
        var random = SeededGenerator(seed: Int(seed))
        var ids: [CaseID] = []
        for _ in 0..<60 {
            machine.pass(milliseconds: random.next() % 3 * 500)
            if ids.isEmpty || random.next() % 3 == 0 {
                ids.append(try await store.newCase(["childName": .text("测试\(ids.count)")]))
            } else {
                let id = ids[Int(random.next() % UInt64(ids.count))]
                _ = try await store.edit(id, ["motherName": .text("母\(random.next() % 9)")], .clerk)
            }
            if random.next() % 4 == 0 { _ = try await page(store) }
        }
        let kept = try await page(store)
        let fresh = try await page(try await machine.open())
        #expect(kept == fresh, "seed \(seed)")
        #expect(try await store.cases(limit: 50).map(\.id).count == kept.ids.count)
    }

    @Test("Statements of the work list walk a key or read all cases once; none is run for each line")
    func plans() async throws {
        let machine = try TestMachine()
        let store = try await machine.open()
        for number in 0..<60 { _ = try await store.newCase(["childName": .text("测试\(number)")]) }
        let reopened = try await machine.open()
        _ = try await page(reopened)
        let plans = try await reopened.plans().filter {
            $0.sql.contains("FROM case_cache WHERE case_id IN (")
        }
        #expect(plans.count == 1)
        for plan in plans { #expect(!plan.steps.contains { $0.hasPrefix("SCAN") }, "\(plan)") }
        let drafts = try await reopened.plans().filter { $0.sql.contains("FROM draft WHERE id >=") }
        for plan in drafts { #expect(!plan.steps.contains { $0.contains("TEMP B-TREE") }, "\(plan)") }
    }
}
