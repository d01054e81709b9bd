import Casework
import CentralServer
import Cryptography
import Foundation
import Registrations
import SyncProtocol
import Web

/// What central's people and technicians open, over many cases: each as a whole request, from the router to the bytes of the answer.
struct CentralBenchmarks {
    static let name = "central lists"
    /// How often each is asked.
    private static let rounds = 20
    /// Milliseconds that a list may take which staff open all day, and any other.
    private static let (dailyMax, otherMax) = (200.0, 1_000.0)

    private static let lists: [(target: String, isDaily: Bool)] = [
        ("/api/v1/cases?limit=50", true), ("/api/v1/cases?hospital=H7&limit=50", true),
        ("/api/v1/desk/queue?limit=50", true), ("/api/v1/desk/queue?order=waiting&limit=50", true),
        ("/api/v1/desk/counts", true), ("/api/v1/duplicates?limit=50", true),
        ("/api/v1/overdue?limit=50", true), ("/api/v1/overdue?department=police&within=5&limit=50", true),
        ("/api/v1/departments/police/tasks?limit=50", true), ("/api/v1/fleet", true),
        ("/api/v1/stock", false), ("/api/v1/collisions?limit=50", false), ("/api/v1/archive/plan", false),
        ("/api/v1/statistics?from=2026-09-01&to=2026-09-30", false),
        ("/api/v1/statistics?from=2026-01-01&to=2026-12-31", false),
        ("/api/v1/statistics?from=2026-01-01&to=2026-12-31&by=hospital", false),
    ]

    static func measured(cases: Int) async throws -> [Latency] {
        let scratch = try Scratch()
        let office = try await CentralOffice(in: scratch.path, cases: cases)
        var lines: [Latency] = []
        for list in lists {
            var times: [Double] = []
            for _ in 0..<rounds {
                times.append(try await seconds { try await office.get(list.target) } * 1000)
            }
            lines.append(Latency(list.target, times, max: list.isDaily ? dailyMax : otherMax))
        }
        withExtendedLifetime(scratch) {}
        return lines
    }

    /// Reading a case at central with the line of the audit log that it leaves, written as ever; beside it without any.
    static var audit: Comparison {
        let office = Guarded<CentralOffice?>(nil)
        let scratch = Guarded<Scratch?>(nil)
        let read = { @Sendable (isRecorded: Bool) async throws -> Double in
            if office.withLock({ $0 }) == nil {
                let place = try Scratch()
                let new = try await CentralOffice(in: place.path, cases: 2_000)
                scratch.withLock { $0 = place }
                office.withLock { $0 = new }
            }
            guard let office = office.withLock({ $0 }) else { throw Workday.WorkdayError.nothing }
            return try await office.readCases(isRecorded: isRecorded)
        }
        return Comparison(
            name: "audit: a case read at central", baselineName: "without its line",
            count: CentralOffice.readCount, demand: .timesBaseline(1.2), run: { try await read(true) },
            baseline: { try await read(false) })
    }
}
