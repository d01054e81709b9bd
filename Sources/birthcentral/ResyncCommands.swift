import Casework
import Commands
import Foundation
import Web

extension Command {
    static let resyncs = [resyncList, resyncWithdraw, resyncOrder]

    private static let resyncOrder = Command(
        "resync", "HOSPITAL verify|push|pull|rebuild [--case ID] [--dry-run] [--reason TEXT] [--user NAME]",
        "order a hospital's computers to compare, push, pull or rebuild",
        discussion: """
            Each computer that the hospital has now carries the order out once it hears of it, after the exchange under way, \
            and in the order in which orders were given; one that comes back after months still does. With --dry-run it only \
            compares or counts, and tells. It never discards an unconfirmed change, and may be interrupted at any point. The \
            same order again, before it is over, changes nothing.
            """,
        valued: ["--case", "--reason", "--user"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        let order = NewOrder(
            case: arguments.option("--case"), dryRun: arguments.flag("--dry-run"),
            reason: arguments.option("--reason"), hospital: try arguments.word("the hospital's code"),
            kind: try arguments.word("verify, push, pull or rebuild"))
        try arguments.finish()
        guard ResyncKind(rawValue: order.kind) != nil else {
            throw UsageError("“\(order.kind)” is not verify, push, pull or rebuild")
        }
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.call(.post, "/api/v1/resync-orders", headers: headers, json: order)
        }
        console.show(answer, asJSON: central.isJSON) { json in
            let verb = json["isChanged"] == .bool(true) ? "ordered" : "ordered before, and not over yet:"
            return ["\(verb) \(json["order"].word), for \(json["windows"].word) computers"]
        }
        return .ok
    }

    private static let resyncList = Command(
        "resync list", "[HOSPITAL]", "show the orders, and what each computer reports of them"
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let words = arguments.rest()
        try arguments.finish()
        guard words.count <= 1 else { throw UsageError("“\(words[1])” is one word too many") }
        let query = words.first.map { "?hospital=\(pathSegment($0))" } ?? ""
        let answer = try await central.withEndpoint {
            try await $0.call(.get, "/api/v1/resync-orders\(query)")
        }
        console.showList(answer, "orders", asJSON: central.isJSON, empty: "nothing was ordered") { order in
            ([head(order)] + order["windows"].entries.compactMap(\.members).map(line)).joined(separator: "\n")
        }
        return .ok
    }

    private static let resyncWithdraw = Command(
        "resync withdraw", "ORDER [--user NAME]", "take an order back: no computer begins it any more",
        discussion: "A computer that has begun it ends it.", valued: ["--user"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        let order = try arguments.word("the order")
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.call(
                .delete, "/api/v1/resync-orders/\(pathSegment(order))", headers: headers)
        }
        console.show(answer, asJSON: central.isJSON) { json in
            ["\(order) \(json["isChanged"] == .bool(true) ? "is" : "was") withdrawn"]
        }
        return .ok
    }

    private static func head(_ order: [String: JSON]) -> String {
        var text = "\(order["order"].word)  \(order["kind"].word)"
        if let only = order["caseID"] { text += " of case \(only.word)" }
        if order["isDryRun"] == .bool(true) { text += ", a dry run" }
        text += "  ordered \(time(order["orderedMilliseconds"])) by \(order["orderedBy"].word)"
        if let reason = order["reason"] { text += " (\(reason.word))" }
        if order["isWithdrawn"] == .bool(true) { return text + "  WITHDRAWN" }
        return order["waitsSeconds"].map { text + "  waits \($0.word) s" } ?? text + "  over"
    }

    private static func line(_ window: [String: JSON]) -> String {
        let stage = window["stage"].word == "underWay" ? "under way" : window["stage"].word
        var text = "    \(window["device"].word)  \(stage)"
        if let at = window["atMilliseconds"] { text += " \(time(at))" }
        if let figures = window["figures"]?.members {
            text +=
                "  \(figures["differing"].word) of \(figures["cases"].word) cases differed, "
                + "\(figures["sent"].word) changes sent, \(figures["received"].word) received"
            if figures["remaining"].word != "0" { text += ", \(figures["remaining"].word) still differ" }
        }
        if let note = window["note"] { text += "  (\(note.word))" }
        if let count = Int(window["endCount"].word), count > 1 { text += "  \(count) times" }
        if window["isRevoked"] == .bool(true) { return text + "  revoked" }
        return stage == "ordered" ? text + "  software \(window["software"]?.word ?? "unknown")" : text
    }

    private static func time(_ milliseconds: JSON?) -> String {
        milliseconds.flatMap { Double($0.word) }.map {
            Date(timeIntervalSince1970: $0 / 1000).formatted(.iso8601)
        } ?? "never"
    }

    private struct NewOrder: Encodable {
        let `case`: String?
        let dryRun: Bool
        let reason: String?
        let hospital: String
        let kind: String
    }
}
