import Casework
import Foundation
package import Web

/// The commands on cases that both programs have.
package enum CaseCommands<Records: Site> {
    package static var all: [Command] { [set(), show, history, list()] }

    /// With what only a window knows: linked cases, and stages.
    package static var ofWindow: [Command] { [set(isLinking: true), show, history, list(hasStages: true)] }

    /// Of all commands that show a case.
    private static var reading: String {
        "A case that is over is shown for a reason only, which is recorded: --reason."
    }

    private static func set(isLinking: Bool = false) -> Command {
        let linking = " --also-linked writes what twins have in common to all linked cases."
        return Command(
            "case set",
            "ID FIELD=VALUE… [--reason TEXT] [--user NAME] [--save-id ID]"
                + (isLinking ? " [--also-linked]" : ""),
            "change answers of a case",
            discussion:
                "Numbers, lists and objects are given as JSON; an empty value takes the answer back. Only what differs is saved."
                + (isLinking ? linking : ""),
            valued: ["--reason", "--user", "--save-id"]
        ) { arguments, console in
            let records = Records(&arguments)
            let headers = Headers(saving: &arguments)
            let reason = arguments.option("--reason")
            let alsoLinked = isLinking && arguments.flag("--also-linked") ? true : nil
            let id = try arguments.word("the case's ID")
            let edit = Edit(set: try arguments.pairs(), reason: reason, alsoLinked: alsoLinked)
            guard !edit.set.isEmpty else { throw UsageError("at least one FIELD=VALUE is missing") }
            try arguments.finish()
            let answer = try await records.withEndpoint { endpoint in
                try await endpoint.call(
                    .patch, "/api/v1/cases/\(pathSegment(id))", headers: headers, json: edit)
            }
            console.showSave(answer, asJSON: records.isJSON) { id, _ in "saved \(id)" }
            return .ok
        }
    }

    private static var show: Command {
        Command(
            "case show", "ID [--reason TEXT] [--user NAME]",
            "show a case: fields, items with results, conflicts with every value",
            discussion: reading, valued: ["--reason", "--user"]
        ) { arguments, console in
            let records = Records(&arguments)
            let headers = Headers(reading: &arguments)
            let id = try arguments.word("the case's ID")
            try arguments.finish()
            let answer = try await records.withEndpoint { endpoint in
                try await endpoint.call(.get, "/api/v1/cases/\(pathSegment(id))", headers: headers)
            }
            guard !records.isJSON else {
                console.print(String(decoding: answer, as: UTF8.self))
                return .ok
            }
            let json = try JSON(parsing: answer)
            for line in CaseText(json, dictionary: .standard).lines { console.print(line) }
            return .ok
        }
    }

    private static var history: Command {
        Command(
            "case history", "ID [--reason TEXT] [--user NAME]",
            "show every change of a case, and what became of each value",
            discussion:
                "A value that stands but is not shown, because a later or further one is, is marked 未采用. "
                + reading,
            valued: ["--reason", "--user"]
        ) { arguments, console in
            let records = Records(&arguments)
            let headers = Headers(reading: &arguments)
            let id = try arguments.word("the case's ID")
            try arguments.finish()
            let answer = try await records.withEndpoint { endpoint in
                try await endpoint.call(.get, "/api/v1/cases/\(pathSegment(id))/history", headers: headers)
            }
            console.showList(answer, "history", asJSON: records.isJSON) { entry in
                let author = ["role", "unit", "user"].map { entry[$0].word }.joined(separator: " ")
                let marks = entry["isDoubtful"] == .bool(true) ? "  时间存疑" : ""
                let head = "\(entry["dot"].word)  \(author)\(marks)  \(entry["reason"].word)"
                let writes = entry["writes"].entries.compactMap(\.members).map { write in
                    let members = (write["value"]?.members ?? [:]).sorted { $0.key < $1.key }
                    let answers = members.map { "\($0.key)=\($0.value.word)" }.joined(separator: " ")
                    return "    \(write["label"].word)：\(answers)（\(write["sentence"].word)）"
                }
                return ([head] + writes).joined(separator: "\n")
            }
            return .ok
        }
    }

    private static func list(hasStages: Bool = false) -> Command {
        Command(
            "case list",
            hasStages ? "[--stage STAGE | --returned | --departed | --archived] [--limit N]" : "[--limit N]",
            "list the cases, the last changed first",
            discussion: hasStages
                ? "Stages: \(CaseStage.allCases.map(\.rawValue).joined(separator: ", ")). --returned lists those "
                    + "of which a department has sent an item back, --departed those that left the hospital, "
                    + "--archived those that central has put away."
                : "",
            valued: hasStages ? ["--limit", "--stage"] : ["--limit"]
        ) { arguments, console in
            let records = Records(&arguments)
            let limit = Int(arguments.option("--limit") ?? "100") ?? 100
            let departed = hasStages && arguments.flag("--departed") ? "&departed=true" : ""
            let returned = hasStages && arguments.flag("--returned") ? "&returned=true" : ""
            let archived = hasStages && arguments.flag("--archived") ? "&archived=true" : ""
            let stage = hasStages ? arguments.option("--stage").map { "&stage=\(pathSegment($0))" } : nil
            try arguments.finish()
            let answer = try await records.withEndpoint { endpoint in
                try await endpoint.call(
                    .get, "/api/v1/cases?limit=\(limit)\(stage ?? "")\(departed)\(returned)\(archived)")
            }
            console.showList(answer, "cases", asJSON: records.isJSON) { line in
                let summary = line["summary"]?.members ?? [:]
                let marks = line["conflicts"] == .number(0) ? "" : "  有冲突"
                let stage = CaseStage(rawValue: summary["stage"].word).map { "  \($0.word)" } ?? ""
                return [line["id"], summary["number"], summary["policy"], summary["childName"]].map {
                    $0.word
                }
                .joined(separator: "  ") + stage + marks
            }
            return .ok
        }
    }

    private struct Edit: Encodable {
        let set: [String: String]
        let reason: String?
        let alsoLinked: Bool?
    }
}

/// A word from the command line as one segment of a path.
package func pathSegment(_ word: String) -> String {
    word.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._")))
        ?? ""
}

extension Arguments {
    /// All words that are left, as FIELD=VALUE.
    package mutating func pairs() throws(UsageError) -> [String: String] {
        var pairs: [String: String] = [:]
        for word in rest() {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw UsageError("an answer is given as FIELD=VALUE") }
            pairs[String(parts[0])] = String(parts[1])
        }
        return pairs
    }
}

extension Headers {
    /// Who saves, and under which save ID.
    /// Why somebody looks at a case that is over: `--reason TEXT`.
    package init(reading arguments: inout Arguments) {
        self.init()
        if let user = arguments.option("--user") { self["Operator"] = user }
        if let reason = arguments.option("--reason") { self["Reason"] = PercentCoding.encode(reason) }
    }

    package init(saving arguments: inout Arguments) {
        self.init()
        if let user = arguments.option("--user") { self["Operator"] = user }
        if let saveID = arguments.option("--save-id") { self["Idempotency-Key"] = saveID }
    }
}
