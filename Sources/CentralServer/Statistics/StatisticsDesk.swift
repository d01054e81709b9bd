import Casework
import SyncProtocol

/// Where central's people see what is late, and what was done in a period. It reads caches that are made of the log: page by page,
/// so that exchanges go on meanwhile.
struct StatisticsDesk: Sendable {
    /// Cases that are read in one transaction.
    static let pageCount = 5_000
    /// Working days ahead that can be asked for.
    static let withinMax = 60

    let store: any CentralStore
    let books: Books
    let now: @Sendable () -> UInt64

    /// What is asked of a period.
    struct Question: Hashable, Sendable {
        let period: ClosedRange<CalendarDate>
        var grouping: CaseStatistics.Grouping?
        var hospital: String?
    }

    func statistics(_ question: Question) async throws(CentralError) -> CaseStatistics {
        let days = question.period.lowerBound.dayNumber...question.period.upperBound.dayNumber
        let today = CalendarDate(milliseconds: now())
        let (hospital, codes, calendar) = try await context(question.hospital)
        var statistics = CaseStatistics(
            question.period, by: question.grouping, today: today, workdays: WorkdayTable(calendar))
        let query = FactQuery(days: days, hospital: hospital?.id)
        var place: FactPlace?
        while true {
            let after = place
            let page = try await store.read { transaction throws(CentralError) in
                try transaction.facts(query, after: after, countMax: Self.pageCount)
            }
            for record in page {
                statistics.add(
                    record.facts, hospital: codes[record.hospital] ?? "", lagSeconds: record.lagSeconds)
            }
            guard page.count == Self.pageCount else { break }
            place = page.last?.place
        }
        let voids = try await store.read { transaction throws(CentralError) in
            try transaction.voidCounts(on: days)
        }
        for void in voids {
            let id = HospitalID(record: void.record)
            guard hospital == nil || hospital?.id == id else { continue }
            statistics.addVoided(void.count, on: void.day, hospital: codes[id] ?? "")
        }
        return statistics
    }

    /// What is asked of the items that are open.
    struct OverdueQuestion: Hashable, Sendable {
        var department: String?
        var hospital: String?
        /// Working days within which the limit ends; 0: only what is late.
        var within = 0
        var after: OpenItemRecord.Place?
        var countMax = 50
    }

    /// What is late or due, and how much of it there is.
    struct Overdue: Hashable, Sendable {
        struct Item: Hashable, Sendable {
            let record: OpenItemRecord
            let hospitalCode: String
            /// Working days since the limit ended, negative before; nil if a year's days off are not known.
            let workingDaysLate: Int?
        }

        let today: CalendarDate
        /// The last day that was asked for.
        let through: CalendarDate
        let items: [Item]
        /// Of all departments and hospitals.
        let counts: [Count]
        let hasMore: Bool

        struct Count: Hashable, Sendable {
            let department: String
            let hospitalCode: String
            let late: Int
            let due: Int
        }
    }

    /// - Throws: a refusal if the days off of a year that is needed are not known.
    func overdue(_ question: OverdueQuestion) async throws(CentralError) -> Overdue {
        let today = CalendarDate(milliseconds: now())
        let (hospital, codes, calendar) = try await context(question.hospital)
        let through = try Self.last(within: question.within, from: today, calendar)
        let query = OpenItemQuery(
            department: question.department, hospital: hospital?.id, through: through.dayNumber)
        let (records, counts) = try await store.read { transaction throws(CentralError) in
            (
                try transaction.openItems(query, after: question.after, countMax: question.countMax + 1),
                try transaction.openItemCounts(through: through.dayNumber, lateBefore: today.dayNumber)
            )
        }
        let table = WorkdayTable(calendar)
        return Overdue(
            today: today, through: through,
            items: records.prefix(question.countMax).map { record in
                Overdue.Item(
                    record: record, hospitalCode: codes[record.hospital] ?? "",
                    workingDaysLate: table.workingDays(from: record.place.due, to: today.dayNumber))
            },
            counts: counts.map {
                Overdue.Count(
                    department: $0.department, hospitalCode: codes[$0.hospital] ?? "", late: $0.late,
                    due: $0.due)
            }.sorted { ($0.department, $0.hospitalCode) < ($1.department, $1.hospitalCode) },
            hasMore: records.count > question.countMax)
    }

    /// The last day of the list: yesterday for what is late only.
    private static func last(
        within count: Int, from today: CalendarDate, _ calendar: WorkCalendar
    ) throws(CentralError) -> CalendarDate {
        guard count > 0 else { return today.adding(days: -1) ?? today }
        do throws(CalendarGap) { return try calendar.due(workingDays: count, after: today) } catch {
            throw CentralError.refused(.malformed(error.english))
        }
    }

    /// The hospital that is asked for, all hospitals' codes, and the working days that are published to all.
    private func context(
        _ code: String?
    ) async throws(CentralError) -> (HospitalRecord?, [HospitalID: String], WorkCalendar) {
        try await store.read { transaction throws(CentralError) in
            let hospitals = try transaction.hospitals()
            let asked = code.flatMap { code in hospitals.first { $0.code == code } }
            if code != nil, asked == nil { throw CentralError.refused(.unknownHospital) }
            return (
                asked,
                Dictionary(hospitals.map { ($0.id, $0.code) }, uniquingKeysWith: { first, _ in first }),
                try transaction.workCalendar(of: .centralRecord)
            )
        }
    }
}
