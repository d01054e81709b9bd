import Casework
import SyncProtocol
import Web

extension CentralAPI {
    private struct OverdueShape: Encodable {
        struct Item: Encodable {
            let caseID: String
            /// Nil while the case has none.
            let caseNumber: String?
            let hospital: String
            let department: String
            let item: String
            let due: String
            let isLate: Bool
            /// Negative while the limit runs; nil if a year's days off are not known.
            let workingDaysLate: Int?
            let since: String
            let waits: String
            let waitsWord: String
        }

        struct Count: Encodable {
            let department: String
            let hospital: String
            let late: Int
            let due: Int
        }

        let today: String
        let through: String
        let items: [Item]
        let counts: [Count]
        /// What to give as `after` for the next page; nil on the last.
        let next: String?
    }

    /// `GET /api/v1/overdue?department=&hospital=&within=DAYS&after=&limit=&format=csv`
    func listOverdue(_ request: Request) async throws(CentralError) -> Response {
        var question = StatisticsDesk.OverdueQuestion(
            department: request.query["department"], hospital: request.query["hospital"],
            countMax: request.limit)
        if let text = request.query["within"] {
            guard let within = Int(text), 0...StatisticsDesk.withinMax ~= within else {
                throw CentralError.refused(
                    .malformed("within takes 0 to \(StatisticsDesk.withinMax) working days."))
            }
            question.within = within
        }
        if let text = request.query["after"] { question.after = try OpenItemRecord.Place(reading: text) }
        let isTable = request.query["format"] == "csv"
        if isTable { question.countMax = Self.overdueRowsMax }
        let overdue = try await statisticsDesk.overdue(question)
        let shape = try await shape(of: overdue)
        return isTable ? .csv(Self.table(of: shape)) : try json(shape)
    }

    /// Rows of a table at most.
    static let overdueRowsMax = 20_000

    /// The numbers of the cases of these items.
    func caseNumbers(of overdue: StatisticsDesk.Overdue) async throws(CentralError) -> [CaseID: String] {
        let ids = Array(Set(overdue.items.map(\.record.place.caseID)))
        return try await store.read { transaction throws(CentralError) in try transaction.caseNumbers(of: ids)
        }
    }

    private func shape(of overdue: StatisticsDesk.Overdue) async throws(CentralError) -> OverdueShape {
        let numbers = try await caseNumbers(of: overdue)
        let items = overdue.items.map { item in
            let (record, place) = (item.record, item.record.place)
            return OverdueShape.Item(
                caseID: place.caseID.description, caseNumber: numbers[place.caseID],
                hospital: item.hospitalCode, department: record.department, item: place.item,
                due: Self.day(place.due), isLate: place.due < overdue.today.dayNumber,
                workingDaysLate: item.workingDaysLate, since: Self.day(record.since),
                waits: record.waits.rawValue, waitsWord: record.waits.word)
        }
        return OverdueShape(
            today: overdue.today.description, through: overdue.through.description, items: items,
            counts: overdue.counts.map {
                OverdueShape.Count(
                    department: $0.department, hospital: $0.hospitalCode, late: $0.late, due: $0.due)
            },
            next: overdue.hasMore ? overdue.items.last?.record.place.text : nil)
    }

    private static func table(of shape: OverdueShape) -> CSVWriter {
        var table = CSVWriter(columns: [
            "hospital", "department", "item", "case", "case_number", "due", "working_days_late", "since",
            "waits_on",
        ])
        for item in shape.items {
            table.add([
                item.hospital, item.department, item.item, item.caseID, item.caseNumber ?? "", item.due,
                item.workingDaysLate.map(String.init) ?? "", item.since, item.waits,
            ])
        }
        return table
    }

    private static func day(_ number: Int) -> String { CalendarDate(dayNumber: number)?.description ?? "" }
}

extension OpenItemRecord.Place {
    /// `DUE_CASE_ITEM`.
    var text: String { "\(due)_\(caseID)_\(item)" }

    init(reading text: String) throws(CentralError) {
        let parts = text.split(separator: "_", maxSplits: 2).map(String.init)
        guard parts.count == 3, let due = Int(parts[0]), let caseID = CaseID(parts[1]) else {
            throw CentralError.refused(.malformed("after is what the page before told as next."))
        }
        self.init(due: due, caseID: caseID, item: parts[2])
    }
}
