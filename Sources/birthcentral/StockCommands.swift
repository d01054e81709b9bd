import Casework
import Commands
import Web

extension Command {
    static let stock = [stockAssign, stockVoid, stockList, stockCollisions]

    private static let stockAssign = Command(
        "stock assign", "HOSPITAL FIRST LAST [--date YYYY-MM-DD] [--user NAME]",
        "give a hospital a range of birth certificates",
        discussion: """
            FIRST and LAST are numbers of one letter and nine digits, of one letter and at most \(CertificateRange.countMax) apart.
            No two hospitals can be given the same number. --date is the day of handing over (default: today).
            """,
        valued: ["--date", "--user"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        let range = NewRange(
            hospital: try arguments.word("the hospital's code"),
            first: try arguments.word("the first number"),
            last: try arguments.word("the last number"), date: arguments.option("--date"))
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.call(.post, "/api/v1/ranges", headers: headers, json: range)
        }
        console.show(answer, asJSON: central.isJSON) { json in
            guard json["isChanged"] == .bool(true) else {
                return ["\(json["hospital"].word) holds this range already"]
            }
            return [
                "\(json["hospital"].word) holds \(json["first"].word) to \(json["last"].word): \(json["count"].word) certificates"
            ]
        }
        return .ok
    }

    private static let stockVoid = Command(
        "stock void", "HOSPITAL FIRST [LAST] --reason TEXT [--dry-run] [--user NAME]",
        "void birth certificates that were lost or spoiled before they were used",
        discussion: """
            All from FIRST to LAST (at most 1000), or FIRST alone; all of them or none. The hospital must hold them, and no case. It
            cannot be undone: --dry-run looks first. The windows know it with their next exchange; one that has used such a number
            meanwhile shows in `stock collisions`.
            """,
        valued: ["--reason", "--user"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        let (hospital, first) = (
            try arguments.word("the hospital's code"), try arguments.word("the first number")
        )
        let (rest, reason) = (arguments.rest(), try arguments.required("--reason"))
        guard rest.count <= 1 else { throw UsageError("“\(rest[1])” is one word too many") }
        let voiding = NewVoiding(
            hospital: hospital, first: first, last: rest.first, reason: reason,
            isDryRun: arguments.flag("--dry-run"))
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.call(.post, "/api/v1/stock/voids", headers: headers, json: voiding)
        }
        console.show(answer, asJSON: central.isJSON) { json in
            let what = "\(json["voided"].word) of \(json["first"].word) to \(json["last"].word)"
            return [json["isDryRun"] == .bool(true) ? "would void \(what)" : "voided \(what)"]
        }
        return .ok
    }

    private static let stockList = Command(
        "stock list", "[--hospital CODE]",
        "show the certificates of hospitals: assigned, used, voided, remaining",
        valued: ["--hospital"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let query = arguments.option("--hospital").map { "?hospital=\(pathSegment($0))" } ?? ""
        try arguments.finish()
        let answer = try await central.withEndpoint { try await $0.call(.get, "/api/v1/stock\(query)") }
        console.showList(answer, "stock", asJSON: central.isJSON, empty: "no range was assigned") { line in
            let head =
                "\(line["hospital"].word)  assigned \(line["assigned"].word)  used \(line["used"].word)"
                + "  voided \(line["voided"].word)  remaining \(line["remaining"].word)"
                + (line["isLow"] == .bool(true) ? "  LOW" : "")
            let ranges = line["ranges"].entries.compactMap(\.members).map { range in
                "    \(range["first"].word) to \(range["last"].word)  \(range["date"].word)"
            }
            return ([head] + ranges).joined(separator: "\n")
        }
        return .ok
    }

    private static let stockCollisions = Command(
        "stock collisions", "",
        "list numbers that do not fit together: used twice, outside the ranges, voided and yet used",
        discussion: "Case and notice numbers that two cases hold are listed, too."
    ) { arguments, console in
        let central = CentralSite(&arguments)
        try arguments.finish()
        let answer = try await central.withEndpoint {
            try await $0.call(.get, "/api/v1/collisions?limit=200")
        }
        console.showList(answer, "collisions", asJSON: central.isJSON, empty: "no collisions") { collision in
            let head = "\(collision["kind"].word)  \(collision["number"].word)"
            let cases = collision["cases"].entries.compactMap(\.members).map { holder in
                "    \(holder["caseID"].word)  \(holder["caseNumber"].word)  "
                    + holder["hospitals"].entries.map(\.word).joined(separator: " ")
            }
            return ([head] + cases).joined(separator: "\n")
        }
        return .ok
    }

    private struct NewRange: Encodable {
        let hospital: String
        let first: String
        let last: String
        let date: String?
    }

    private struct NewVoiding: Encodable {
        let hospital: String
        let first: String
        let last: String?
        let reason: String
        let isDryRun: Bool
    }
}
