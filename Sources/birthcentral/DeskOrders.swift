import Casework
import Commands
import Foundation
import Web

/// The options that choose entries of the queue.
struct DeskFilterOptions {
    static let usage =
        "[--kind K] [--hospital CODE] [--group G] [--assignee NAME] [--policy P] [--older-than HOURS]"
    static let valued: Set<String> = [
        "--kind", "--hospital", "--group", "--assignee", "--policy", "--older-than",
    ]

    var query: [String: String] = [:]

    init(_ arguments: inout Arguments) {
        for name in ["kind", "hospital", "group", "assignee", "policy"] {
            query[name] = arguments.option("--" + name)
        }
        query["hours"] = arguments.option("--older-than")
    }
}

/// A query's names and values as a URL holds them.
func encoded(_ query: [String: String]) -> String {
    query.sorted { $0.key < $1.key }.map { "\($0.key)=\(pathSegment($0.value))" }.joined(separator: "&")
}

/// The number of a group that is given by name or number.
func deskGroup(_ word: String) throws(UsageError) -> UInt32 {
    let number = UInt32(word) ?? FieldDictionary.standard.group(named: word)?.id.rawValue
    guard let number else { throw UsageError("there is no group “\(word)”") }
    return number
}

/// A case as central shows it.
///
/// - Parameter reason: why, should it be over.
func shownCase(_ id: String, _ endpoint: Endpoint, reason: String) async throws -> [String: JSON] {
    var headers = Headers()
    headers["Reason"] = PercentCoding.encode(reason)
    let answer = try await endpoint.call(.get, "/api/v1/cases/\(pathSegment(id))", headers: headers)
    return try JSON(parsing: answer).members ?? [:]
}

/// The dots that stand in a group of a case.
func standingDots(_ id: String, _ group: UInt32, _ shown: [String: JSON]) throws -> [String] {
    let dots = (shown["seen"]?.members?["\(group)"]).entries.map(\.word)
    guard !dots.isEmpty else {
        throw CommandError("case \(id) has no value in group \(group)", status: .dataError)
    }
    return dots
}

/// The dots of the verdicts on a change, as its case shows them.
func verdicts(on change: String, _ shown: [String: JSON]) -> [JSON] {
    let asides = shown["asides"].entries.compactMap(\.members)
    return (asides.first { $0["change"].word == change }?["seen"]).entries
}

/// An order to settle one conflict, or all that a filter chooses.
struct DeskSettlement: Sendable {
    private let reason: String
    private let isDryRun: Bool
    private let choice: String?
    private let dot: String?
    private let values: [String: String]
    /// Nil for all.
    private let place: (id: String, group: UInt32)?
    private let filter: [String: String]

    init(_ arguments: inout Arguments) throws(UsageError) {
        reason = try arguments.required("--reason")
        isDryRun = arguments.flag("--dry-run")
        (choice, dot) = (arguments.option("--choice"), arguments.option("--dot"))
        filter = DeskFilterOptions(&arguments).query
        if arguments.flag("--all") {
            (place, values) = (nil, [:])
            guard choice != nil, dot == nil else {
                throw UsageError("--all needs --choice, and takes no --dot")
            }
        } else {
            place = (try arguments.word("the case's ID"), try deskGroup(try arguments.word("the group")))
            values = try arguments.pairs()
            guard [choice != nil, dot != nil, !values.isEmpty].filter({ $0 }).count == 1 else {
                throw UsageError("give one of --dot DOT, --choice WORD, FIELD=VALUE…")
            }
        }
        try arguments.finish()
    }

    /// - Returns: an answer for each page of the queue.
    func carryOut(_ endpoint: Endpoint, _ headers: Headers) async throws -> [[UInt8]] {
        guard let place else { return try await settleAll(endpoint, headers) }
        let seen = try standingDots(
            place.id, place.group, try await shownCase(place.id, endpoint, reason: reason))
        var entry: [String: JSON] = [
            "caseID": .text(place.id), "group": .number(Decimal(place.group)),
            "seen": .list(seen.map { .text($0) }),
        ]
        if let dot { entry["dot"] = .text(dot) }
        if !values.isEmpty { entry["value"] = .object(values.mapValues { .text($0) }) }
        return [try await post([.object(entry)], endpoint, headers)]
    }

