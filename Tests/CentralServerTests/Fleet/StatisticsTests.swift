import SyncProtocol
import Testing

@testable import Casework
@testable import CentralServer

/// Every figure of docs/statistics.md, counted by hand over the cases of ``Year``.
@Suite("Statistics of a period")
struct StatisticsTests {
    private func key(_ department: String, _ item: String) -> CaseStatistics.ItemKey {
        CaseStatistics.ItemKey(department: department, item: item)
    }

    @Test("Cases count on the day on which it happened; a duplicate counts as that only")
    func cases() async throws {
        let year = try await Year(try World())
        try await year.finish()
        year.come(to: "2026-10-12")
        let september = try await year.count("2026-09-01", "2026-09-30").total
        #expect(september.registered == 3 && september.accepted == 2 && september.refused == 1)
        #expect(september.duplicates == 1 && september.closed == 0 && september.withdrawn == 0)
        #expect(september.certificatesIssued == 1 && september.ratings.isEmpty)
        let october = try await year.count("2026-10-01", "2026-10-31").total
        #expect(october.registered == 0 && october.closed == 1 && october.ratings == ["5": 1])
        #expect(october.ratingRate == nil)
        #expect(try await year.count("2026-09-01", "2026-10-31").total.ratingRate == 0.5)
        #expect(try await year.count("2026-09-22", "2026-09-22").total.registered == 0)
    }

    @Test(
        "On time is judged by the limits that end in the period; times are working days from the acceptance")
    func items() async throws {
        let year = try await Year(try World())
        try await year.finish()
        year.come(to: "2026-10-12")
        let figures = try await year.count("2026-09-01", "2026-09-30").total.items
        let certificate = try #require(figures[key("health", "birthCert")])
        // One of two was in time; the other's limit ended on 09-23 without an answer.
        #expect(certificate.done == 1 && certificate.onTime == 1 && certificate.overdue == 1)
        #expect(certificate.onTimeRate == 0.5 && certificate.workingDays(within: 0.5) == 1)
        // Counted from 09-23: 24, 28. Answered on 09-30; from 09-22 these are 23, 24, 28, 29, 30.
        let registration = try #require(figures[key("police", "hukou")])
        #expect(registration.late == 1 && registration.onTimeRate == 0 && registration.done == 1)
        #expect(registration.workingDays == [5: 1])
        #expect(figures.count == 2)
    }

    @Test("A limit that has not passed is not judged")
    func running() async throws {
        let year = try await Year(try World())
        year.come(to: "2026-09-23")
        let figures = try await year.count("2026-09-01", "2026-09-30").total.items
        #expect(figures[key("health", "birthCert")]?.onTimeRate == nil)
    }

    @Test("It is told apart by month, hospital, policy and department")
    func groups() async throws {
        let year = try await Year(try World())
        try await year.finish()
        year.come(to: "2026-10-12")
        let months = try await year.count("2026-09-01", "2026-10-31", by: .month).groups
        #expect(months["2026-09"]?.registered == 3 && months["2026-10"]?.closed == 1 && months.count == 2)
        let hospitals = try await year.count("2026-09-01", "2026-10-31", by: .hospital).groups
        #expect(hospitals["H1"]?.registered == 2 && hospitals["H2"]?.refused == 1)
        let policies = try await year.count("2026-09-01", "2026-10-31", by: .policy).groups
        #expect(Set(policies.keys) == ["gx-yongfu"] && policies["gx-yongfu"]?.accepted == 2)
        let departments = try await year.count("2026-09-01", "2026-10-31", by: .department).groups
        #expect(departments["police"]?.items.count == 1 && departments["health"]?.registered == 0)
        let one = try await year.count("2026-09-01", "2026-10-31", hospital: "H2").total
        #expect(one.registered == 1 && one.accepted == 0)
    }

