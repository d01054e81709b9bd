import Casework
import SyncProtocol
import Testing

/// The order of items in each region's example.
@Suite("Tasks by the policy's order")
struct TaskOrderTests {
    static let examples = [
        ("gx-yongfu", "01"), ("hl-fuyuan", "06"), ("gx", "11"), ("ah", "16"), ("gx-liuzhou", "21"),
    ]

    private static func accepted(_ number: String) throws -> Desk {
        var desk = try Desk(number)
        try desk.accept()
        return desk
    }

    @Test(
        "Results in order bring every item to its end, and each starts what waits for it", arguments: examples
    )
    func inOrder(policy: String, number: String) throws {
        var desk = try Self.accepted(number)
        #expect(desk.progress.policy?.id == policy)
        var rounds = 0
        while case let ready = desk.tasks.statuses.filter({ $0.state == .ready }), !ready.isEmpty {
            for status in ready {
                let result = try desk.result(status.item.code)
                #expect(try desk.hand(result) == .take, "\(status.item.code)")
            }
            rounds += 1
        }
        #expect(rounds > 1)
        #expect(desk.tasks.statuses.allSatisfy { $0.state == .answered(.done) })
        #expect(desk.life.stage == .delivering)
    }

    @Test(
        "In whatever order results come: one whose prerequisites are not done is kept with the reason, all others are taken",
        arguments: examples)
    func everyOrder(policy: String, number: String) throws {
        let desk = try Self.accepted(number)
        let items = desk.tasks.statuses.map(\.item)
        var (visited, orders) = (Set<Set<String>>(), 0)
        try visit(desk, items, [], &visited, &orders)
        // Every set of items that can be done was reached, and from each every item was tried.
        #expect(visited.contains(Set(items.map(\.code))))
        #expect(orders > items.count * 4, "\(orders)")
    }

    /// From one set of items that are done: tries each of the others.
    private func visit(
        _ desk: Desk, _ items: [Policy.Item], _ done: Set<String>, _ visited: inout Set<Set<String>>,
        _ orders: inout Int
    ) throws {
        guard visited.insert(done).inserted else { return }
        for item in items where !done.contains(item.code) {
            orders += 1
            let missing = item.after.filter { !done.contains($0) }
            let result = try desk.result(item.code)
            let verdict = try desk.verdict(result)
            if missing.isEmpty {
                #expect(verdict == .take, "\(item.code) after \(done)")
                var next = desk
                try next.hand(result)
                try visit(next, items, done.union([item.code]), &visited, &orders)
            } else {
                guard case .keep(let reasons) = verdict else {
                    Issue.record("\(item.code) after \(done): \(verdict)")
                    continue
                }
                #expect(reasons.count == missing.count && reasons.allSatisfy { $0.contains("等待") })
            }
        }
    }

    @Test(
        "Nothing is handed out before the acceptance; after a withdrawal, a merge or a closing everything is held"
    )
    func notOpen() throws {
        var desk = try Desk("01")
        #expect(!desk.tasks.isHandedOut && desk.tasks.statuses.isEmpty)
        try desk.take(.submit)
        #expect(desk.tasks.statuses.isEmpty)
        try desk.take(.accept)
        let result = try desk.result("birthCert")
        for stage in [CaseStage.withdrawn, .merged, .closed] {
            var other = desk
            switch stage {
            case .withdrawn: try other.take(.withdraw) { $0.reasons = ["家属要求"] }
            case .closed: try other.take(.close) { $0.reasons = ["家属要求"] }
            default: try other.save(["mergedInto": .bytes(CaseID(milliseconds: 9, random: (3, 4)).bytes)])
            }
            #expect(other.tasks.statuses.count == desk.tasks.statuses.count)
            #expect(other.tasks.statuses.allSatisfy { $0.state == .waiting(for: []) && !$0.reasons.isEmpty })
            guard case .keep(let reasons) = try other.verdict(result) else {
                Issue.record("\(stage): kept for a person")
                continue
            }
            #expect(reasons.count == 1, "\(stage)")
            #expect(
                other.tasks.statuses.map(other.tasks.task).allSatisfy {
                    $0.fields.isEmpty && $0.papers.isEmpty
                })
        }
    }

    @Test("A paper that is taken back after the acceptance holds the items that need it, and no others")
    func papers() throws {
        var desk = try Self.accepted("01")
        let handed = try #require(Answers(state: desk.state, dictionary: Desk.dictionary)["materials"])
        guard case .array(let entries) = handed else { return }
        let fewer = entries.filter { entry in
            if case .array(let parts) = entry { parts.first != .text("YF-M05") } else { true }
        }
        #expect(fewer.count == entries.count - 1)
        try desk.save(["materials": .array(fewer)])
        let policy = try #require(desk.progress.policy)
        let needing = try #require(policy.material("YF-M05")).neededFor
        for status in desk.tasks.statuses where status.item.after.isEmpty {
            let isHeld = status.state == .held(by: [])
            #expect(isHeld == needing.contains(status.item.code), "\(status.item.code)")
            if isHeld { #expect(status.reasons.allSatisfy { $0.hasPrefix("请补正：") }) }
        }
        try desk.save(["materials": handed])
        #expect(desk.tasks.statuses.first { $0.item.code == "birthCert" }?.state == .ready)
    }
}
