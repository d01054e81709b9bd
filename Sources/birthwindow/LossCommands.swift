import Casework
import Commands
import Foundation
import Web

extension Command {
    /// What central has decided against this window's values.
    static let losses = [lossList, lossSeen, lossRewrite]

    private static let lossList = Command(
        "losses", "[--all] [--limit N]",
        "list values of this window that central has put aside, until a clerk has seen them",
        discussion: """
            Each with what stands now, who decided, when and why. --all lists those that were seen, too. A value of which \
            the rule alone says that a later one shows is no loss: see `case history`.
            """,
        valued: ["--limit"]
    ) { arguments, console in
        let window = Window(&arguments)
        let limit = Int(arguments.option("--limit") ?? "100") ?? 100
        let all = arguments.flag("--all") ? "&all=true" : ""
        try arguments.finish()
        let answer = try await window.withEndpoint {
            try await $0.call(.get, "/api/v1/losses?limit=\(limit)\(all)")
        }
        console.showList(answer, "losses", asJSON: window.isJSON, empty: "没有未采用的内容") { loss in
            let decision = loss["decision"]?.members ?? [:]
            let now = loss["standing"].entries.compactMap(\.members).map(plain).joined(separator: "；")
            return """
                \(loss["number"].word)  \(loss["childName"].word)  \(loss["caseID"].word)  \(loss["name"].word)\
                \(loss["isSeen"] == .bool(true) ? "  已知悉" : "")
                    \(loss["sentence"].word)
                    本院填写：\(plain(loss["lost"]?.members?["value"]?.members ?? [:]))
                    现行内容：\(now)  — \(decision["user"].word) \(time(decision["milliseconds"].word))
                """
        }
        return .ok
    }

    private static func plain(_ value: [String: JSON]) -> String {
        value.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.word)" }.joined(separator: " ")
    }

    private static func time(_ milliseconds: String) -> String {
        Double(milliseconds).map {
            Date(timeIntervalSince1970: $0 / 1000).formatted(.iso8601)
        } ?? ""
    }

    private static let lossSeen = Command(
        "losses seen", "CASE [GROUP] [--user NAME] [--save-id ID]",
        "note that a clerk has seen the losses of a case",
        valued: ["--user", "--save-id"]
    ) { arguments, console in
        let window = Window(&arguments)
        let headers = Headers(saving: &arguments)
        var body: [String: JSON] = ["caseID": .text(try arguments.word("the case's ID"))]
        if let word = arguments.rest().first { body["group"] = .number(Decimal(try group(word))) }
        try arguments.finish()
        let order = JSON.object(body)
        let answer = try await window.withEndpoint {
            try await $0.call(.post, "/api/v1/losses/acknowledgements", headers: headers, json: order)
        }
        console.showSave(answer, asJSON: window.isJSON) { id, _ in "seen: \(id)" }
        return .ok
    }

    private static let lossRewrite = Command(
        "losses rewrite", "CASE GROUP [--reason TEXT] [--user NAME] [--save-id ID]",
        "write a value once more that central has put aside, in the place of what stands",
        valued: ["--reason", "--user", "--save-id"]
    ) { arguments, console in
        let window = Window(&arguments)
        let headers = Headers(saving: &arguments)
        let reason = arguments.option("--reason")
        let id = try arguments.word("the case's ID")
        let number = try group(try arguments.word("the group"))
        try arguments.finish()
        let answer = try await window.withEndpoint { endpoint in
            let listed = try JSON(
                parsing: try await endpoint.call(.get, "/api/v1/losses?all=true&limit=1000"))
            let losses = (listed.members?["losses"]).entries.compactMap(\.members)
            let loss = losses.last { $0["caseID"].word == id && $0["group"].word == "\(number)" }
            guard let loss else {
                throw CommandError(
                    "nothing of this group is lost in the case; see: birthwindow losses --all",
                    status: .noInput)
            }
            let body: JSON = .object([
                "caseID": .text(id), "group": .number(Decimal(number)),
                "dot": loss["lost"]?.members?["dot"] ?? .null, "seen": loss["seen"] ?? .null,
                "reason": reason.map { .text($0) } ?? .null,
            ])
            return try await endpoint.call(.post, "/api/v1/losses/rewrites", headers: headers, json: body)
        }
        console.showSave(answer, asJSON: window.isJSON) { id, _ in "saved \(id)" }
        return .ok
    }

    private static func group(_ word: String) throws(UsageError) -> UInt32 {
        let number = UInt32(word) ?? FieldDictionary.standard.group(named: word)?.id.rawValue
        guard let number else { throw UsageError("there is no group “\(word)”") }
        return number
    }
}
