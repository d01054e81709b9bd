import Casework
import Commands
import Web

extension Command {
    static let caseWipe = Command(
        "case wipe", "CASE [--dry-run]", "remove the content of a case that left this hospital",
        discussion: """
            Refused while central has not confirmed all of it, and for a case that is this hospital's. Names of its changes stay, \
            so that the feed can be followed; if the case comes back, its content is fetched again.
            """
    ) { arguments, console in
        let window = Window(&arguments)
        let order = WipeOrder(dryRun: arguments.flag("--dry-run"))
        let id = try arguments.word("the case's ID")
        try arguments.finish()
        let answer = try await window.withEndpoint { endpoint in
            try await endpoint.call(.post, "/api/v1/cases/\(pathSegment(id))/wipe", json: order)
        }
        console.show(answer, asJSON: window.isJSON) { json in
            ["\(order.dryRun ? "would wipe" : "wiped") \(json["changes"].word) changes of \(id)"]
        }
        return .ok
    }

    private struct WipeOrder: Encodable { let dryRun: Bool }
}
