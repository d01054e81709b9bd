import Casework
import SyncProtocol

@testable import CentralServer

/// Two hospitals and four cases, of which the tests know every day. The clock stands at 2026-09-21, a Monday; 2026-09-25 is a day off.
struct Year {
    static let start: UInt64 = 1_790_000_000_000

    let world: World
    let first: Ward
    let second: Ward
    /// Accepted on 09-22: birth certificate done on 09-23, registration on 09-30, rated and closed in October.
    let done: CaseID
    /// Refused on 09-22; it was saved 16 minutes before it was sent.
    let refused: CaseID
    /// Accepted on 09-22, and nothing answered.
    let open: CaseID
    /// Merged into the first on 09-21.
    let duplicate: CaseID

    init(_ world: World) async throws {
        self.world = world
        (first, second) = (try await world.hospital("H1"), try await world.hospital("H2"))
        (done, refused, open, duplicate) = (
            world.newCase(), world.newCase(), world.newCase(), world.newCase()
        )
        var (here, there) = (Writer(1), Writer(2))
        try here.write(done, Self.accepted(["birthCert", "hukou"]))
        try here.write(open, Self.accepted(["birthCert"]))
        try here.write(duplicate, Self.accepted(["birthCert"]))
        try await first.push(here.run())
        try await DuplicateDesk(store: world.store, books: world.books, now: world.environment.now).merge(
            DuplicateDesk.Merge(from: duplicate, into: done, takes: [], reason: "r", user: "desk"))
        try there.write(
            refused,
            [
                1: ([.text("gx-yongfu"), .unsigned(1)], []),
                4: ([.text("refuse"), .text("2026-09-22"), .null, .null], []),
            ], unit: "H2", milliseconds: Self.start - 16 * 60_000)
        try await second.push(there.run())
    }

    static func accepted(_ items: [String]) -> [UInt32: ([CBOR], [Dot])] {
        [
            1: ([.text("gx-yongfu"), .unsigned(1)], []),
            4: ([.text("accept"), .text("2026-09-22"), .null, .null], []), 5: ([.text("2026-09-22")], []),
            81: ([.array(items.map(CBOR.text))], []),
        ]
    }

    func answer(
        _ department: String, _ item: String, on day: String, _ outcome: Outcome = .done, of caseID: CaseID
    ) async throws {
        // Nobody answers for a day that has not come.
        world.clock.withLock { $0 = max($0, Self.morning(of: day)) }
        let seen = try await world.departmentDesk.task(of: department, on: caseID, item).task?.asOf ?? [:]
        try await world.departmentDesk.take(
            try world.result(
                department, item, "\(item)-\(day)-\(caseID)", of: caseID, asOf: seen, outcome: outcome,
                on: day))
    }

    /// Everything that happened to the first case.
    func finish() async throws {
        try await answer("health", "birthCert", on: "2026-09-23", of: done)
        try await answer("police", "hukou", on: "2026-09-30", of: done)
        var writer = Writer(3)
        try writer.write(
            done,
            [
                162: ([.text("5")], []), 163: ([.text("2026-10-09")], []),
                14: ([.text("2026-10-10"), .null], []),
            ])
        try await first.push(writer.run())
    }

    private static func morning(of day: String) -> UInt64 {
        UInt64(CalendarDate(day)?.dayNumber ?? 0) * 86_400_000 + 2 * 3_600_000
    }

    /// Sets the clock to ten in the morning of a day.
    func come(to day: String) {
        world.clock.withLock { $0 = Self.morning(of: day) }
    }

    var statistics: StatisticsDesk {
        StatisticsDesk(store: world.store, books: world.books, now: world.environment.now)
    }
    var fleet: FleetDesk {
        FleetDesk(store: world.store, books: world.books, now: world.environment.now)
    }

    func overdue(_ change: (inout StatisticsDesk.OverdueQuestion) -> Void = { _ in }) async throws
        -> StatisticsDesk.Overdue
    {
        var question = StatisticsDesk.OverdueQuestion()
        change(&question)
        return try await statistics.overdue(question)
    }

    func count(
        _ from: String, _ to: String, by grouping: CaseStatistics.Grouping? = nil, hospital: String? = nil
    ) async throws -> CaseStatistics {
        guard let from = CalendarDate(from), let to = CalendarDate(to) else { throw Broken(what: "a day") }
        return try await statistics.statistics(
            StatisticsDesk.Question(period: from...to, grouping: grouping, hospital: hospital))
    }
}
