import Casework
import Cryptography
import Foundation
import SyncProtocol
import Testing
import Web

@testable import CentralServer

/// A hospital's windows and central's people doing anything in any order, from one seed.
struct DeskLife {
    let world: World
    private(set) var settledCount = 0
    private let ward: Ward
    private var random: SeededGenerator
    private var writers: [Writer]
    private let cases: [CaseID]
    /// What central wrote at the desk.
    private var decided: [(caseID: CaseID, group: GroupID, dot: Dot)] = []
    /// Names by the rule staff, a phone by latest, birth facts by owner, a department's result that no window may write, a number.
    private static let groups: [UInt32] = [20, 50, 55, 202, 39]

    init(seed: UInt64) async throws {
        world = try World(seed: seed + 1)
        random = SeededGenerator(seed: seed + 1000)
        ward = try await world.hospital("H1")
        writers = (0..<4).map { Writer(1000 * (seed + 1) + UInt64($0)) }
        let world = world
        cases = (0..<4).map { _ in world.newCase() }
    }

    mutating func act() async throws {
        world.clock.withLock { $0 += 60_000 }
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5: try await write()
        case 5, 6: try await settle()
        case 7: try await undo()
        case 8: try await judge()
        default:
            guard let id = cases.randomElement(using: &random) else { return }
            if try await world.changes(of: id).isEmpty { return }
            _ = try await world.mergeDesk.assign(
                id, to: ["li", "wang", nil].randomElement(using: &random) ?? nil, by: "s")
        }
    }

    /// A clerk writes over some of what stands, as somebody who has not seen the rest.
    private mutating func write() async throws {
        guard let id = cases.randomElement(using: &random),
            let group = Self.groups.randomElement(using: &random)
        else { return }
        let state = CaseState(folding: try await world.changes(of: id))
        let live = state.registers[GroupID(rawValue: group)]?.dots ?? []
        let seen = live.filter { _ in Bool.random(using: &random) }
        let index = Int.random(in: 0..<writers.count, using: &random)
        let word = ["Z000000001", "Z000000002", "Z000000003"].randomElement(using: &random) ?? ""
        try writers[index].write(
            id, [group: ([.text(word)], seen)], milliseconds: world.environment.now())
        try await ward.push(writers[index].run())
    }

    private mutating func settle() async throws {
        let entries = try await world.queue().filter { $0.kind == .conflict }
        guard let entry = entries.randomElement(using: &random), let group = entry.group else { return }
        let live = try await world.state(of: entry.caseID).registers[group]?.dots ?? []
        guard let dot = live.randomElement(using: &random) else { return }
        let settled = try await world.settle(entry.caseID, .standing(dot), group: group)
        decided += settled.changes.map { (entry.caseID, group, $0.dot) }
        settledCount += 1
    }

    private mutating func undo() async throws {
        guard let last = decided.randomElement(using: &random) else { return }
        do {
            let undone = try await world.undo(last.caseID, last.dot, group: last.group)
            decided += undone.changes.map { (last.caseID, last.group, $0.dot) }
        } catch CentralError.refused(.stale) {}  // others wrote since, or it is undone already
    }

    private mutating func judge() async throws {
        let entries = try await world.queue().filter { $0.kind == .aside }
        guard let entry = entries.randomElement(using: &random), let target = entry.target else { return }
        let seen = try await world.state(of: entry.caseID).asides[target]?.dots ?? []
        try await world.mergeDesk.give(
            MergeDesk.Verdict(
                caseID: entry.caseID, target: target, isTakenUp: Bool.random(using: &random), seen: seen,
                reason: "r", user: "s"))
    }

    func expectQueueOfLog(_ comment: String) async throws {
        let entries = try await world.queue()
        let listed = entries.compactMap { entry in entry.group.map { "\(entry.caseID) \($0)" } }
        #expect(Set(listed).count == listed.count, "\(comment)")
        #expect(try await world.conflictsOfLog() == Set(listed), "\(comment)")
        #expect(entries.allSatisfy { $0.sinceMilliseconds > 0 }, "\(comment)")
        for id in cases {
            let changes = try await world.changes(of: id)
            if changes.isEmpty { continue }
            let state = CaseState(folding: changes)
            for loss in Loss.all(of: "H1", in: changes, state, dictionary: .standard) {
                let standing = state.registers[loss.group]?.standing.map(\.value) ?? []
                #expect(!standing.contains(loss.lost.value), "\(comment)")
                #expect(loss.decision.author.role == .central, "\(comment)")
            }
        }
    }
}

/// The desk's addresses, called as staff do.
struct DeskCalls {
    let world: World
    private let router: Router
    private let token = String(repeating: "5", count: 64)

    init(_ world: World) {
        self.world = world
        router = CentralAPI(
            store: world.store, books: world.books, environment: world.environment,
            intake: Intake(store: world.store, books: world.books),
            gate: DeviceGate(store: world.store, environment: world.environment),
            staffTokenHash: SHA256.hash(Array(token.utf8)).bytes, dictionary: nil
        ).router { _, _ in }
    }

    func post(_ target: String, _ body: String) async throws -> (status: Int, json: JSON) {
        try await call(.post, target, body)
    }

    func call(_ method: Web.Method, _ target: String, _ body: String = "") async throws -> (
        status: Int, json: JSON
    ) {
        let response = await router.respondByContract(
            to: Request(
                method, target, headers: ["Authorization": "Bearer \(token)", "Operator": "li"],
                body: Array(body.utf8)))
        return (response.status, try JSON(parsing: response.body))
    }

    /// What came of each entry.
    func settle(_ entries: [String], choice: String) async throws -> [String] {
        let answer = try await post("/api/v1/desk/settlements", Self.order(entries, choice))
        guard case .list(let outcomes)? = answer.json.members?["outcomes"] else {
            throw Broken(what: "\(answer)")
        }
        return outcomes.map { if case .text(let word)? = $0.members?["outcome"] { word } else { "" } }
    }

    static func entry(_ caseID: CaseID, _ seen: [Dot]) -> String {
        let dots = seen.map { "\"\($0)\"" }.joined(separator: ",")
        return #"{"caseID":"\#(caseID)","group":20,"seen":[\#(dots)]}"#
    }

    static func order(_ entries: [String], _ choice: String, reason: String = "r") -> String {
        #"{"reason":"\#(reason)","choice":"\#(choice)","settlements":[\#(entries.joined(separator: ","))]}"#
    }
}
