import Casework
import Commands
import Foundation
import Web

extension Command {
    static let fleet = [fleetList, fleetSet, overdue, stats]

    private static let fleetList = Command(
        "fleet", "[--hospital CODE] [--state alarm|failing|silent|late|ok] [--csv]",
        "show how all hospitals stand, the worst first",
        discussion: """
            The state of a hospital is the worst of the rules that it does not keep; `fleet set` changes their thresholds. With
            --hospital it tells everything that is known of one.
            """,
        valued: ["--hospital", "--state"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let query = try Query(&arguments, ["--hospital", "--state"])
        try arguments.finish()
        let answer = try await central.withEndpoint { try await $0.call(.get, "/api/v1/fleet" + query.text) }
        if query.isTable { return console.showTable(answer) }
        let isDetailed = query.names.contains("hospital")
        console.showList(answer, "hospitals", asJSON: central.isJSON, empty: "no hospital") { line in
            let head =
                "\(line["code"].word)  \(line["state"].word)  heard \(moment(line["lastContactMilliseconds"]) ?? "never")"
                + "  lag \(line["lag"].word)  outbox \(line["outboxCount"].word)  late \(line["lateItems"].word)"
                + "  set aside \(line["asides"].word)"
            let findings = line["findings"].entries.compactMap(\.members).map { "  \($0["english"].word)" }
            let shown = isDetailed ? findings + details(line) : Array(findings.prefix(1))
            return ([head] + shown).joined(separator: "\n")
        }
        return .ok
    }

    private static func details(_ line: [String: JSON]) -> [String] {
        let stock = line["stock"]?.members.map { stock in
            let days = stock["daysLeft"].word
            return "  certificates left \(stock["remaining"].word) of \(stock["assigned"].word)"
                + (days.isEmpty ? "" : ", for \(days) days")
        }
        let computers = line["computers"].entries.compactMap(\.members).map { computer in
            let told = computer["condition"]?.members
            return
                "  \(computer["device"].word)  heard \(moment(computer["lastContactMilliseconds"]) ?? "never")"
                + "  lag \(computer["lag"].word)  outbox \(computer["outboxCount"].word)"
                + "  software \(computer["software"].word)"
                + (told.map {
                    "  photos \($0["photos"].word)  second copy \($0["secondCopy"].word)"
                        + ($0["isMetered"] == .bool(true) ? "  metered" : "")
                } ?? "") + (computer["isRevoked"] == .bool(true) ? "  REVOKED" : "")
        }
        return (stock.map { [$0] } ?? []) + computers
    }

    private static let fleetSet = Command(
        "fleet set", "NAME VALUE|none [--hospital CODE] [--user NAME]",
        "change from when on something is told of hospitals",
        discussion: """
            fleet.lateHours, fleet.silentHours: hours without contact. fleet.outboxHours: hours that a change may wait though the
            window is in contact. fleet.clockMinutes: minutes that a clock may be wrong. fleet.alarmDays: days for which an alarm
            counts. fleet.stockDays: days that certificates should last (from how many on they are few: hospital settings --low-stock).
            fleet.photoCount: photos that may wait. Without --hospital it is for all; `none` takes it back.
            """,
        valued: ["--hospital", "--user"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        let hospital = arguments.option("--hospital")
        let name = try arguments.word("the setting's name")
        let text = try arguments.word("the setting's value")
        try arguments.finish()
        guard text == "none" || Int(text) != nil else {
            throw UsageError("the value is a whole number, or none")
        }
        let setting = Setting(hospital: hospital, name: name, value: Int(text))
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.call(.put, "/api/v1/fleet-settings", headers: headers, json: setting)
        }
        console.show(answer, asJSON: central.isJSON) { json in
            (json["inForce"]?.members ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.word)" }
        }
        return .ok
    }

    private struct Setting: Encodable {
        let hospital: String?
        let name: String
        let value: Int?
    }

    private static let overdue = Command(
        "overdue", "[--department CODE] [--hospital CODE] [--within DAYS] [--after NEXT] [--limit N] [--csv]",
        "list what is late, or due within DAYS working days, and on whom it waits",
        valued: ["--department", "--hospital", "--within", "--after", "--limit"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let query = try Query(&arguments, ["--department", "--hospital", "--within", "--after", "--limit"])
        try arguments.finish()
        let answer = try await central.withEndpoint {
            try await $0.call(.get, "/api/v1/overdue" + query.text)
        }
        if query.isTable { return console.showTable(answer) }
        console.show(answer, asJSON: central.isJSON) { json in
            let items = json["items"].entries.compactMap(\.members).map { item in
                let number = item["caseNumber"].word
                return
                    "\(item["due"].word)\(item["isLate"] == .bool(true) ? " LATE" : "")  \(item["hospital"].word)"
                    + "  \(item["department"].word)  \(item["item"].word)"
                    + "  \(number.isEmpty ? item["caseID"].word : number)"
                    + "  waits on \(item["waits"].word) since \(item["since"].word)"
            }
            let counts = json["counts"].entries.compactMap(\.members).map { count in
                "  \(count["department"].word)  \(count["hospital"].word)  late \(count["late"].word)  due \(count["due"].word)"
            }
            let more = json["next"].word
            return (items.isEmpty ? ["nothing is late through \(json["through"].word)"] : items)
                + (more.isEmpty ? [] : ["more: --after \(more)"]) + counts
        }
        return .ok
    }

    private static let stats = Command(
        "stats", "--from DAY --to DAY [--hospital CODE] [--by month|hospital|policy|department] [--csv]",
        "count what was done in a period", discussion: "docs/statistics.md says what each figure counts.",
        valued: ["--from", "--to", "--hospital", "--by"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let query = try Query(&arguments, ["--from", "--to", "--hospital", "--by"])
        guard query.names.isSuperset(of: ["from", "to"]) else {
            throw UsageError("--from and --to are missing")
        }
        try arguments.finish()
        let answer = try await central.withEndpoint {
            try await $0.call(.get, "/api/v1/statistics" + query.text)
        }
        if query.isTable { return console.showTable(answer) }
        console.show(answer, asJSON: central.isJSON) { json in
            ([json["total"]].compactMap { $0 } + json["groups"].entries).compactMap(\.members).flatMap(
                figures)
        }
        return .ok
    }

    private static func figures(_ figures: [String: JSON]) -> [String] {
        let key = figures["key"].word
        func words(_ names: [(String, String)], _ of: [String: JSON]) -> String {
            names.map { "\($0.0) \(of[$0.1].word.isEmpty ? "-" : of[$0.1].word)" }.joined(separator: "  ")
        }
        let head =
            "\(key.isEmpty ? "total" : key)  "
            + words(
                [
                    ("registered", "registered"), ("accepted", "accepted"), ("refused", "refused"),
                    ("offline", "offline"), ("withdrawn", "withdrawn"), ("closed", "closed"),
                    ("duplicates", "duplicates"), ("conflicts settled", "conflictsSettled"),
                    ("certificates", "certificatesIssued"), ("voided", "certificatesVoided"),
                    ("rating rate", "ratingRate"), ("saved offline", "offlineShare"),
                ], figures)
        return [head]
            + figures["items"].entries.compactMap(\.members).map { item in
                "  \(item["department"].word) \(item["item"].word)  "
                    + words(
                        [
                            ("done", "done"), ("failed", "failed"), ("returned", "returned"),
                            ("on time", "onTimeRate"), ("median", "medianWorkingDays"),
                            ("90 %", "ninetiethWorkingDays"),
                        ], item)
            }
    }

    private static func moment(_ milliseconds: JSON?) -> String? {
        milliseconds.flatMap { Double($0.word) }.map {
            Date(timeIntervalSince1970: $0 / 1000).formatted(.iso8601)
        }
    }
}

/// Options that become the query of an address.
private struct Query: Sendable {
    /// Those that were given.
    let names: Set<String>
    /// With its question mark; empty without any.
    let text: String
    /// A table was asked for.
    let isTable: Bool

    init(_ arguments: inout Arguments, _ options: [String]) throws(UsageError) {
        isTable = arguments.flag("--csv")
        var (names, pairs): (Set<String>, [String]) = ([], isTable ? ["format=csv"] : [])
        for option in options {
            guard let value = arguments.option(option) else { continue }
            let name = String(option.dropFirst(2))
            names.insert(name)
            pairs.append("\(name)=\(pathSegment(value))")
        }
        self.names = names
        text = pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }
}

extension Console {
    /// Prints a table as it came; the line's end that every print adds is the last row's.
    fileprivate func showTable(_ bytes: [UInt8]) -> ExitStatus {
        var text = String(decoding: bytes, as: UTF8.self)
        if text.hasSuffix("\r\n") { text.removeLast() }
        print(text)
        return .ok
    }
}