    @Test("Saved offline is what was longer on its way than fifteen minutes, of what is known")
    func offline() async throws {
        let year = try await Year(try World())
        let figures = try await year.count("2026-09-01", "2026-09-30").total
        #expect(figures.arrivalsKnown == 3 && figures.offlineSaved == 1 && figures.offlineShare == 0.3333)
    }

    @Test("A settled conflict counts once for each group, a voided certificate on its day")
    func settledAndVoided() async throws {
        let world = try World()
        let year = try await Year(world)
        var other = Writer(9)
        try other.write(year.open, [20: (CBOR.name("a"), [])])
        var third = Writer(10)
        try third.write(year.open, [20: (CBOR.name("b"), [])])
        try await year.first.push(other.run(), third.run())
        let conflict = try #require(try await world.caches().conflicts.first)
        _ = try await world.caseDesk.edit(
            CaseDesk.Edit(caseID: year.done, answers: ["childName": .text("n")], user: "staff"))
        #expect(try await year.count("2026-09-01", "2026-09-30").total.conflictsSettled == 0)
        let dots = conflict.dots
        try await world.store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, world.books, milliseconds: Year.start)
            try ledger.write(
                Ledger.OwnChange(
                    writes: [conflict.group: ChangeContent.Write(value: [.text("a")], replaces: dots)],
                    author: Author(role: .central, unit: "", user: "staff")), on: year.open)
            try ledger.finish()
        }
        #expect(try await year.count("2026-09-01", "2026-09-30").total.conflictsSettled == 1)
        var window = Writer(11)
        try window.write(
            year.first.hospital.id.record,
            [9005: ([.text("Z450000001"), .text("污损"), .text("2026-09-25")], [])])
        try await year.first.push(window.run())
        let voided = try await year.count("2026-09-25", "2026-09-25", by: .hospital)
        #expect(voided.total.certificatesVoided == 1 && voided.groups["H1"]?.certificatesVoided == 1)
    }

    @Test("A rebuild comes to the same figures")
    func rebuilt() async throws {
        let world = try World()
        let year = try await Year(world)
        try await year.finish()
        let before = try await year.count("2026-01-01", "2026-12-31", by: .month)
        try await Rebuild(store: world.store, books: world.books).run()
        let after = try await year.count("2026-01-01", "2026-12-31", by: .month)
        #expect(before.total == after.total && before.groups == after.groups)
        #expect(before.total.arrivalsKnown == 3)
    }

    @Test("The facts of a case come back as they were cached", arguments: 0..<20)
    func coding(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        func day() -> Int? { Bool.random(using: &random) ? Int.random(in: 0...40_000, using: &random) : nil }
        var facts = CaseFacts()
        (facts.policy, facts.registered) = ("gx", 20_000)
        (facts.accepted, facts.refused, facts.offline) = (day(), day(), day())
        (facts.withdrawn, facts.closed, facts.merged, facts.certificate) = (day(), day(), day(), day())
        facts.rating = day().map { ("5", $0) }
        facts.settled = [3, 4]
        facts.items = Outcome.allCases.map {
            CaseFacts.Item(code: "\($0)", department: "d", outcome: $0, answered: day(), due: day())
        }
        #expect(try CaseFacts(decoding: facts.encoded) == facts, "seed \(seed)")
    }

    @Test("Counted in one step, working days are those of the calendar")
    func workdays() throws {
        let table = WorkdayTable(.standard)
        var random = SeededGenerator(seed: 7)
        let first = try #require(CalendarDate("2024-01-01")?.dayNumber)
        for _ in 0..<300 {
            let (a, b) = (Int.random(in: 0..<1096, using: &random), Int.random(in: 0..<1096, using: &random))
            let from = try #require(CalendarDate(dayNumber: first + a))
            let to = try #require(CalendarDate(dayNumber: first + b))
            #expect(
                table.workingDays(from: first + a, to: first + b)
                    == (try WorkCalendar.standard.workingDays(from: from, to: to)), "\(from) \(to)")
        }
        #expect(table.workingDays(from: first, to: first + 2_000) == nil)
    }
}
