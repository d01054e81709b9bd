import Casework
import Commands
import Foundation
import Web

extension Command {
    static let desk = [
        deskList, deskCounts, deskShow, deskSettle, deskUndo, deskTakeUp, deskReject, deskAssign,
    ]

    private static let deskList = Command(
        "desk list", "\(DeskFilterOptions.usage) [--order age|waiting] [--limit N] [--after PLACE]",
        "list what waits for a person: conflicts, contradicting results, changes set aside, cases that look like one child",
        discussion: """
            The oldest first; --order waiting puts first what most items and decisions wait for. Kinds: conflict, result, aside, \
            collision, duplicate, stray, unreadable. --assignee "" lists what nobody works on. PLACE is the `next` that --json tells.
            """,
        valued: DeskFilterOptions.valued.union(["--order", "--limit", "--after"])
    ) { arguments, console in
        let central = CentralSite(&arguments)
        var query = DeskFilterOptions(&arguments).query
        query["order"] = arguments.option("--order")
        query["limit"] = arguments.option("--limit") ?? "200"
        query["after"] = arguments.option("--after")
        try arguments.finish()
        let path = "/api/v1/desk/queue?" + encoded(query)
        let answer = try await central.withEndpoint { try await $0.call(.get, path) }
        console.showList(answer, "entries", asJSON: central.isJSON, empty: "nothing waits") {
            DeskText($0).lines.joined(separator: "\n")
        }
        return .ok
    }

    private static let deskCounts = Command(
        "desk counts", "", "count what waits, by kind, hospital, assignee and age"
    ) { arguments, console in
        let central = CentralSite(&arguments)
        try arguments.finish()
        let answer = try await central.withEndpoint { try await $0.call(.get, "/api/v1/desk/counts") }
        console.show(answer, asJSON: central.isJSON) { json in
            let parts = ["kinds", "hospitals", "assignees", "ages"].map { name in
                let counts = (json[name]?.members ?? [:]).sorted { $0.key < $1.key }
                let words = counts.map { "\($0.key.isEmpty ? "-" : $0.key) \($0.value.word)" }
                return "\(name): \(words.joined(separator: ", "))"
            }
            return ["total: \(json["total"].word)"] + parts
        }
        return .ok
    }

    private static let deskShow = Command(
        "desk show", "CASE",
        "show all that waits in a case: base, values with authors and times, and what waits for it"
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let id = try arguments.word("the case's ID")
        try arguments.finish()
        let answer = try await central.withEndpoint {
            try await $0.call(.get, "/api/v1/desk/cases/\(pathSegment(id))")
        }
        console.showList(answer, "entries", asJSON: central.isJSON, empty: "nothing waits in this case") {
            DeskText($0, isWhole: true).lines.joined(separator: "\n")
        }
        return .ok
    }

    private static let deskSettle = Command(
        "desk settle",
        "(CASE GROUP (--dot DOT | --choice WORD | FIELD=VALUE…) | --all --choice WORD \(DeskFilterOptions.usage))"
            + " --reason TEXT [--dry-run] [--user NAME]",
        "settle one conflict, or all of a kind by the same choice",
        discussion: """
            GROUP is the name or the number that `birthcentral desk list` shows. WORD: later, window, central, department, \
            hospital:CODE, department:CODE. All values that stand are put aside by the one that is chosen; they stay in the history, and \
            `desk undo` brings them back. With --all each case is settled on its own: what has changed meanwhile, or has no such \
            value, is told and left. --dry-run shows what would be written.
            """,
        valued: DeskFilterOptions.valued.union(["--dot", "--choice", "--reason", "--user"])
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        let order = try DeskSettlement(&arguments)
        let answers = try await central.withEndpoint { try await order.carryOut($0, headers) }
        return showOutcomes(answers, central.isJSON, console)
    }

