import Casework
import Commands
import Web

extension Command {
    static let records = [policyPublish, policyWithdraw, policyList, calendarImport, calendarList]

    private static let policyPublish = Command(
        "policy publish", "FILE (--all | --hospital CODE…) [--user NAME]",
        "check a policy file and send it to hospitals",
        discussion: """
            FILE is a policy as Casework/Policies has them; `-` reads standard input. With --all every hospital gets it, also
            those that are added later. A published version never changes: a correction is the next version. Cases that were
            accepted keep the version that they were accepted under. Publishing the same file again does no harm.
            """,
        valued: ["--hospital", "--user"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        let to = try addressees(&arguments)
        let file = try arguments.word("the policy file")
        try arguments.finish()
        let bytes = try InputFile.read(file, bytesMax: Policy.bytesMax)
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.call(
                .post, "/api/v1/policies?to=\(to)&file=\(pathSegment(fileName(file)))", headers: headers,
                body: bytes)
        }
        console.show(answer, asJSON: central.isJSON) { json in
            ["published \(json["policy"].word) version \(json["version"].word)"] + Self.counts(json)
        }
        return .ok
    }

    private static let policyWithdraw = Command(
        "policy withdraw", "POLICY VERSION (--all | --hospital CODE…) --reason TEXT [--force] [--user NAME]",
        "withdraw a version of a policy: no new case goes by it",
        discussion: """
            Cases that were accepted under it keep it; those that are not go by the newest version that is left. The windows show the \
            reason. It is refused if a hospital would have no other version, unless --force is given. To undo it, publish the version \
            again.
            """,
        valued: ["--hospital", "--user", "--reason"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        let codes = arguments.options("--hospital")
        guard arguments.flag("--all") == codes.isEmpty else {
            throw UsageError("give either --all or --hospital CODE")
        }
        let (reason, isForced) = (try arguments.required("--reason"), arguments.flag("--force"))
        let policy = try arguments.word("the policy's ID")
        guard let version = Int(try arguments.word("the version")) else {
            throw UsageError("the version is no number")
        }
        try arguments.finish()
        let order = Withdrawal(
            policy: policy, version: version, hospitals: codes.isEmpty ? nil : codes, reason: reason,
            force: isForced)
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.call(.post, "/api/v1/policies/withdrawals", headers: headers, json: order)
        }
        console.show(answer, asJSON: central.isJSON) { json in
            ["withdrew \(json["policy"].word) version \(json["version"].word)"] + Self.counts(json)
        }
        return .ok
    }

    private struct Withdrawal: Encodable {
        let policy: String
        let version: Int
        let hospitals: [String]?
        let reason: String
        let force: Bool
    }

    private static let policyList = Command(
        "policy list", "",
        "list the policies at hand: to whom they were published, how many cases go by them, what is withdrawn"
    ) { arguments, console in
        let central = CentralSite(&arguments)
        try arguments.finish()
        let answer = try await central.withEndpoint { try await $0.call(.get, "/api/v1/policies") }
        console.show(answer, asJSON: central.isJSON) { json in
            let policies = json["policies"].entries.compactMap(\.members).map { policy in
                let withdrawnAt = policy["withdrawnAt"].entries.map(\.word)
                let places = [
                    policy["isShipped"] == .bool(true) ? "shipped" : nil,
                    policy["isForAll"] == .bool(true) ? "published to all" : nil,
                    policy["hospitals"].entries.isEmpty
                        ? nil : "at \(policy["hospitals"].entries.count) hospitals",
                    "\(policy["cases"].word) cases accepted under it",
                    policy["isWithdrawn"] == .bool(true) ? "WITHDRAWN" : nil,
                    withdrawnAt.isEmpty || policy["isWithdrawn"] == .bool(true)
                        ? nil : "WITHDRAWN at \(withdrawnAt.joined(separator: ", "))",
                ].compactMap { $0 }
                return "\(policy["id"].word)  version \(policy["version"].word)  \(policy["place"].word)"
                    + "  (\(places.joined(separator: ", ")))"
            }
            return policies + json["faults"].entries.map { "cannot be used: \($0.word)" }
        }
        return .ok
    }

    private static let calendarImport = Command(
        "calendar import", "FILE (--all | --hospital CODE…) [--user NAME]",
        "send the days off of a year to hospitals",
        discussion: """
            FILE is {"format": 1, "year": 2027, "source": "…", "holidays": {"2027-01-01": "元旦", …},
            "workdays": {"2027-02-06": "春节调休上班", …}}: docs/calendar-format.md tells more.
            The latest import of a year holds.
            """,
        valued: ["--hospital", "--user"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        let to = try addressees(&arguments)
        let bytes = try InputFile.read(
            try arguments.word("the calendar file"), bytesMax: CalendarYear.bytesMax)
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.call(.post, "/api/v1/calendars?to=\(to)", headers: headers, body: bytes)
        }
        console.show(answer, asJSON: central.isJSON) { json in
            ["imported \(json["year"].word)"] + Self.counts(json)
        }
        return .ok
    }

    private static let calendarList = Command(
        "calendar list", "[--hospital CODE]", "list the years that were sent to all hospitals, or to one",
        valued: ["--hospital"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let query = arguments.option("--hospital").map { "?hospital=\(pathSegment($0))" } ?? ""
        try arguments.finish()
        let answer = try await central.withEndpoint { try await $0.call(.get, "/api/v1/calendars\(query)") }
        console.showList(answer, "calendars", asJSON: central.isJSON) { calendar in
            "\(calendar["year"].word)  \(calendar["holidays"]?.members?.count ?? 0) days off, "
                + "\(calendar["workdays"]?.members?.count ?? 0) working weekend days  \(calendar["source"].word)"
        }
        return .ok
    }

    /// `all`, or the codes of hospitals with commas between them.
    private static func addressees(_ arguments: inout Arguments) throws(UsageError) -> String {
        let codes = arguments.options("--hospital").map(pathSegment)
        let isAll = arguments.flag("--all")
        guard isAll == codes.isEmpty else { throw UsageError("give either --all or --hospital CODE") }
        return isAll ? "all" : codes.joined(separator: ",")
    }

    private static func counts(_ json: [String: JSON]) -> [String] {
        let (written, unchanged) = (json["written"].entries, json["unchanged"].entries)
        return [
            "sent to \(written.count) hospitals"
                + (unchanged.isEmpty ? "" : "; \(unchanged.count) had it already")
                + (json["isForAll"] == .bool(true) ? "; later ones get it, too" : "")
        ]
    }
}
