import FaultyLink
import Foundation
import PostgresCluster
import Programs
import Testing

/// Two centrals over one PostgreSQL, with windows that know nothing of it. Only where a server can be had: see `.ci/postgres`.
@Suite(
    "Several centrals over one database", .enabled(if: PostgresCluster.isWanted), .serialized,
    .timeLimit(.minutes(10)), .onThreads)
struct SharedCentralTests {
    /// How long windows work while processes are killed.
    private static var seconds: Int {
        ProcessInfo.processInfo.environment["BIRTHCENTRAL_SHARED_SECONDS"].flatMap { Int($0) } ?? 12
    }

    /// What somebody was told is saved: how many changes of each case.
    private final class Ledger: Sendable {
        private let counts = Guarded<[String: Int]>([:])

        func note(_ caseID: String) { counts.withLock { $0[caseID, default: 0] += 1 } }
        var cases: [String: Int] { counts.withLock { $0 } }
        var total: Int { counts.withLock { $0.values.reduce(0, +) } }
    }

    @Test(
        "Thirty windows, and processes killed at random: all replicas equal, nothing acknowledged lost, no gap"
    )
    func killed() async throws {
        let seed = UInt64.random(in: 0..<1_000_000)
        print("SHARED seed \(seed)")
        let site = try SharedSite()
        var windows: [InnerWindow] = []
        for hospital in 0..<10 {
            try site.addHospital("H\(hospital)")
            for computer in 0..<3 {
                windows.append(
                    try await site.window("w\(hospital)\(computer)", of: "H\(hospital)", idleSeconds: nil))
            }
        }
        let ledger = Ledger()
        let began = ContinuousClock.now
        let end = began + .seconds(Self.seconds)
        let kills = try await withThrowingTaskGroup(of: Int.self) { group in
            for (index, window) in windows.enumerated() {
                group.addTask {
                    try await Self.work(window, until: end, seed &+ UInt64(index), ledger)
                    return 0
                }
            }
            group.addTask {
                try await Self.edit(at: site, until: end, seed &+ 98, ledger)
                return 0
            }
            group.addTask { try await Self.kill(site, until: end, seed &+ 99) }
            return try await group.reduce(0, +)
        }
        let saved = ledger.total
        #expect(saved > windows.count * Self.seconds / 3, "SEED \(seed)")
        try await settle(windows)
        let took = ContinuousClock.now - began
        try await expectEqual(windows)
        for (caseID, count) in ledger.cases {
            let there = try site.changes(of: caseID)
            #expect(there >= count, "SEED \(seed): \(caseID)")
        }
        let alarms = try site.alarms()
        #expect(!alarms.isEmpty && alarms.values.allSatisfy { $0 == 0 }, "SEED \(seed): \(alarms)")
        let check = try site.check()
        #expect(check.status == 0, "SEED \(seed): \(check.text)\(check.error)")
        print(
            "SHARED \(windows.count) windows, \(Self.seconds) s, \(kills) kills: \(saved) saves in \(ledger.cases.count) cases; all equal after \(took)"
        )
        for window in windows { await window.stop() }
    }

