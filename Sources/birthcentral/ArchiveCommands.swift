import Casework
import Commands
import Foundation
import Web

extension Command {
    static let archive = [archivePlan, archiveRun, archiveList, archiveOpen, acts]

    private static let archivePlan = Command(
        "archive plan", "[--days N] [--hospital CODE]",
        "show which cases are due to be put away, and which stay and why",
        discussion: """
            A case is due when it has been over (closed, withdrawn or merged) and untouched for --days; without it, for as long as the \
            hospital's setting archiveAfterDays says, or 365 days. A case with a conflict or a change set aside stays.
            """,
        valued: ["--days", "--hospital"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let days = arguments.option("--days").map { "&days=\(pathSegment($0))" } ?? ""
        let query = days + (arguments.option("--hospital").map { "&hospital=\(pathSegment($0))" } ?? "")
        try arguments.finish()
        let answer = try await central.withEndpoint {
            try await $0.call(.get, "/api/v1/archive/plan?limit=200\(query)")
        }
        console.show(answer, asJSON: central.isJSON) { json in
            let lines = json["cases"].entries.compactMap(\.members).map(Self.line)
            return (lines.isEmpty ? ["nothing is due"] : lines)
                + (json["hasMore"] == .bool(true) ? ["and more"] : [])
        }
        return .ok
    }

    private static let archiveRun = Command(
        "archive run", "--reason TEXT [--days N] [--hospital CODE] [--dry-run] [--user NAME]",
        "put away the cases that are due: they leave the daily lists, at the windows, too",
        discussion: """
            Nothing is deleted: an archived case is shown by its ID, listed by `archive list`, and brought back by `archive open`, or by a \
            window that reopens it. --dry-run shows what `archive plan` shows.
            """,
        valued: ["--days", "--hospital", "--reason", "--user"]
    ) { arguments, console in
        if arguments.flag("--dry-run") {
            _ = (arguments.option("--reason"), arguments.option("--user"))
            return try await archivePlan.run(&arguments, console)
        }
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        let days = try arguments.option("--days").map { text throws(UsageError) in
            guard let days = Int(text) else { throw UsageError("--days is no number") }
            return days
        }
        let order = ArchiveOrder(
            reason: try arguments.required("--reason"), days: days, hospital: arguments.option("--hospital"))
        try arguments.finish()
        let (archived, stayed) = try await central.withEndpoint { endpoint in
            var (archived, stayed): ([JSON], [JSON]) = ([], [])
            while true {
                let json =
                    try JSON(
                        parsing: try await endpoint.call(
                            .post, "/api/v1/archive", headers: headers, json: order)
                    ).members ?? [:]
                archived += json["archived"].entries
                stayed = json["stayed"].entries
                // A call that archived nothing has only seen cases that stay.
                guard json["hasMore"] == .bool(true), !json["archived"].entries.isEmpty else {
                    return (archived, stayed)
                }
            }
        }
        let answer = JSON.object(["archived": .list(archived), "stayed": .list(stayed)])
        console.show(Array(try JSONEncoder().encode(answer)), asJSON: central.isJSON) { _ in
            ["archived \(archived.count) cases"] + stayed.compactMap(\.members).map(Self.line)
        }
        return .ok
    }

    private static let archiveList = Command(
        "archive list", "[--limit N]", "list archived cases, those first that were archived first",
        valued: ["--limit"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let limit = pathSegment(arguments.option("--limit") ?? "200")
        try arguments.finish()
        let answer = try await central.withEndpoint {
            try await $0.call(.get, "/api/v1/archive?limit=\(limit)")
        }
        console.showList(answer, "cases", asJSON: central.isJSON, empty: "no case is archived", Self.line)
        return .ok
    }

    private static let archiveOpen = Command(
        "archive open", "CASE --reason TEXT [--user NAME]", "bring an archived case back to the lists",
        valued: ["--reason", "--user"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        let opening = ReasonBody(reason: try arguments.required("--reason"), dryRun: nil)
        let id = try arguments.word("the case's ID")
        try arguments.finish()
        _ = try await central.withEndpoint { endpoint in
            try await endpoint.call(
                .post, "/api/v1/archive/\(pathSegment(id))/opening", headers: headers, json: opening)
        }
        if !central.isJSON { console.print("\(id) is back in the lists") }
        return .ok
    }

    private static let acts = Command(
        "audit acts", "[--kind KIND] [--hospital CODE] [--by NAME] [--since YYYY-MM-DD] [--limit N]",
        "list what central's people did, from the log, the last first",
        discussion: """
            KIND is hospital, closing, settings, policy, withdrawal, calendar, stock, order, move, archive, aside, takeUp, settlement or \
            edit. Values of fields are not shown: see case show. It comes back from the windows after a restore, which the lines of `audit list` do not.
            """,
        valued: ["--kind", "--hospital", "--by", "--since", "--limit"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let filter = try ActFilter(&arguments)
        try arguments.finish()
        let acts = try await central.withEndpoint { try await filter.acts(from: $0) }
        let answer = Array(try JSONEncoder().encode(JSON.object(["acts": .list(acts)])))
        console.showList(answer, "acts", asJSON: central.isJSON, empty: "nothing was found") { act in
            let about = (act["about"]?.members ?? [:]).filter { $0.key != "groups" }.sorted {
                $0.key < $1.key
            }
            .map { "\($0.key) \($0.value.word)" }.joined(separator: "  ")
            return "\(Self.time(act["milliseconds"]))  \(act["user"].word)  \(act["kind"].word)  \(about)  "
                + "\(act["hospitals"].entries.map(\.word).joined(separator: " "))  \(act["caseID"].word)"
                + (act["reason"].word.isEmpty ? "" : "  — \(act["reason"].word)")
        }
        return .ok
    }

    private static func line(_ candidate: [String: JSON]) -> String {
        let hindrance = candidate["hindrance"].word
        return "\(candidate["caseID"].word)  over since \(time(candidate["endedMilliseconds"]))  "
            + candidate["hospitals"].entries.map(\.word).joined(separator: " ")
            + (hindrance.isEmpty
                ? "" : "  stays: \(hindrance == "aside" ? "a change is set aside" : "a conflict")")
    }

    private static func time(_ milliseconds: JSON?) -> String {
        Double(milliseconds.word).map { Date(timeIntervalSince1970: $0 / 1000).formatted(.iso8601) } ?? ""
    }
}

/// A reason in JSON.
struct ReasonBody: Encodable {
    let reason: String
    let dryRun: Bool?
}

private struct ArchiveOrder: Encodable {
    let reason: String
    let days: Int?
    let hospital: String?
}

/// Which acts `audit acts` shows. Who did them is compared here: no name stands in an address.
private struct ActFilter {
    private let query: String
    private let user: String?
    private let sinceMilliseconds: Double
    private let countMax: Int

    init(_ arguments: inout Arguments) throws(UsageError) {
        var query = arguments.option("--kind").map { "&kind=\(pathSegment($0))" } ?? ""
        query += arguments.option("--hospital").map { "&hospital=\(pathSegment($0))" } ?? ""
        (self.query, user) = (query, arguments.option("--by"))
        countMax = Int(arguments.option("--limit") ?? "100") ?? 100
        guard let since = arguments.option("--since") else {
            sinceMilliseconds = 0
            return
        }
        guard let day = CalendarDate(since) else { throw UsageError("--since is no day YYYY-MM-DD") }
        // The day begins in China.
        sinceMilliseconds =
            Double(day.dayNumber - CalendarDate(milliseconds: 0).dayNumber) * 86_400_000 - 28_800_000
    }

    func acts(from endpoint: Endpoint) async throws -> [JSON] {
        var (acts, place): ([JSON], String) = ([], "")
        while true {
            let answer = try await endpoint.call(.get, "/api/v1/acts?limit=200\(query)\(place)")
            let json = try JSON(parsing: answer).members ?? [:]
            for act in json["acts"].entries {
                if Double(act.members?["milliseconds"].word ?? "") ?? 0 < sinceMilliseconds { return acts }
                if let user, act.members?["user"].word != user { continue }
                acts.append(act)
                if acts.count >= countMax { return acts }
            }
            guard let next = json["next"] else { return acts }
            place = "&before=\(next.word)"
        }
    }
}
