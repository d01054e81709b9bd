import Casework
import Foundation
import Web

/// The commands about the audit log, of both programs.
package enum AuditCommands<Place: Site> {
    /// Anchors that one verify compares.
    private static var anchorBytesMax: Int { 4 << 20 }

    package static var all: [Command] { [list, verify, anchors] }

    private static var list: Command {
        Command(
            "audit list",
            "[--by NAME] [--case ID] [--kind KIND] [--action WORD] [--hospital CODE] [--since DAY] [--until DAY] [--limit N]",
            "list who read, printed, exported or changed what, and who signed in, the last first",
            discussion: """
                KIND: read, print, export, change, administration, signIn, signInRefused, lockout, signOut, log. DAY: YYYY-MM-DD in \
                China, --until included. Lines are printed as they come; without --limit all of them.
                """,
            valued: [
                "--by", "--case", "--kind", "--action", "--hospital", "--since", "--until", "--limit",
            ]
        ) { arguments, console in
            let place = Place(&arguments)
            let query = try query(&arguments)
            let most = arguments.option("--limit").flatMap { Int($0) } ?? .max
            try arguments.finish()
            try await place.withEndpoint { endpoint in
                try await show(query, most, place.isJSON, endpoint, console)
            }
            return .ok
        }
    }

    private static func query(_ arguments: inout Arguments) throws(UsageError) -> String {
        var query = ""
        for (option, name) in [
            ("--by", "user"), ("--case", "case"), ("--kind", "kind"), ("--action", "action"),
            ("--hospital", "hospital"),
        ] {
            if let word = arguments.option(option) { query += "&\(name)=\(pathSegment(word))" }
        }
        for (option, name, days) in [("--since", "since", 0), ("--until", "until", 1)] {
            guard let word = arguments.option(option) else { continue }
            guard let day = CalendarDate(word) else { throw UsageError("\(option) is no day YYYY-MM-DD") }
            // The day begins in China.
            let epoch = CalendarDate(milliseconds: 0).dayNumber
            query += "&\(name)=\(max(0, (day.dayNumber + days - epoch) * 86_400_000 - 28_800_000))"
        }
        return query
    }

    /// Page by page: with `--json` a line of JSON for each.
    private static func show(
        _ query: String, _ most: Int, _ isJSON: Bool, _ endpoint: Endpoint, _ console: Console
    ) async throws {
        var (left, place) = (most, "")
        while left > 0 {
            let answer = try await endpoint.call(
                .get, "/api/v1/audit?limit=\(min(left, 200))\(query)\(place)")
            let page = try JSON(parsing: answer).members ?? [:]
            for line in page["lines"].entries {
                if isJSON {
                    console.print(String(decoding: try JSONEncoder().encode(line), as: UTF8.self))
                } else {
                    console.print(text(line.members ?? [:]))
                }
                left -= 1
            }
            guard let next = page["next"] else { return }
            place = "&before=\(next.word)"
        }
    }

    private static func text(_ line: [String: JSON]) -> String {
        let time =
            Double(line["milliseconds"].word).map {
                Date(timeIntervalSince1970: $0 / 1000).formatted(.iso8601)
            } ?? ""
        let who =
            line["who"].word.isEmpty ? (line["isMachine"] == .bool(true) ? "machine" : "?") : line["who"].word
        let about = ["hospital", "account", "department", "object", "note"].map { line[$0].word }
        let more = line["moreCases"].word == "0" ? "" : "+\(line["moreCases"].word)"
        let words =
            [line["sequence"].word, time, who, line["kind"].word, line["route"].word]
            + line["cases"].entries.map(\.word) + [more] + about
            + [line["status"] == nil ? "" : "refused \(line["status"].word)"]
        let reason = line["reason"].word
        return words.filter { !$0.isEmpty }.joined(separator: "  ") + (reason.isEmpty ? "" : "  — \(reason)")
    }

    private static var verify: Command {
        Command(
            "audit verify", "[--anchors FILE]",
            "look through the audit log: is a line altered, removed, put in or moved, or its end cut off?",
            discussion: """
                An end that was cut off, together with what the store notes of it, is found by what another machine keeps: FILE is what \
                `audit anchors --json` prints there (`birthcentral audit anchors --hospital CODE` for a window, `birthwindow audit anchors` \
                for central). Exits with 65 if something is wrong.
                """,
            valued: ["--anchors"]
        ) { arguments, console in
            let place = Place(&arguments)
            let file = arguments.option("--anchors")
            try arguments.finish()
            var body: [String: JSON] = [:]
            if let file {
                let bytes = try InputFile.read(file, bytesMax: anchorBytesMax)
                guard bytes.count <= anchorBytesMax,
                    let anchors = (try? JSON(parsing: bytes))?.members?["anchors"]
                else {
                    throw CommandError(
                        "\(file) is not what `audit anchors --json` prints", status: .dataError)
                }
                body["anchors"] = anchors
            }
            let order = JSON.object(body)
            let answer = try await place.withEndpoint {
                try await $0.call(.post, "/api/v1/audit/verdict", json: order)
            }
            console.show(answer, asJSON: place.isJSON, verdict)
            let isWhole = (try? JSON(parsing: answer))?.members?["isWhole"] == .bool(true)
            return isWhole ? .ok : .dataError
        }
    }

    private static func verdict(_ json: [String: JSON]) -> [String] {
        let looked =
            "\(json["lines"].word) lines, \(json["first"].word) to \(json["last"].word); "
            + "compared with \(json["anchors"].word) anchors"
        guard json["isWhole"] != .bool(true) else { return ["the audit log is whole: \(looked)"] }
        let faults = json["faults"].entries.compactMap(\.members).map { "  \($0["sentence"].word)" }
        return ["the audit log is NOT whole (\(json["faultCount"].word) faults): \(looked)"] + faults
            + [
                "Next: keep a copy of the whole data directory as it is, and compare it with the last backup. The log goes on; what it "
                    + "tells of the time before the first fault holds."
            ]
    }

    private static var anchors: Command {
        Command(
            "audit anchors", "[--hospital CODE]",
            "show where the audit logs of other machines stood when they told it",
            discussion:
                "At central the logs of the windows; at a window that of central. For `audit verify --anchors`: --json.",
            valued: ["--hospital"]
        ) { arguments, console in
            let place = Place(&arguments)
            let query = arguments.option("--hospital").map { "?hospital=\(pathSegment($0))" } ?? ""
            try arguments.finish()
            let answer = try await place.withEndpoint {
                try await $0.call(.get, "/api/v1/audit/anchors\(query)")
            }
            console.show(answer, asJSON: place.isJSON) { json in
                let lines = json["anchors"].entries.compactMap(\.members).map { anchor in
                    ["hospital", "device", "log", "sequence", "value"].map { anchor[$0].word }
                        .filter { !$0.isEmpty }.joined(separator: "  ")
                }
                let faults = json["faults"].entries.compactMap(\.members).map {
                    "NOT whole: \($0["device"].word)  \($0["sentence"].word)"
                }
                return lines.isEmpty ? ["nothing was told yet"] : lines + faults
            }
            let faults = (try? JSON(parsing: answer))?.members?["faults"].entries ?? []
            return faults.isEmpty ? .ok : .dataError
        }
    }
}
