import Casework
import Commands
import Foundation
import Web

extension Command {
    static let closings = [hospitalShow, hospitalRename, hospitalClose]

    private static let hospitalShow = Command(
        "hospital show", "CODE",
        "show what a hospital's record says: policies, calendars, settings, computers"
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let code = try arguments.word("the hospital's code")
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.call(.get, "/api/v1/hospitals/\(pathSegment(code))")
        }
        console.show(answer, asJSON: central.isJSON) { json in
            func words(_ name: String) -> String {
                json[name].entries.map(\.word).joined(separator: ", ")
            }
            let settings = (json["settings"]?.members ?? [:]).sorted { $0.key < $1.key }
            let lines: [String?] = [
                "\(json["code"].word)  \(json["name"].word)  (\(json["id"].word))",
                json["closedOn"].map { "CLOSED on \($0.word)" },
                "policies: \(words("policies"))",
                words("withdrawn").isEmpty ? nil : "withdrawn: \(words("withdrawn"))",
                "calendars: \(words("calendars"))", "ranges of certificates: \(json["ranges"].word)",
                "computers that take part: \(json["activeComputers"].word)",
            ]
            return lines.compactMap { $0 } + settings.map { "setting \($0.key): \($0.value.word)" }
                + json["faults"].entries.map { "cannot be used: \($0.word)" }
        }
        return .ok
    }

    private static let hospitalRename = Command(
        "hospital rename", "CODE (--name NAME | --code NEW)…", "give a hospital another name or code",
        discussion: """
            Numbers that were given keep the old code; new cases of its windows begin with the new one after their next exchange.
            """,
        valued: ["--name", "--code"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let (name, newCode) = (arguments.option("--name"), arguments.option("--code"))
        let code = try arguments.word("the hospital's code")
        try arguments.finish()
        guard name != nil || newCode != nil else { throw UsageError("give --name or --code") }
        let answer = try await central.withEndpoint { endpoint in
            let target = "/api/v1/hospitals/\(pathSegment(code))"
            let known = try JSON(parsing: try await endpoint.call(.get, target)).members ?? [:]
            let amended = Amendment(
                code: newCode ?? code, name: name ?? known["name"].word,
                policies: known["policies"].entries.map(\.word))
            return try await endpoint.call(.patch, target, json: amended)
        }
        console.show(answer, asJSON: central.isJSON) { json in
            ["\(code) is now \(json["code"].word)  \(json["name"].word)"]
        }
        return .ok
    }

    private struct Amendment: Encodable {
        let code: String
        let name: String
        let policies: [String]
    }

    private static let hospitalClose = Command(
        "hospital close", "CODE --reason TEXT [--to OTHER] [--dry-run] [--user NAME]",
        "close a hospital: give its cases to another one, and take away its computers' right",
        discussion: """
            With --to all its cases move first. Without it the hospital must have none. The record, the history and the numbers stay. \
            Let its windows exchange once more before: what they have not sent is taken afterwards only by `bundle import` or a new \
            computer of the other hospital.
            """,
        valued: ["--reason", "--to", "--user"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        let (reason, other) = (try arguments.required("--reason"), arguments.option("--to"))
        let isDryRun = arguments.flag("--dry-run")
        let code = try arguments.word("the hospital's code")
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            let moves = MoveAll(
                code: code, to: other ?? "", reason: reason, isDryRun: isDryRun, headers: headers)
            let moved = other == nil ? 0 : try await moves.run(endpoint)
            // While cases would move, closing could only say that they are there.
            if isDryRun, moved > 0 {
                return JSON.object(["moved": .number(.init(moved)), "isDryRun": .bool(true)])
            }
            let closed = try await endpoint.call(
                .post, "/api/v1/hospitals/\(pathSegment(code))/closing", headers: headers,
                json: ReasonBody(reason: reason, dryRun: isDryRun))
            var members = try JSON(parsing: closed).members ?? [:]
            members["moved"] = .number(.init(moved))
            return JSON.object(members)
        }
        console.show(Array(try JSONEncoder().encode(answer)), asJSON: central.isJSON) { json in
            let verb = isDryRun ? "would be" : "were"
            let revoked = json["revoked"].map { ", \($0.word) computers revoked" } ?? ""
            return ["\(json["moved"].word) cases \(verb) moved\(revoked)"]
        }
        return .ok
    }
}

/// Moves all cases of a hospital, some at a time.
struct MoveAll {
    let code: String
    let to: String
    let reason: String
    let isDryRun: Bool
    let headers: Headers

    private struct Body: Encodable {
        let to: String
        let reason: String
        let dryRun: Bool
        let after: String?
    }

    /// - Returns: how many moved, or would.
    func run(_ endpoint: Endpoint) async throws -> Int {
        var (count, last): (Int, String?) = (0, nil)
        while true {
            let answer = try await endpoint.call(
                .post, "/api/v1/hospitals/\(pathSegment(code))/moves", headers: headers,
                json: Body(to: to, reason: reason, dryRun: isDryRun, after: isDryRun ? last : nil))
            let json = try JSON(parsing: answer).members ?? [:]
            count += Int(json["cases"].word) ?? 0
            last = json["last"]?.word
            guard json["hasMore"] == .bool(true) else { return count }
        }
    }
}