    /// A clerk, who registers and edits what any computer of the hospital registered.
    private static func work(
        _ window: InnerWindow, until end: ContinuousClock.Instant, _ seed: UInt64, _ ledger: Ledger
    ) async throws {
        var random = SeededGenerator(seed: seed)
        var count = 0
        while ContinuousClock.now < end {
            count += 1
            let known = try await window.newest(8)
            if let caseID = known.randomElement(using: &random), Int.random(in: 0..<3, using: &random) > 0 {
                // Where two clerks contradict each other, a third is refused.
                if (try? await window.note("\(seed)-\(count)", on: caseID)) != nil { ledger.note(caseID) }
            } else {
                ledger.note(try await window.register("婴\(seed)之\(count)"))
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 150..<600, using: &random)))
        }
    }

    /// Central's own people, whose edits go to any process. What is not answered may have happened, and does not count.
    private static func edit(
        at site: SharedSite, until end: ContinuousClock.Instant, _ seed: UInt64, _ ledger: Ledger
    ) async throws {
        var random = SeededGenerator(seed: seed)
        var count = 0
        while ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(100))
            count += 1
            guard let caseID = ledger.cases.keys.randomElement(using: &random) else { continue }
            let answer = try? site.staff(
                "PATCH", "/api/v1/cases/\(caseID)", #"{"set": {"fatherPhone": "\#(19_900_000_000 + count)"}}"#
            )
            if answer?["cases"].list.first?["isChanged"].isTrue == true { ledger.note(caseID) }
        }
    }

    /// Kills one of the two every few seconds, and starts it again.
    private static func kill(
        _ site: SharedSite, until end: ContinuousClock.Instant, _ seed: UInt64
    ) async throws -> Int {
        var random = SeededGenerator(seed: seed)
        var kills = 0
        while true {
            try await Task.sleep(for: .milliseconds(Int.random(in: 500..<2_500, using: &random)))
            guard ContinuousClock.now < end else { return kills }
            let index = Int.random(in: 0..<2, using: &random)
            site.strike(index)
            kills += 1
            try await Task.sleep(for: .milliseconds(Int.random(in: 0..<1_000, using: &random)))
            try site.restart(index)
        }
    }

    @Test("The server is lost, and a copy takes over that lacks the last commits: windows bring them back")
    func failover() async throws {
        let site = try SharedSite(hasStandby: true)
        var windows: [InnerWindow] = []
        for code in ["H1", "H2"] {
            try site.addHospital(code)
            for computer in 1...3 {
                windows.append(try await site.window("\(code)-\(computer)", of: code, idleSeconds: 1))
            }
        }
        let ledger = Ledger()
        for (index, window) in windows.enumerated() { ledger.note(try await window.register("先\(index)")) }
        try await settle(windows)
        try site.cluster.detachStandby()
        // What only the first server ever had: of windows, and of central's own people.
        for (index, window) in windows.enumerated() {
            ledger.note(try await window.register("后\(index)"))
            for caseID in try await window.newest(2) {
                try await window.note("后\(index)", on: caseID)
                ledger.note(caseID)
            }
        }
        try await settle(windows)
        for (caseID, _) in ledger.cases {
            let answer = try site.staff(
                "PATCH", "/api/v1/cases/\(caseID)", #"{"set": {"fatherPhone": "19900000111"}}"#)
            if answer["cases"].list.first?["isChanged"].isTrue == true { ledger.note(caseID) }
        }
        // What no window has heard of nobody can bring back.
        for window in windows where window.hospital == "H1" || window === windows.last {
            try await window.call(.post, "/api/v1/sync")
        }
        let lost = try ledger.cases.keys.map { (id: $0, changes: try site.changes(of: $0)) }
        let cursor = try await windows[0].status()["cursor"].number
        try site.cluster.crash()
        ledger.note(try await windows[0].register("无库时"))
        try site.cluster.promoteStandby()
        for window in windows { try await window.call(.post, "/api/v1/sync?wait=no") }
        try await settle(windows, within: 120)
        try await expectEqual(windows)
        for (caseID, changes) in lost {
            let there = try site.changes(of: caseID)
            #expect(there >= changes, "\(caseID)")
        }
        for (caseID, count) in ledger.cases {
            let there = try site.changes(of: caseID)
            #expect(there >= count, "\(caseID)")
        }
        let alarms = try site.alarms()
        #expect((alarms["went-back"] ?? alarms["wentBack"] ?? 0) > 0, "\(alarms)")
        let check = try site.check()
        #expect(check.status == 0, "\(check.text)\(check.error)")
        let after = try await windows[0].status()["cursor"].number
        print("SHARED failover: the feed ended at \(cursor), and now at \(after); alarms \(alarms)")
        for window in windows { await window.stop() }
    }

    @Test(
        "A window that waits at one process hears at once what comes to the other, and policies hold at both")
    func news() async throws {
        let site = try SharedSite()
        try site.addHospital("H1")
        var windows: [InnerWindow] = []
        for index in 0..<2 {
            windows.append(try await site.window("w\(index)", of: "H1", idleSeconds: nil, at: index))
        }
        try await settle(windows)
        let clock = ContinuousClock()
        var worst = Duration.zero
        for round in 0..<6 {
            let began = clock.now
            let caseID = try await windows[round % 2].register("婴\(round)")
            while try await !windows[(round + 1) % 2].newest(10).contains(caseID) {
                try #require(clock.now - began < .seconds(10))  // less than the pause between two looks
                try await Task.sleep(for: .milliseconds(5))
            }
            worst = max(worst, clock.now - began)
        }
        print("SHARED news from one process to the other: \(worst) at most")
        let root = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL
        let policy = try String(
            contentsOf: root.appending(path: "Sources/Casework/Policies/gx.json"), encoding: .utf8)
        let next = policy.replacing(/"version"\s*:\s*\d+/, with: "\"version\": 77", maxReplacements: 1)
        let file = site.stage.directory.appending(path: "gx.json")
        try Data(next.utf8).write(to: file)
        try site.tools[0].run("policy", "publish", file.path, "--all")
        let listed = try site.staff("GET", "/api/v1/policies", at: 1)["policies"].list
        #expect(listed.contains { $0["id"].text == "gx" && $0["version"].number == 77 })
        for window in windows { await window.stop() }
    }

    @Test("A process with another key does not begin, and says which")
    func otherKeys() throws {
        let site = try SharedSite()
        try site.addHospital("H1")
        func begin(_ name: String, _ change: (URL) throws -> Void) throws -> Tool.Outcome {
            let tool = Tool(
                "birthcentral", data: site.stage.directory.appending(path: name), stage: site.stage)
            try SharedSite.share(from: site.tools[0].data, to: tool.data)
            try change(tool.data)
            return try tool.attempt(["serve", "--listen", "127.0.0.1:0", "--database", site.address])
        }
        for name in ["receipt.key", "attachment.key", "central.key", "recovery.public"] {
            let other = try begin("other-" + name) { data in
                try Data((0..<32).map { _ in UInt8.random(in: 0...255) }).write(
                    to: data.appending(path: name))
            }
            #expect(other.status == 78 && other.error.contains("\(name): not the keys"), "\(other)")
            let none = try begin("none-" + name) { data in
                try FileManager.default.removeItem(at: data.appending(path: name))
            }
            #expect(none.status == 78 && none.error.contains("has no \(name)"), "\(none)")
        }
    }

    @Test(
        "A backlog comes in through one process, and through two: how long it takes",
        .enabled(if: ProcessInfo.processInfo.environment["BIRTHCENTRAL_SHARED_RATE"] != nil))
    func backlog() async throws {
        let site = try SharedSite()
        var windows: [InnerWindow] = []
        for hospital in 0..<10 {
            try site.addHospital("H\(hospital)")
            windows.append(try await site.window("w\(hospital)", of: "H\(hospital)", idleSeconds: 86_400))
        }
        for processes in [2, 1, 2, 1] {
            site.link.cut()
            if processes == 1 { site.strike(1) }
            for (index, window) in windows.enumerated() {
                for count in 0..<100 { _ = try await window.register("婴\(index)之\(count)") }
            }
            site.link.heal()
            let began = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for window in windows { group.addTask { try await window.call(.post, "/api/v1/sync") } }
                try await group.waitForAll()
            }
            try await settle(windows)
            print("SHARED backlog of 1000 changes through \(processes): \(ContinuousClock.now - began)")
            if processes == 1 { try site.restart(1) }
        }
        for window in windows { await window.stop() }
    }

    /// Waits until no window has anything to send, and all of one hospital stand at the same place with the same sum.
    private func settle(_ windows: [InnerWindow], within seconds: Int = 60) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        var last = ""
        while ContinuousClock.now < end {
            var places: [String: Set<String>] = [:]
            var waiting = 0
            for window in windows {
                let status = try await window.status()
                waiting += status["outbox"].number + (status["repair"].text.isEmpty ? 0 : 1)
                places[window.hospital, default: []].insert(
                    "\(status["cursor"].number) \(status["fingerprint"].text)")
            }
            last = "\(waiting) wait; \(places.filter { $0.value.count > 1 })"
            if waiting == 0, places.values.allSatisfy({ $0.count == 1 }) { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("no rest: \(last)")
    }

    /// Every window holds what central holds, by the sums of all cases.
    private func expectEqual(_ windows: [InnerWindow]) async throws {
        for window in windows {
            let report = try await window.compare()
            #expect(report["isEqual"].isTrue, "\(window.hospital): \(report)")
            let status = try await window.status()
            #expect(status["saved"].number == status["acknowledged"].number)
        }
    }
}
