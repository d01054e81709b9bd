import Casework
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("Laws of the desk over random histories")
struct DeskLawTests {
    @Test(
        "All that is in conflict is in the queue and nothing else; a rebuild comes to the same; no loss stands",
        arguments: 0..<12)
    func queueIsTheLog(seed: Int) async throws {
        var life = try await DeskLife(seed: UInt64(seed))
        for step in 0..<60 {
            try await life.act()
            guard step % 10 == 9 else { continue }
            try await life.expectQueueOfLog("seed \(seed), step \(step)")
        }
        let caches = try await life.world.caches()
        try await Rebuild(store: life.world.store, books: life.world.books).run()
        let again = try await life.world.caches()
        #expect(again == caches, "seed \(seed)")
        #expect(life.settledCount > 0, "seed \(seed): nothing was settled")
    }

    @Test("A batch equals one by one, and leaves what is stale or has no such value", arguments: 0..<4)
    func batch(seed: Int) async throws {
        var outcomes: [[String]] = []
        for isBatch in [true, false] {
            let world = try World(seed: UInt64(seed + 1))
            let ward = try await world.hospital("H1")
            var cases: [(caseID: CaseID, dots: [Dot])] = []
            for index in 0..<6 {
                cases.append(
                    try await world.disputed(ward, names: index == 3 ? ["a", "a", "b"] : ["a", "b"]))
            }
            var late = Writer(1234)
            try late.write(cases[2].caseID, [20: (CBOR.name("c"), [])])
            try await ward.push(late.run())
            let desk = DeskCalls(world)
            let word = seed % 2 == 0 ? "later" : "window"
            let entries = cases.map { DeskCalls.entry($0.caseID, $0.dots) }
            var told: [String] = []
            if isBatch {
                told = try await desk.settle(entries, choice: word)
            } else {
                for entry in entries { told += try await desk.settle([entry], choice: word) }
            }
            #expect(told[2] == "stale" && told.count == 6, "seed \(seed)")
            #expect(told[0] == (word == "later" ? "settled" : "no-such-value"), "seed \(seed)")
            for item in cases { told.append(try await world.names(item.caseID).joined(separator: " ")) }
            outcomes.append(told)
        }
        #expect(outcomes[0] == outcomes[1], "seed \(seed)")
    }

    @Test("Orders of none, or of too many, entries are refused, and a reason is wanted")
    func limits() async throws {
        let world = try World()
        let desk = DeskCalls(world)
        let entry = DeskCalls.entry(world.newCase(), [])
        let many = [String](repeating: entry, count: MergeDesk.entriesMax + 1)
        for body in [
            DeskCalls.order([], "later"), DeskCalls.order(many, "later"),
            DeskCalls.order([entry], "later", reason: ""),
            DeskCalls.order([entry], "later", reason: String(repeating: "r", count: 2049)),
        ] {
            let status = try await desk.post("/api/v1/desk/settlements", body).status
            #expect(status == 400)
        }
        #expect(try await desk.settle([entry], choice: "later") == ["unknown"])
        #expect(try await desk.settle([entry], choice: "newest") == ["malformed"])
    }
}
