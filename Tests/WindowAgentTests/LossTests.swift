import Casework
import Foundation
import SyncProtocol
import Testing
import Web

@testable import Persistence
@testable import WindowAgent

@Suite("Values that central has put aside are told until a clerk has seen them")
struct LossTests {
    private let fixture: APIFixture
    private var store: WindowStore { fixture.store }
    private var central = ModelCentral.with(.test)
    private let name = GroupID(rawValue: 20)

    init() async throws { fixture = try await APIFixture() }

    /// A case of which central has settled the child's name for another one.
    private mutating func lose(_ reason: String? = "by paper") async throws -> (id: CaseID, lost: Dot) {
        let id = try await store.newCase()
        try await central.settle(with: store)
        let lost = try #require(central.state(of: id).registers[name]?.dots.first)
        try decide(id, "中心定", reason)
        try await central.settle(with: store)
        return (id, lost)
    }

    private mutating func decide(_ id: CaseID, _ value: String, _ reason: String? = nil) throws {
        let dots = central.state(of: id).registers[name]?.dots ?? []
        try central.write(
            [name: ChangeContent.Write(value: [.text(value)], replaces: dots)], on: id, reason: reason)
    }

    private func listed(_ query: String = "") async throws -> [[String: JSON]] {
        try await fixture.call(.get, "/api/v1/losses\(query)").list("losses")
    }

    @Test(
        "A loss is told with what stands, who decided and why; seen, it is told no more, also after a rebuild"
    )
    mutating func told() async throws {
        #expect(try await listed().isEmpty)
        let (id, lost) = try await lose()
        let loss = try #require(try await listed().first)
        #expect(loss["caseID"] == .text(id.description) && loss["childName"] == .text("中心定"))
        #expect(loss["lost"]?.members?["dot"] == .text(lost.description))
        #expect(loss["lost"]?.members?["value"] == .object(["childName": .text("测试一")]))
        #expect(loss["standing"] == .list([.object(["childName": .text("中心定")])]))
        #expect(loss["decision"]?.members?["user"] == .text("desk"))
        #expect(loss["decision"]?.members?["reason"] == .text("by paper"))
        #expect(try await store.unseenLossCount() == 1)
        let answer = try await fixture.call(
            .post, "/api/v1/losses/acknowledgements", #"{"caseID":"\#(id)","group":20}"#)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(try await listed().isEmpty)
        #expect(try await listed("?all=true").map { $0["isSeen"] } == [.bool(true)])
        #expect(try await store.rebuild() > 0)
        #expect(try await listed().isEmpty)
        #expect(try await store.unseenLossCount() == 0)
        // Central and the hospital's other computers hear of it.
        try await central.settle(with: store)
        try await central.expectSettled(with: store)
        let again = try await fixture.call(
            .post, "/api/v1/losses/acknowledgements", #"{"caseID":"\#(id)"}"#)
        #expect(again.list("cases").first?["isChanged"] == .bool(false))
    }

    @Test("A new decision against the same value is told anew")
    mutating func toldAnew() async throws {
        let (id, _) = try await lose()
        _ = try await store.acknowledge(id, group: nil, .clerk)
        try await central.settle(with: store)
        try decide(id, "再定")
        try await central.settle(with: store)
        #expect(try await listed().count == 1)
    }

    @Test(
        "In one step the lost value is the clerk's new change; repeated it is one, and with others' values there it is refused"
    )
    mutating func rewrite() async throws {
        let (id, lost) = try await lose()
        let loss = try #require(try await listed().first)
        guard case .list(let seen)? = loss["seen"], case .text(let dot)? = seen.first else {
            throw Broken(what: "no dots")
        }
        let body = #"{"caseID":"\#(id)","group":20,"dot":"\#(lost)","seen":["\#(dot)"],"reason":"核对过"}"#
        let headers: Headers = ["Idempotency-Key": "again-1"]
        for _ in 0..<2 {
            let answer = try await fixture.call(
                .post, "/api/v1/losses/rewrites", body, headers: headers)
            #expect(answer.status == 200, "\(answer.text)")
        }
        let state = try await store.state(of: id)
        #expect(state.registers[name]?.standing.map(\.value) == [[.text("测试一")]])
        #expect(state.registers[name]?.standing.map(\.author.role) == [.window])
        #expect(state.count == 3)
        #expect(try await listed("?all=true").isEmpty)
        let stale = try await fixture.call(.post, "/api/v1/losses/rewrites", body)
        #expect(stale.status == 409)
    }

    @Test(
        "What is no loss, no case or no dot is refused and writes nothing",
        arguments: [
            (#"{"caseID":"x","group":20,"dot":"0000000000000001.1","seen":[]}"#, 404),
            (#"{"caseID":"CASE","group":20,"dot":"x","seen":[]}"#, 400),
            (#"{"caseID":"CASE","group":20,"dot":"0000000000000001.1","seen":["x"]}"#, 400),
            (#"{"caseID":"CASE","group":20,"dot":"0000000000000001.1","seen":[]}"#, 409),
            (#"{"caseID":"CASE","group":4,"dot":"0000000000000001.1","seen":[]}"#, 409), ("{}", 400),
        ])
    func refused(body: String, status: Int) async throws {
        let id = try await fixture.newCase()
        let count = try await store.log().count
        let answer = try await fixture.call(
            .post, "/api/v1/losses/rewrites", body.replacingOccurrences(of: "CASE", with: id))
        #expect(answer.status == status, "\(answer.text)")
        #expect(try await store.log().count == count)
    }

    @Test("The history of a case is there for the clerk, too; an assignment by central shows in the case")
    mutating func history() async throws {
        let (id, _) = try await lose()
        let answer = try await fixture.call(.get, "/api/v1/cases/\(id)/history")
        #expect(answer.list("history").count == 2)
        try central.write(
            [GroupID(rawValue: 9021): ChangeContent.Write(value: [.text("li")], replaces: [])], on: id)
        try await central.settle(with: store)
        let shown = try await fixture.call(.get, "/api/v1/cases/\(id)")
        #expect(shown["fields"]?.members?["deskAssignee"] == .text("li"))
        let unknown = CaseID(milliseconds: 9, random: (9, 9))
        #expect(try await fixture.call(.get, "/api/v1/cases/\(unknown)/history").status == 404)
    }

    @Test("The list walks an index as far as it shows, and sorts nothing")
    mutating func plans() async throws {
        _ = try await lose()
        let store = try await fixture.machine.open()  // what made the tables is run no more
        _ = try await (store.losses(limit: 5), store.losses(all: true, limit: 5), store.unseenLossCount())
        let plans = try await store.plans().filter {
            $0.sql.contains("FROM loss") && $0.sql.contains("SELECT")
        }
        #expect(plans.count >= 3)
        for plan in plans {
            #expect(!plan.steps.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
            #expect(plan.steps.first?.contains("USING") == true, "\(plan)")
        }
    }
}
