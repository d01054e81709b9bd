import Casework
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("Polling, claims and tokens of departments")
struct TaskTurnTests {
    @Test("Who polls with the cursor misses nothing, is told nothing twice, and a poll without news is empty")
    func cursor() async throws {
        let world = try World()
        let (ward, caseID, first) = try await world.accepted()
        var writer = first
        let desk = world.departmentDesk
        let all = try await desk.tasks(of: "health", countMax: 200)
        #expect(Set(all.tasks.map(\.record.item)) == ["birthCert", "parenting"])
        #expect(all.tasks.map(\.turn.turn) == all.tasks.map(\.turn.turn).sorted())
        let quiet = try await desk.tasks(of: "health", after: all.cursor, countMax: 200)
        #expect(quiet.tasks.isEmpty && quiet.cursor == all.cursor && !quiet.hasMore && !quiet.isReset)
        // What the department does not use does not make it look again; what it uses does.
        try writer.write(caseID, [155: ([.text("x")], [])])
        try await ward.push(writer.run(2))
        #expect(try await desk.tasks(of: "health", after: all.cursor, countMax: 9).tasks.isEmpty)
        let name = writer.changes[0].dot
        try writer.write(caseID, [20: (CBOR.name("王大明"), [name])])
        try await ward.push(writer.run(3))
        let news = try await desk.tasks(of: "health", after: all.cursor, countMax: 9)
        #expect(Set(news.tasks.map(\.record.item)) == ["birthCert", "parenting"])
        #expect(news.tasks.allSatisfy { $0.task?.fields.contains { $0.text == "王大明" } == true })
        try await desk.take(try world.result("health", "birthCert", "r", of: caseID))
        let answered = try await desk.tasks(of: "health", after: news.cursor, countMax: 9)
        #expect(answered.tasks.map(\.record.state) == [.done])
    }

    @Test("Pages of one give in the end what one page gives, whatever happens in between; seeds are printed")
    func pages() async throws {
        for seed in UInt64(1)...5 {
            let world = try World(seed: seed)
            var random = SeededGenerator(seed: seed)
            var (told, cursor): ([TaskTurn], TaskCursor?) = ([], nil)
            var open: [CaseID] = []
            for step in 0..<60 {
                if random.next() % 3 == 0 || open.isEmpty {
                    open.append(
                        try await world.accepted("H\(seed)X\(step)", replica: 100 + UInt64(step)).caseID)
                } else if random.next() % 2 == 0, let caseID = open.randomElement(using: &random) {
                    try await world.departmentDesk.take(
                        try world.result("health", "birthCert", "\(step)", of: caseID))
                }
                let page = try await world.departmentDesk.tasks(of: "health", after: cursor, countMax: 1)
                told += page.tasks.map(\.turn)
                cursor = page.cursor
            }
            while case let page = try await world.departmentDesk.tasks(
                of: "health", after: cursor, countMax: 1),
                !page.tasks.isEmpty
            {
                told += page.tasks.map(\.turn)
                cursor = page.cursor
            }
            #expect(Set(told.map(\.turn)).count == told.count, "seed \(seed)")
            let last = Dictionary(
                told.map { ("\($0.record.caseID) \($0.record.item)", $0) }, uniquingKeysWith: { $1 })
            let whole = try await world.departmentDesk.tasks(of: "health", countMax: 10_000).tasks.map(\.turn)
            #expect(Set(last.values) == Set(whole), "seed \(seed)")
        }
    }

    @Test("A rebuild gives no task a new turn; another central's cursor begins anew")
    func rebuilt() async throws {
        let world = try World()
        _ = try await world.accepted()
        let before = try await world.departmentDesk.tasks(of: "health", countMax: 9)
        try await Rebuild(store: world.store, books: world.books).run()
        let after = try await world.departmentDesk.tasks(of: "health", countMax: 9)
        #expect(after.tasks.map(\.turn) == before.tasks.map(\.turn) && after.cursor == before.cursor)
        let foreign = TaskCursor(epoch: "0", turn: 1)
        let reset = try await world.departmentDesk.tasks(of: "health", after: foreign, countMax: 9)
        #expect(reset.isReset && reset.tasks.count == before.tasks.count)
        let beyond = TaskCursor(epoch: before.cursor.epoch, turn: 1_000)
        #expect(try await world.departmentDesk.tasks(of: "health", after: beyond, countMax: 9).isReset)
        for text in ["", "x", "1-", "1-2-3", "1-x", String(repeating: "1", count: 70) + "-1"] {
            #expect(throws: CentralError.self) { try TaskCursor(reading: text) }
        }
    }

