import Casework
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("What is late, and on whom it waits")
struct OverdueTests {
    /// Item, day of the limit, on whom it waits and since when.
    private func lines(_ overdue: StatisticsDesk.Overdue, of caseID: CaseID) -> [String] {
        overdue.items.filter { $0.record.place.caseID == caseID }.map { item in
            let record = item.record
            let days = [record.place.due, record.since].map { CalendarDate(dayNumber: $0)?.description ?? "" }
            return "\(record.place.item) \(days[0]) \(record.waits) \(days[1]) \(item.workingDaysLate ?? -99)"
        }
    }

    @Test("Each item waits on whoever has to act next, since the day on which that began")
    func waits() async throws {
        let year = try await Year(try World())
        year.come(to: "2026-09-29")
        // The limit of the registration is counted from the planned end of the certificate: 24, 28.
        #expect(
            lines(try await year.overdue(), of: year.done) == [
                "birthCert 2026-09-23 window 2026-09-22 3", "hukou 2026-09-28 window 2026-09-22 1",
            ])
        // From its real end: 28, 29.
        try await year.answer("health", "birthCert", on: "2026-09-24", of: year.done)
        #expect(lines(try await year.overdue(), of: year.done) == [])
        let soon = try await year.overdue { $0.within = 1 }
        #expect(soon.through == CalendarDate("2026-09-30"))
        #expect(lines(soon, of: year.done) == ["hukou 2026-09-29 department 2026-09-24 0"])
        try await year.answer("police", "hukou", on: "2026-09-28", .returned, of: year.done)
        #expect(
            lines(try await year.overdue { $0.within = 1 }, of: year.done) == [
                "hukou 2026-09-29 window 2026-09-28 0"
            ])
        try await year.answer("police", "hukou", on: "2026-09-29", of: year.done)
        #expect(lines(try await year.overdue { $0.within = 60 }, of: year.done) == [])
    }

    @Test("A conflict in what an item needs waits on central, and so does what comes after it")
    func disputed() async throws {
        let year = try await Year(try World())
        year.come(to: "2026-09-29")
        for (replica, name) in [(9, "a"), (10, "b")] {
            var writer = Writer(UInt64(replica))
            try writer.write(year.done, [20: (CBOR.name(name), [])])
            try await year.first.push(writer.run())
        }
        #expect(
            lines(try await year.overdue(), of: year.done) == [
                "birthCert 2026-09-23 central 2026-09-21 3", "hukou 2026-09-28 central 2026-09-21 1",
            ])
        // Contradictory items: the whole case waits, and what was promised with its decision still is.
        var other = Writer(11)
        try other.write(year.open, [6: ([.text("2026-09-28"), .null], [])])
        var third = Writer(12)
        try third.write(year.open, [6: ([.text("2026-09-29"), .null], [])])
        try await year.first.push(other.run(), third.run())
        #expect(
            lines(try await year.overdue(), of: year.open).map { $0.split(separator: " ")[2] } == ["central"])
    }

    @Test("It is told by department and hospital, page by page, and counted as a whole")
    func pages() async throws {
        let year = try await Year(try World())
        year.come(to: "2026-09-29")
        let all = try await year.overdue()
        #expect(all.items.count == 3 && !all.hasMore)
        var paged: [OpenItemRecord] = []
        var question = StatisticsDesk.OverdueQuestion(countMax: 1)
        while true {
            let page = try await year.statistics.overdue(question)
            paged += page.items.map(\.record)
            guard page.hasMore else { break }
            question.after = page.items.last?.record.place
        }
        #expect(paged == all.items.map(\.record))
        #expect(
            try await year.overdue { $0.department = "police" }.items.map(\.record.place.item) == ["hukou"])
        #expect(try await year.overdue { $0.hospital = "H2" }.items.isEmpty)
        #expect(
            try await year.overdue {
                $0.hospital = "H1"
                $0.department = "health"
            }.items.count == 2)
        #expect(
            all.counts == [
                .init(department: "health", hospitalCode: "H1", late: 2, due: 0),
                .init(department: "police", hospitalCode: "H1", late: 1, due: 0),
            ])
        await #expect(throws: CentralError.refused(.unknownHospital)) {
            try await year.overdue { $0.hospital = "H9" }
        }
    }

    @Test("Other days off move the limits, and a rebuild comes to the same")
    func calendar() async throws {
        let world = try World()
        let year = try await Year(world)
        year.come(to: "2026-09-29")
        let notice = try #require(WorkCalendar.standard.years[2026])
        var holidays = notice.holidays
        holidays[try #require(CalendarDate("2026-09-23"))] = "改"
        let amended = try CalendarYear(
            year: 2026, holidays: holidays, workdays: notice.workdays, source: "test")
        _ = try await world.recordDesk.publish(amended, to: .all, by: "staff")
        let moved = try await year.overdue { $0.within = 60 }
        #expect(lines(moved, of: year.open) == ["birthCert 2026-09-24 window 2026-09-22 2"])
        try await Rebuild(store: world.store, books: world.books).run()
        #expect(try await year.overdue { $0.within = 60 } == moved)
    }

    @Test("A case that leaves is late at its new hospital; one that is withdrawn is not late")
    func moves() async throws {
        let world = try World()
        let year = try await Year(world)
        year.come(to: "2026-09-29")
        let desk = ScopeDesk(store: world.store, books: world.books, now: world.environment.now)
        try await desk.move(ScopeDesk.Move(year.open, to: "H2", reason: "r", by: "s"))
        #expect(try await year.overdue { $0.hospital = "H2" }.items.map(\.record.place.caseID) == [year.open])
        var writer = Writer(5)
        try writer.write(year.done, [6: ([.text("2026-09-28"), .null], [])])
        try await year.first.push(writer.run())
        #expect(try await year.overdue { $0.hospital = "H1" }.items.isEmpty)
    }
}
