import Casework
import SyncProtocol
import Web

extension CentralAPI {
    /// `GET /api/v1/statistics?from=YYYY-MM-DD&to=YYYY-MM-DD&hospital=&by=month|hospital|policy|department&format=csv`
    func showStatistics(_ request: Request) async throws(CentralError) -> Response {
        guard let from = request.query["from"].flatMap({ CalendarDate($0) }),
            let to = request.query["to"].flatMap({ CalendarDate($0) }), from <= to,
            to.dayNumber - from.dayNumber < CaseStatistics.daysMax
        else {
            throw CentralError.refused(
                .malformed("from and to are days YYYY-MM-DD, in their order, at most ten years apart."))
        }
        var question = StatisticsDesk.Question(period: from...to, hospital: request.query["hospital"])
        if let word = request.query["by"] {
            guard let grouping = CaseStatistics.Grouping(rawValue: word) else {
                throw CentralError.refused(.malformed("by is month, hospital, policy or department."))
            }
            question.grouping = grouping
        }
        let statistics = try await statisticsDesk.statistics(question)
        if request.query["format"] == "csv" { return .csv(StatisticsShape.table(of: statistics)) }
        return try json(StatisticsShape(statistics))
    }
}

/// Statistics as the API tells them (docs/statistics.md).
struct StatisticsShape: Encodable {
    struct Figures: Encodable {
        let key: String
        let registered: Int
        let accepted: Int
        let refused: Int
        let offline: Int
        let withdrawn: Int
        let closed: Int
        let duplicates: Int
        let conflictsSettled: Int
        let certificatesIssued: Int
        let certificatesVoided: Int
        let ratings: [String: Int]
        /// Ratings for each case accepted in the period; nil without any.
        let ratingRate: Double?
        let arrivalsKnown: Int
        let offlineSaved: Int
        let offlineShare: Double?
        let items: [Item]

        init(_ key: String, _ figures: CaseStatistics.Figures) {
            self.key = key
            (registered, accepted, refused) = (figures.registered, figures.accepted, figures.refused)
            (offline, withdrawn, closed) = (figures.offline, figures.withdrawn, figures.closed)
            (duplicates, conflictsSettled) = (figures.duplicates, figures.conflictsSettled)
            (certificatesIssued, certificatesVoided) = (
                figures.certificatesIssued, figures.certificatesVoided
            )
            ratings = figures.ratings
            ratingRate = figures.ratingRate
            (arrivalsKnown, offlineSaved) = (figures.arrivalsKnown, figures.offlineSaved)
            offlineShare = figures.offlineShare
            items = figures.items.sorted { $0.key < $1.key }.map(Item.init)
        }
    }

    struct Item: Encodable {
        let department: String
        let item: String
        let done: Int
        let failed: Int
        let returned: Int
        let onTime: Int
        let late: Int
        let overdue: Int
        let onTimeRate: Double?
        let medianWorkingDays: Int?
        let ninetiethWorkingDays: Int?

        init(_ key: CaseStatistics.ItemKey, _ figures: CaseStatistics.ItemFigures) {
            (department, item) = (key.department, key.item)
            (done, failed, returned) = (figures.done, figures.failed, figures.returned)
            (onTime, late, overdue) = (figures.onTime, figures.late, figures.overdue)
            onTimeRate = figures.onTimeRate
            medianWorkingDays = figures.workingDays(within: 0.5)
            ninetiethWorkingDays = figures.workingDays(within: 0.9)
        }
    }

    let from: String
    let to: String
    let by: String?
    let total: Figures
    /// By key.
    let groups: [Figures]

    init(_ statistics: CaseStatistics) {
        (from, to) = (statistics.period.lowerBound.description, statistics.period.upperBound.description)
        by = statistics.grouping?.rawValue
        total = Figures("", statistics.total)
        groups = statistics.groups.sorted { $0.key < $1.key }.map { Figures($0.key, $0.value) }
    }

    /// A row for the cases of each group, and one for each item; the row with the key `total` is of everything.
    static func table(of statistics: CaseStatistics) -> CSVWriter {
        let shape = StatisticsShape(statistics)
        var table = CSVWriter(columns: [
            statistics.grouping?.rawValue ?? "group", "department", "item", "registered", "accepted",
            "refused",
            "offline", "withdrawn", "closed", "duplicates", "conflicts_settled", "certificates_issued",
            "certificates_voided", "ratings", "rating_rate", "offline_share", "done", "failed", "returned",
            "on_time", "late", "overdue", "on_time_rate", "median_working_days", "p90_working_days",
        ])
        func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
        for figures in [shape.total] + shape.groups {
            let key = figures.key.isEmpty ? "total" : figures.key
            let counts = [
                figures.registered, figures.accepted, figures.refused, figures.offline, figures.withdrawn,
                figures.closed, figures.duplicates, figures.conflictsSettled, figures.certificatesIssued,
                figures.certificatesVoided, figures.ratings.values.reduce(0, +),
            ].map(String.init)
            table.add(
                [key, "", ""] + counts + [text(figures.ratingRate), text(figures.offlineShare)]
                    + [String](repeating: "", count: 9))
            for item in figures.items {
                let numbers = [item.done, item.failed, item.returned, item.onTime, item.late, item.overdue]
                table.add(
                    [key, item.department, item.item] + [String](repeating: "", count: 13)
                        + numbers.map(String.init)
                        + [
                            text(item.onTimeRate), item.medianWorkingDays.map(String.init) ?? "",
                            item.ninetiethWorkingDays.map(String.init) ?? "",
                        ])
            }
        }
        return table
    }
}