    @Test("An item that is taken out of a case is gone for its department, and comes back as a new telling")
    func gone() async throws {
        let world = try World()
        let (ward, caseID, first) = try await world.accepted()
        var writer = first
        let before = try await world.departmentDesk.tasks(of: "hrss", countMax: 9)
        let dot = writer.changes[0].dot
        let without = try writer.write(caseID, [81: ([.array([.text("birthCert"), .text("hukou")])], [dot])])
        try await ward.push(writer.run(2))
        let gone = try await world.departmentDesk.tasks(of: "hrss", after: before.cursor, countMax: 9)
        #expect(gone.tasks.map(\.record.state) == [.gone] && gone.tasks.allSatisfy { $0.task == nil })
        #expect(try await world.states(caseID)["ssCard"] == nil)
        try writer.write(caseID, [81: ([.array([.text("ssCard"), .text("hukou")])], [without.dot])])
        try await ward.push(writer.run(3))
        let again = try await world.departmentDesk.tasks(of: "hrss", after: gone.cursor, countMax: 9)
        #expect(again.tasks.map(\.record.state) == [.held])
    }

    @Test("Two operators do not do one task twice; a claim ends by time, by its holder and by the answer")
    func claims() async throws {
        let world = try World()
        let (_, caseID, _) = try await world.accepted()
        let desk = world.departmentDesk
        let until = try await desk.claim("birthCert", on: caseID, of: "health", by: "a", minutes: 10)
        #expect(until == world.environment.now() + 600_000)
        #expect(try await desk.task(of: "health", on: caseID, "birthCert").claim?.holder == "a")
        await #expect(throws: CentralError.refused(.claimed(by: "a", untilMilliseconds: until))) {
            _ = try await desk.claim("birthCert", on: caseID, of: "health", by: "b", minutes: 1)
        }
        await #expect(throws: CentralError.refused(.claimed(by: "a", untilMilliseconds: until))) {
            try await desk.release("birthCert", on: caseID, of: "health", by: "b")
        }
        _ = try await desk.claim("birthCert", on: caseID, of: "health", by: "a", minutes: 20)
        world.clock.withLock { $0 += 20 * 60_000 }
        #expect(try await desk.task(of: "health", on: caseID, "birthCert").claim == nil)
        _ = try await desk.claim("birthCert", on: caseID, of: "health", by: "b", minutes: 1)
        try await desk.release("birthCert", on: caseID, of: "health", by: "b")
        try await desk.release("birthCert", on: caseID, of: "health", by: "b")
        _ = try await desk.claim("birthCert", on: caseID, of: "health", by: "c", minutes: 1)
        // What was done was done, whoever had claimed it.
        try await desk.take(try world.result("health", "birthCert", "r", of: caseID))
        #expect(try await desk.task(of: "health", on: caseID, "birthCert").claim == nil)
        for (item, minutes) in [
            ("birthCert", UInt64(1)), ("parenting", 0), ("parenting", 1_441), ("none", 1),
        ] {
            await #expect(throws: CentralError.self) {
                _ = try await desk.claim(
                    item, on: caseID, of: "health", by: "d", minutes: minutes)
            }
        }
    }

    @Test(
        "Only the department's own token opens its desk; the one before for a day; none when it is disabled")
    func tokens() async throws {
        let world = try World()
        let desk = world.departmentDesk
        let (police, _) = (try await desk.add("police", name: "P"), try await desk.add("health", name: "H"))
        await #expect(throws: CentralError.refused(.taken)) { _ = try await desk.add("police", name: "P") }
        try await desk.authorise(police.text, for: "police")
        func isRefused(_ token: String?, _ code: String) async {
            await #expect(throws: CentralError.refused(.unauthorised)) {
                try await desk.authorise(token, for: code)
            }
        }
        for (token, code) in [
            (police.text, "health"), (police.text, "none"), (nil, "police"), ("", "police"),
        ] {
            await isRefused(token, code)
        }
        let new = try await desk.renewToken(of: "police")
        try await desk.authorise(new.text, for: "police")
        try await desk.authorise(police.text, for: "police")
        world.clock.withLock { $0 += DepartmentDesk.oldTokenMilliseconds }
        await isRefused(police.text, "police")
        try await desk.disable("police")
        await isRefused(new.text, "police")
        await isRefused(String(repeating: "0", count: 64), "police")
        let last = try await desk.renewToken(of: "police")
        try await desk.authorise(last.text, for: "police")
        await isRefused(new.text, "police")
        await #expect(throws: CentralError.refused(.unknownDepartment)) { try await desk.disable("none") }
    }
}
