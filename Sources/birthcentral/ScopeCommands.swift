import Commands
import Foundation
import Web

extension Command {
    static let scope = [caseMove, caseErase]

    private static let caseErase = Command(
        "case erase", "CASE --reason TEXT [--dry-run] [--user NAME]",
        "erase a case on demand: its content is destroyed here and at every window",
        discussion: """
            Every window hears of it with its next exchange and destroys what it has: changes, pictures, second copy. Names, places and \
            sums of the changes stay. It cannot be undone. Backups, sticks and copies of before keep it until they are destroyed; \
            departments keep what they were sent. The reason is shown to every hospital: name nobody in it.
            """,
        valued: ["--reason", "--user"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        let order = EraseOrder(
            reason: try arguments.required("--reason"), dryRun: arguments.flag("--dry-run"))
        let id = try arguments.word("the case's ID")
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.call(
                .post, "/api/v1/cases/\(pathSegment(id))/erasure", headers: headers, json: order)
        }
        console.show(answer, asJSON: central.isJSON) { json in
            let verb = order.dryRun ? "would erase" : "erased"
            let codes = json["hospitals"].entries.map(\.word).joined(separator: ", ")
            return [
                "\(verb) \(json["changes"].word) changes and \(json["attachments"].word) pictures; hospitals: \(codes)"
            ]
        }
        return .ok
    }

    private struct EraseOrder: Encodable {
        let reason: String
        let dryRun: Bool
    }

    private static let caseMove = Command(
        "case move", "(CASE | --all-of CODE) --to CODE --reason TEXT [--dry-run] [--user NAME]",
        "give a case, or all cases of a hospital, to another hospital",
        discussion: """
            The new hospital gets the whole case with its history; at the old one it is hidden. What the old one has not sent yet is \
            taken all the same and passed on. The move is a change of the case; to undo it, move the case back.
            """,
        valued: ["--to", "--reason", "--user", "--all-of"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        let order = MoveOrder(
            to: try arguments.required("--to"), reason: try arguments.required("--reason"),
            dryRun: arguments.flag("--dry-run"))
        if let code = arguments.option("--all-of") {
            try arguments.finish()
            let moves = MoveAll(
                code: code, to: order.to, reason: order.reason, isDryRun: order.dryRun, headers: headers)
            let count = try await central.withEndpoint { try await moves.run($0) }
            let answer = #"{"cases":\#(count),"isDryRun":\#(order.dryRun)}"#
            console.print(
                central.isJSON
                    ? answer : "\(order.dryRun ? "would move" : "moved") \(count) cases to \(order.to)")
            return .ok
        }
        let id = try arguments.word("the case's ID")
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.call(
                .post, "/api/v1/cases/\(pathSegment(id))/move", headers: headers, json: order)
        }
        console.show(answer, asJSON: central.isJSON) { json in
            var from = "nobody"
            if case .list(let codes)? = json["from"], !codes.isEmpty {
                from = codes.map(\.word).joined(separator: ", ")
            }
            let verb = order.dryRun ? "would move" : "moved"
            return ["\(verb) from \(from) to \(json["to"].word), \(json["changes"].word) changes"]
        }
        return .ok
    }

    private struct MoveOrder: Encodable {
        let to: String
        let reason: String
        let dryRun: Bool
    }
}