    private static let deskUndo = Command(
        "desk undo", "CASE GROUP [--dot DOT] --reason TEXT [--dry-run] [--user NAME]",
        "take a settlement back: the values that it replaced stand again",
        discussion: """
            DOT names what central wrote; without it, what stands now is meant. Refused if others have written since. An undo is undone in the \
            same way.
            """,
        valued: ["--dot", "--reason", "--user"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        let (reason, dot) = (try arguments.required("--reason"), arguments.option("--dot"))
        let isDryRun = arguments.flag("--dry-run")
        let id = try arguments.word("the case's ID")
        let group = try deskGroup(try arguments.word("the group"))
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            let standing =
                if let dot { [dot] } else {
                    try standingDots(id, group, try await shownCase(id, endpoint, reason: reason))
                }
            let body: JSON = .object([
                "reason": .text(reason), "dryRun": .bool(isDryRun),
                "undos": .list([
                    .object([
                        "caseID": .text(id), "group": .number(Decimal(group)), "dot": .text(standing[0]),
                    ])
                ]),
            ])
            return try await endpoint.call(.post, "/api/v1/desk/undos", headers: headers, json: body)
        }
        return showOutcomes([answer], central.isJSON, console)
    }

    private static let deskTakeUp = verdict(
        "take-up", "take changes up that were set aside, or that came without a valid receipt")
    private static let deskReject = verdict(
        "reject", "decide that changes stay out: set aside, without receipt, or not readable")

    private static func verdict(_ name: String, _ summary: String) -> Command {
        Command(
            "desk \(name)", "CHANGE… [--case CASE] --reason TEXT [--user NAME]", summary,
            discussion:
                "CHANGE and CASE as `birthcentral desk list` shows them; what entered no case has no CASE.",
            valued: ["--case", "--reason", "--user"]
        ) { arguments, console in
            let central = CentralSite(&arguments)
            let headers = Headers(saving: &arguments)
            let (reason, id) = (try arguments.required("--reason"), arguments.option("--case"))
            let targets = [try arguments.word("the change")] + arguments.rest()
            try arguments.finish()
            let answer = try await central.withEndpoint { endpoint in
                let shown =
                    if let id { try await shownCase(id, endpoint, reason: reason) } else { [String: JSON]() }
                let entries = targets.map { target in
                    JSON.object([
                        "caseID": id.map { .text($0) } ?? .null, "change": .text(target),
                        "verdict": .text(name == "reject" ? "set-aside" : name),
                        "seen": .list(verdicts(on: target, shown)),
                    ])
                }
                let body: JSON = .object(["reason": .text(reason), "verdicts": .list(entries)])
                return try await endpoint.call(.post, "/api/v1/desk/verdicts", headers: headers, json: body)
            }
            return showOutcomes([answer], central.isJSON, console)
        }
    }

    private static let deskAssign = Command(
        "desk assign", "CASE… (--to NAME | --to-nobody) [--user NAME]",
        "say who works on what waits in a case",
        discussion: "It is a change of the case, so that its windows show it, too.",
        valued: ["--to", "--user"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        let (name, isNobody) = (arguments.option("--to"), arguments.flag("--to-nobody"))
        guard (name == nil) == isNobody else { throw UsageError("give either --to NAME or --to-nobody") }
        let cases = [try arguments.word("the case's ID")] + arguments.rest()
        try arguments.finish()
        let body: JSON = .object([
            "assignee": name.map { .text($0) } ?? .null, "cases": .list(cases.map { .text($0) }),
        ])
        let answer = try await central.withEndpoint {
            try await $0.call(.post, "/api/v1/desk/assignments", headers: headers, json: body)
        }
        return showOutcomes([answer], central.isJSON, console)
    }

    /// A line for each outcome; the status is of one that was not carried out, if there is any.
    private static func showOutcomes(
        _ answers: [[UInt8]], _ isJSON: Bool, _ console: Console
    ) -> ExitStatus {
        var isDone = true
        for answer in answers {
            let outcomes = ((try? JSON(parsing: answer))?.members?["outcomes"]).entries.compactMap(\.members)
            isDone = isDone && outcomes.allSatisfy { DeskText.done.contains($0["outcome"].word) }
            console.showList(answer, "outcomes", asJSON: isJSON, empty: "nothing to do") {
                DeskText.line(ofOutcome: $0)
            }
        }
        if answers.isEmpty { console.print(isJSON ? #"{"outcomes":[]}"# : "nothing to do") }
        return isDone ? .ok : .dataError
    }
}
