import Casework
import Commands
import Foundation
import Web

extension Command {
    static let desk = [conflicts, settle, asides, takeUp]

    private static let conflicts = Command(
        "conflicts", "", "list what waits for a person: each value with its author and its dot"
    ) { arguments, console in
        let central = CentralSite(&arguments)
        try arguments.finish()
        let answer = try await central.withEndpoint { try await $0.call(.get, "/api/v1/conflicts?limit=200") }
        console.showList(answer, "conflicts", asJSON: central.isJSON, empty: "no conflicts") { conflict in
            let head =
                "\(conflict["caseID"].word)  \(conflict["name"].word) (group \(conflict["group"].word))"
            guard case .list(let values)? = conflict["values"] else { return head }
            return ([head] + values.compactMap(\.members).map(Self.line)).joined(separator: "\n")
        }
        return .ok
    }

    private static func line(of value: [String: JSON]) -> String {
        let members = (value["value"]?.members ?? [:]).sorted { $0.key < $1.key }
        let answers = members.map { "\($0.key)=\($0.value.word)" }.joined(separator: " ")
        return
            "    \(value["dot"].word)  \(answers)  — \(value["role"].word) \(value["unit"].word) \(value["user"].word)"
    }

    private static let settle = Command(
        "settle", "CASE GROUP (--choose DOT | FIELD=VALUE…) --reason TEXT [--user NAME]",
        "settle a conflict: choose one of the values, or give another",
        discussion: """
            GROUP is the name or the number that `birthcentral conflicts` shows. All values that stand now are put aside by the
            one that is chosen; they stay in the history. Settling can be undone by settling again.
            """,
        valued: ["--choose", "--reason", "--user"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        let settlement = Settlement(
            id: try arguments.word("the case's ID"), group: try arguments.word("the group"),
            dot: arguments.option("--choose"), reason: try arguments.required("--reason"),
            values: try arguments.pairs())
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            try await settlement.carryOut(endpoint, headers)
        }
        console.show(answer, asJSON: central.isJSON) { _ in ["settled"] }
        return .ok
    }

    private static let asides = Command(
        "asides", "", "list the changes that were set aside, with the reasons"
    ) {
        arguments, console in
        let central = CentralSite(&arguments)
        try arguments.finish()
        let answer = try await central.withEndpoint { try await $0.call(.get, "/api/v1/asides?limit=200") }
        console.showList(answer, "asides", asJSON: central.isJSON, empty: "nothing is set aside") { aside in
            let reasons =
                if case .list(let list)? = aside["reasons"] { list.map(\.word) } else {
                    [aside["reason"].word]
                }
            return "\(aside["caseID"].word)  \(aside["change"].word)  \(reasons.joined(separator: "; "))"
        }
        return .ok
    }

    private static let takeUp = Command(
        "take-up", "CASE CHANGE --reason TEXT [--user NAME]", "take a change up again that was set aside",
        valued: ["--reason", "--user"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        let reason = try arguments.required("--reason")
        let id = try arguments.word("the case's ID")
        let change = try arguments.word("the change")
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            let seen = try verdicts(on: change, in: try await endpoint.call(.get, "/api/v1/asides?limit=200"))
            let verdict = Verdict(change: change, seen: seen, reason: reason)
            return try await endpoint.call(
                .post, "/api/v1/cases/\(pathSegment(id))/take-ups", headers: headers, json: verdict)
        }
        console.show(answer, asJSON: central.isJSON) { _ in ["taken up again"] }
        return .ok
    }
}

/// The order to take a change up again.
private struct Verdict: Encodable {
    let change: String
    let seen: [String]
    let reason: String
}

/// The dots of the verdicts on a change, as the list of asides shows them.
private func verdicts(on change: String, in list: [UInt8]) throws -> [String] {
    guard case .list(let asides)? = try JSON(parsing: list).members?["asides"],
        let aside = asides.compactMap(\.members).first(where: { $0["change"].word == change }),
        case .list(let seen)? = aside["seen"]
    else { throw CommandError("no such change is set aside; see: birthcentral asides", status: .noInput) }
    return seen.map(\.word)
}

/// The order to settle one group of one case, with the dots that stand there now as what was seen.
private struct Settlement: Sendable {
    let id: String
    let group: String
    let dot: String?
    let reason: String
    let values: [String: String]

    private struct Body: Encodable {
        let group: UInt32
        let seen: [String]
        let dot: String?
        let value: [String: String]?
        let reason: String
    }

    func carryOut(_ endpoint: Endpoint, _ headers: Headers) async throws -> [UInt8] {
        guard (dot == nil) != values.isEmpty else {
            throw UsageError("give either --choose DOT or FIELD=VALUE…")
        }
        let number = UInt32(group) ?? FieldDictionary.standard.group(named: group)?.id.rawValue
        guard let number else { throw UsageError("there is no group “\(group)”") }
        let shown = try JSON(parsing: try await endpoint.call(.get, "/api/v1/cases/\(pathSegment(id))"))
        guard case .list(let dots)? = shown.members?["seen"]?.members?["\(number)"] else {
            throw CommandError("the case has no value in group \(group)", status: .dataError)
        }
        let body = Body(
            group: number, seen: dots.map(\.word), dot: dot, value: dot == nil ? values : nil, reason: reason)
        return try await endpoint.call(
            .post, "/api/v1/cases/\(pathSegment(id))/settlements", headers: headers, json: body)
    }
}