    private func settleAll(_ endpoint: Endpoint, _ headers: Headers) async throws -> [[UInt8]] {
        var answers: [[UInt8]] = []
        for kind in ["conflict", "result"] where filter["kind"] == nil || filter["kind"] == kind {
            var query = filter.merging(["kind": kind, "limit": "200"]) { $1 }
            repeat {
                let page = try JSON(
                    parsing: try await endpoint.call(.get, "/api/v1/desk/queue?" + encoded(query))
                ).members
                let entries = (page?["entries"]).entries.compactMap(\.members).map { entry in
                    JSON.object(entry.filter { ["caseID", "group", "seen"].contains($0.key) })
                }
                if !entries.isEmpty { answers.append(try await post(entries, endpoint, headers)) }
                query["after"] = page?["next"].flatMap { $0 == .null ? nil : $0.word }
            } while query["after"] != nil
        }
        return answers
    }

    private func post(
        _ entries: [JSON], _ endpoint: Endpoint, _ headers: Headers
    ) async throws -> [UInt8] {
        let body: JSON = .object([
            "reason": .text(reason), "dryRun": .bool(isDryRun), "settlements": .list(entries),
            "choice": choice.map { .text($0) } ?? .null,
        ])
        return try await endpoint.call(.post, "/api/v1/desk/settlements", headers: headers, json: body)
    }
}

/// An entry of the queue as text for a terminal.
struct DeskText {
    /// Outcomes of what was carried out, or would be.
    static let done: Set<String> = [
        "settled", "would-settle", "undone", "would-undo", "done", "assigned", "unchanged",
    ]

    private let entry: [String: JSON]
    private let isWhole: Bool

    init(_ entry: [String: JSON], isWhole: Bool = false) { (self.entry, self.isWhole) = (entry, isWhole) }

    /// The entry in a line, and its values below; with base and what waits, if it is shown whole.
    var lines: [String] {
        let marks = [
            entry["hospital"].word,
            entry["name"].word.isEmpty ? "" : "\(entry["name"].word) (group \(entry["group"].word))",
            entry["change"].word, entry["assignee"].word.isEmpty ? "" : "→ \(entry["assignee"].word)", age,
        ]
        let head = ([entry["kind"].word, entry["caseID"].word] + marks).filter { !$0.isEmpty }
        var told = entry["sentence"].word.isEmpty ? [] : ["    \(entry["sentence"].word)"]
        if let other = entry["other"]?.word {
            told.append("    birthcentral duplicates show \(other) \(entry["caseID"].word)")
        }
        return [head.joined(separator: "  ")] + told + values("values", "") + whole
    }

    private var age: String {
        let hours = (Int(entry["ageSeconds"].word) ?? 0) / 3600
        return hours < 48 ? "\(hours) h" : "\(hours / 24) d"
    }

    private var whole: [String] {
        guard isWhole else { return [] }
        let waiting = (entry["waiting"]?.members?["sentences"]).entries.map { "    \($0.word)" }
        let remedies = entry["remedies"].entries.compactMap(\.members).map {
            "    \($0["remedy"].word)：\($0["sentence"].word)"
        }
        return values("base", "原内容 ") + waiting + remedies
    }

    private func values(_ name: String, _ prefix: String) -> [String] {
        entry[name].entries.compactMap(\.members).map { value in
            let members = (value["value"]?.members ?? [:]).sorted { $0.key < $1.key }
            let answers = members.map { "\($0.key)=\($0.value.word)" }.joined(separator: " ")
            let author = ["role", "unit", "user"].map { value[$0].word }.joined(separator: " ")
            let doubt = value["isDoubtful"] == .bool(true) ? "  时间存疑" : ""
            return "    \(prefix)\(value["dot"].word)  \(answers)  — \(author)\(doubt)"
        }
    }

    /// What came of one entry of an order.
    static func line(ofOutcome outcome: [String: JSON]) -> String {
        let values = outcome["values"].entries.compactMap(\.members).map { value in
            value.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.word)" }.joined(separator: " ")
        }
        let words = [
            outcome["outcome"].word, outcome["caseID"].word, outcome["group"].word, outcome["change"].word,
            values.joined(separator: " | "), outcome["sentence"].word,
            outcome["assignee"].word.isEmpty ? "" : "→ \(outcome["assignee"].word)",
        ]
        return words.filter { !$0.isEmpty }.joined(separator: "  ")
    }
}
