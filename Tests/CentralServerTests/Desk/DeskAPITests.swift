import Casework
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("The desk's addresses")
struct DeskAPITests {
    private let world: World
    private let desk: DeskCalls

    init() throws {
        world = try World()
        desk = DeskCalls(world)
    }

    private func entries(_ query: String = "") async throws -> [[String: JSON]] {
        let answer = try await desk.call(.get, "/api/v1/desk/queue\(query)")
        guard case .list(let entries)? = answer.json.members?["entries"] else {
            throw Broken(what: "\(answer)")
        }
        return entries.compactMap(\.members)
    }

    @Test("The queue, one case, the counts, a settlement, its undo: as a page does it")
    func day() async throws {
        let ward = try await world.hospital("H1")
        let (caseID, dots) = try await world.disputed(ward, names: ["a", "b"], base: "x")
        let entry = try #require(try await entries().first)
        #expect(entry["kind"] == .text("conflict") && entry["hospital"] == .text("H1"))
        for (name, count) in [("values", 2), ("base", 1), ("seen", 2)] {
            guard case .list(let list)? = entry[name] else { throw Broken(what: name) }
            #expect(list.count == count, "\(name)")
        }
        #expect(
            try await desk.call(
                .post, "/api/v1/desk/assignments", #"{"assignee":"wang","cases":["\#(caseID)"]}"#
            ).status == 200)
        let counts = try await desk.call(.get, "/api/v1/desk/counts").json.members ?? [:]
        #expect(counts["total"] == .number(1) && counts["assignees"] == .object(["wang": .number(1)]))
        #expect(counts["ages"] == .object(["1d": .number(1)]))
        // Of two people at once the second is told what stands, and who works on it.
        #expect(try await desk.settle([DeskCalls.entry(caseID, dots)], choice: "later") == ["settled"])
        let stale = try await desk.post(
            "/api/v1/desk/settlements", DeskCalls.order([DeskCalls.entry(caseID, dots)], "window"))
        guard case .list(let outcomes)? = stale.json.members?["outcomes"],
            let outcome = outcomes.first?.members, case .list(let standing)? = outcome["standing"]
        else { throw Broken(what: "\(stale)") }
        #expect(outcome["outcome"] == .text("stale") && outcome["assignee"] == .text("wang"))
        #expect(standing.count == 1)
        let dot = try #require(standing[0].members?["dot"])
        guard case .text(let word) = dot else { throw Broken(what: "no dot") }
        for (dryRun, told) in [("true", "would-undo"), ("false", "undone")] {
            let undo =
                #"{"reason":"r","dryRun":\#(dryRun),"undos":[{"caseID":"\#(caseID)","group":20,"dot":"\#(word)"}]}"#
            let answer = try await desk.post("/api/v1/desk/undos", undo)
            guard case .list(let list)? = answer.json.members?["outcomes"] else {
                throw Broken(what: "\(answer)")
            }
            #expect(list.first?.members?["outcome"] == .text(told))
        }
        #expect(try await world.names(caseID) == ["a", "b"])
        let shown = try await desk.call(.get, "/api/v1/desk/cases/\(caseID)").json.members ?? [:]
        #expect(shown["assignee"] == .text("wang"))
        let history = try await desk.call(.get, "/api/v1/cases/\(caseID)/history").json.members?["history"]
        guard case .list(let changes)? = history else { throw Broken(what: "no history") }
        #expect(changes.count == 7)
    }

    @Test("A change that was set aside tells why, in words, and what can be done; a verdict settles it")
    func verdicts() async throws {
        let ward = try await world.hospital("H1")
        let caseID = world.newCase()
        var writer = Writer(1)
        let target = try writer.write(caseID, [202: ([.text("done")], [])])
        try await ward.push(writer.run())
        let entry = try #require(try await entries("?kind=aside").first)
        guard case .text(let sentence)? = entry["sentence"], case .list(let remedies)? = entry["remedies"],
            case .list(let seen)? = entry["seen"], case .text(let dot)? = seen.first
        else { throw Broken(what: "\(entry)") }
        #expect(sentence.hasSuffix("不由该单位填写。") && remedies.count == 3)
        func give(_ verdict: String, _ dot: String) async throws -> JSON? {
            let body =
                #"{"reason":"r","verdicts":[{"caseID":"\#(caseID)","change":"\#(target.id)","verdict":"\#(verdict)","seen":["\#(dot)"]}]}"#
            let answer = try await desk.post("/api/v1/desk/verdicts", body)
            guard case .list(let list)? = answer.json.members?["outcomes"] else {
                throw Broken(what: "\(answer)")
            }
            return list.first?.members?["outcome"]
        }
        #expect(try await give("forget", dot) == .text("malformed"))
        #expect(try await give("set-aside", "0000000000000001.1") == .text("stale"))
        #expect(try await give("set-aside", dot) == .text("done"))
        #expect(try await entries().isEmpty)
    }

    @Test(
        "What is no query of the queue is refused",
        arguments: [
            "kind=x", "group=x", "hours=x", "hours=99999999", "order=x", "after=x", "hospital=H9",
        ])
    func queries(query: String) async throws {
        _ = try await world.hospital("H1")
        let status = try await desk.call(.get, "/api/v1/desk/queue?" + query).status
        #expect(status == (query == "hospital=H9" ? 404 : 400))
    }
}
