import Casework
import Commands
import Foundation
import Web

extension Command {
    static let duplicates = [
        listDuplicates, showDuplicates, mergeDuplicates, dismissDuplicates, undoDuplicates,
    ]

    private static let listDuplicates = Command(
        "duplicates list",
        "[--state STATE] [--hospital CODE] [--rule CODE] [--score MIN] [--after PLACE] [--limit N]",
        "list the cases that look like one child, the oldest first, with the reasons",
        discussion: """
            STATE is open (unless given), dismissed, merged, or circular: cases that were merged into each other by people who could not
            see each other's merge. PLACE is what the list before ended with.
            """,
        valued: ["--state", "--hospital", "--rule", "--score", "--after", "--limit"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let query = ["state", "hospital", "rule", "score", "after", "limit"].compactMap { name in
            arguments.option("--\(name)").map { "\(name)=\(pathSegment($0))" }
        }
        try arguments.finish()
        let answer = try await central.withEndpoint {
            try await $0.call(.get, "/api/v1/duplicates?\(query.joined(separator: "&"))")
        }
        console.showList(
            answer, "duplicates", asJSON: central.isJSON, empty: "no duplicates", duplicateLine)
        if !central.isJSON, let next = (try? JSON(parsing: answer))?.members?["next"] {
            console.print("more: --after \(next.word)")
        }
        return .ok
    }

    private static let showDuplicates = Command(
        "duplicates show", "CASE CASE",
        "show two cases side by side, field by field, and why they look alike",
        discussion:
            "= equal, ≠ differing, < and > only one has it, ! in conflict; behind it the group that --take names."
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let path = try duplicatePath(&arguments)
        try arguments.finish()
        let answer = try await central.withEndpoint { try await $0.call(.get, path) }
        console.show(answer, asJSON: central.isJSON, comparisonLines)
        return .ok
    }

    private static let mergeDuplicates = Command(
        "duplicates merge", "FROM INTO [--take GROUP,…] --reason TEXT [--user NAME]",
        "merge the case FROM into the case INTO, which goes on",
        discussion: """
            FROM is closed to its window and held for the departments. --take names groups, by name or number, in which the values of FROM
            are written to INTO. Both hospitals are told, each of the other's number and name only. It can be taken back:
            birthcentral duplicates undo FROM INTO
            """,
        valued: ["--take", "--reason", "--user"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        let reason = try arguments.required("--reason")
        let take = arguments.option("--take")?.split(separator: ",").map(String.init) ?? []
        let (from, into) = (
            try arguments.word("the case to be merged"), try arguments.word("the case that goes on")
        )
        try arguments.finish()
        let path = "/api/v1/duplicates/\(pathSegment(from))/\(pathSegment(into))"
        let answer = try await central.withEndpoint { endpoint in
            let shown = try JSON(parsing: try await endpoint.call(.get, path)).members ?? [:]
            let sides = [shown["first"], shown["second"]].compactMap { $0?.members }
            let seen = Dictionary(
                sides.map { ($0["id"].word, $0["fingerprint"].word) }, uniquingKeysWith: { first, _ in first }
            )
            return try await endpoint.call(
                .post, path + "/merge", headers: headers,
                json: MergeOrder(into: into, reason: reason, take: take, seen: seen))
        }
        console.show(answer, asJSON: central.isJSON) { _ in ["merged \(from) into \(into)"] }
        return .ok
    }

    private static let dismissDuplicates = Command(
        "duplicates dismiss", "CASE CASE --reason TEXT [--user NAME]", "say that two cases are two children",
        valued: ["--reason", "--user"]
    ) { arguments, console in
        try await decide("dismissal", "dismissed", &arguments, console)
    }

    private static let undoDuplicates = Command(
        "duplicates undo", "CASE CASE --reason TEXT [--user NAME]",
        "take back a merge or a dismissal: what was before stands again",
        valued: ["--reason", "--user"]
    ) { arguments, console in
        try await decide("undo", "taken back", &arguments, console)
    }

    private static func decide(
        _ action: String, _ sentence: String, _ arguments: inout Arguments, _ console: Console
    ) async throws -> ExitStatus {
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        let reason = try arguments.required("--reason")
        let path = try duplicatePath(&arguments)
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.call(
                .post, "\(path)/\(action)", headers: headers, json: ["reason": reason])
        }
        console.show(answer, asJSON: central.isJSON) { _ in [sentence] }
        return .ok
    }
}

private struct MergeOrder: Encodable {
    let into: String
    let reason: String
    let take: [String]
    let seen: [String: String]
}

private func duplicatePath(_ arguments: inout Arguments) throws -> String {
    let (first, second) = (try arguments.word("a case's ID"), try arguments.word("the other case's ID"))
    return "/api/v1/duplicates/\(pathSegment(first))/\(pathSegment(second))"
}

/// A pair of the list on some lines.
private func duplicateLine(_ pair: [String: JSON]) -> String {
    let sides = ["first", "second"].map { "    " + sideText(pair[$0]?.members ?? [:]) }
    return (["\(pair["score"].word)  \(pair["state"].word)"] + sides + reasonLines(pair)).joined(
        separator: "\n")
}

private func reasonLines(_ pair: [String: JSON]) -> [String] {
    pair["reasons"].entries.compactMap(\.members).map { "    \($0["code"].word)  \($0["text"].word)" }
}

private func sideText(_ side: [String: JSON]) -> String {
    let hospitals = side["hospitals"].entries.compactMap { $0.members?["code"]?.word }.joined(separator: " ")
    let words = [side["id"], side["number"], side["childName"], side["motherName"], side["birthDate"]].map(
        \.word)
    return (words + [hospitals, side["word"].word]).filter { !$0.isEmpty }.joined(separator: "  ")
}

private func comparisonLines(_ answer: [String: JSON]) -> [String] {
    let sides = ["first", "second"].map { sideText(answer[$0]?.members ?? [:]) }
    let marks = ["equal": "=", "differing": "≠", "firstOnly": "<", "secondOnly": ">", "conflict": "!"]
    let fields = answer["fields"].entries.compactMap(\.members).map { line in
        let mark = marks[line["relation"].word] ?? "?"
        let group = line["mayBeTaken"] == .bool(true) ? "  [\(line["groupName"].word)]" : ""
        return "  \(mark) \(line["label"].word)：\(shown(line["first"])) | \(shown(line["second"]))\(group)"
    }
    let history = answer["history"].entries.compactMap(\.members).map { change in
        let author = [change["role"], change["unit"], change["user"]].map(\.word).filter { !$0.isEmpty }
        let wrote = change["wrote"].entries.map(\.word).joined(separator: "；")
        return
            "  \(change["caseID"].word)  \(author.joined(separator: " "))  \(wrote)  \(change["reason"].word)"
    }
    let score = answer["score"].word
    return sides + ["\(score)  \(answer["state"].word)"] + reasonLines(answer) + fields + ["history"]
        + history
}

/// A value as it is read: plain, or its parts one after the other.
private func shown(_ value: JSON?) -> String {
    switch value {
    case .list(let values)?: values.map { shown($0) }.joined(separator: "、")
    case .object(let members)?:
        members.sorted { $0.key < $1.key }.map { shown($0.value) }.joined(separator: " ")
    default: value.word
    }
}
