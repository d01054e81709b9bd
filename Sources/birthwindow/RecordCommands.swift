import Casework
import Commands
import Web

extension Command {
    static let records = [
        policyList, policyShow, calendarImport, calendarList, stockList, stockCheck, stockVoid,
    ]

    private static let policyList = Command("policy list", "", "list the policies at hand, by version") {
        arguments, console in
        let window = Window(&arguments)
        try arguments.finish()
        let answer = try await window.withEndpoint { try await $0.call(.get, "/api/v1/policies") }
        console.show(answer, asJSON: window.isJSON) { json in
            json["policies"].entries.compactMap(\.members).map { policy in
                "\(policy["id"].word)  version \(policy["version"].word)  \(policy["place"].word)"
                    + (policy["isNewest"] == .bool(true) ? "" : "  (for cases accepted under it)")
            } + json["faults"].entries.map { "cannot be used: \($0.word)" }
        }
        return .ok
    }

    private static let policyShow = Command(
        "policy show", "ID [--version N]", "show a policy: items, conditions, papers, limits, duties, form",
        discussion: "Without --version it is the newest. --json prints the policy's file.",
        valued: ["--version"]
    ) { arguments, console in
        let window = Window(&arguments)
        let query = arguments.option("--version").map { "?version=\(pathSegment($0))" } ?? ""
        let id = try arguments.word("the policy's ID")
        try arguments.finish()
        let answer = try await window.withEndpoint {
            try await $0.call(.get, "/api/v1/policies/\(pathSegment(id))\(query)")
        }
        if window.isJSON {
            console.print(String(decoding: answer, as: UTF8.self))
        } else {
            for line in PolicyReport(try Policy(json: answer, file: id)).lines { console.print(line) }
        }
        return .ok
    }

    private static let calendarImport = Command(
        "calendar import", "FILE [--user NAME]", "take over the days off of a year",
        discussion: """
            FILE is {"format": 1, "year": 2027, "source": "…", "holidays": {"2027-01-01": "元旦", …},
            "workdays": {"2027-02-06": "春节调休上班", …}}: docs/calendar-format.md tells more.
            The latest import of a year holds, but what central sends goes before it.
            """,
        valued: ["--user", "--save-id"]
    ) { arguments, console in
        let window = Window(&arguments)
        let headers = Headers(saving: &arguments)
        let bytes = try InputFile.read(
            try arguments.word("the calendar file"), bytesMax: CalendarYear.bytesMax)
        try arguments.finish()
        let answer = try await window.withEndpoint {
            try await $0.call(.post, "/api/v1/calendars", headers: headers, body: bytes)
        }
        console.show(answer, asJSON: window.isJSON) { json in
            for warning in json["warnings"].entries { console.printError("提示：\(warning.word)") }
            let isChanged = json["isChanged"] == .bool(true)
            return [isChanged ? "imported \(json["year"].word)" : "nothing differs: nothing was saved"]
        }
        return .ok
    }

    private static let calendarList = Command(
        "calendar list", "", "list the years whose days off came from central or were imported"
    ) { arguments, console in
        let window = Window(&arguments)
        try arguments.finish()
        let answer = try await window.withEndpoint { try await $0.call(.get, "/api/v1/calendars") }
        console.showList(answer, "calendars", asJSON: window.isJSON) { calendar in
            "\(calendar["year"].word)  \(calendar["holidays"]?.members?.count ?? 0) days off, "
                + "\(calendar["workdays"]?.members?.count ?? 0) working weekend days  \(calendar["source"].word)"
        }
        return .ok
    }

    private static let stockList = Command(
        "stock list", "", "show this hospital's birth certificates: used, voided, remaining"
    ) { arguments, console in
        let window = Window(&arguments)
        try arguments.finish()
        let answer = try await window.withEndpoint { try await $0.call(.get, "/api/v1/stock") }
        console.show(answer, asJSON: window.isJSON) { json in
            for warning in json["warnings"].entries { console.printError("提示：\(warning.word)") }
            let ranges = json["ranges"].entries.compactMap(\.members).map { range in
                "\(range["first"].word) to \(range["last"].word)  \(range["count"].word)  \(range["date"].word)"
            }
            let troubles = [
                ("used twice", "usedTwice"), ("outside the ranges", "usedOutside"),
                ("voided and yet used", "voidedAndUsed"),
            ].flatMap { title, key in
                json[key].entries.compactMap(\.members).map { trouble in
                    "\(title): \(trouble["number"].word)  "
                        + trouble["cases"].entries.map(\.word).joined(separator: ", ")
                }
            }
            let counts =
                "assigned \(json["assigned"].word)  used \(json["used"].word)  voided \(json["voided"].word)"
                + "  remaining \(json["remaining"].word)  next \(json["next"].word)"
            return (ranges.isEmpty ? ["no range was assigned to this hospital"] : ranges + [counts])
                + troubles
        }
        return .ok
    }

    private static let stockCheck = Command(
        "stock check", "NUMBER", "tell whether a new case may use a birth certificate"
    ) { arguments, console in
        let window = Window(&arguments)
        let number = try arguments.word("the certificate's number")
        try arguments.finish()
        let answer = try await window.withEndpoint {
            try await $0.call(.get, "/api/v1/stock/\(pathSegment(number))")
        }
        console.show(answer, asJSON: window.isJSON) { json in
            [json["isUsable"] == .bool(true) ? "可以使用" : "不能使用", json["sentence"].word].filter { !$0.isEmpty }
        }
        return .ok
    }

    private static let stockVoid = Command(
        "stock void", "NUMBER --reason TEXT [--user NAME]", "note that a certificate was spoiled or lost",
        valued: ["--reason", "--user", "--save-id"]
    ) { arguments, console in
        let window = Window(&arguments)
        let headers = Headers(saving: &arguments)
        let order = [
            "number": try arguments.word("the certificate's number"),
            "reason": try arguments.required("--reason"),
        ]
        try arguments.finish()
        let answer = try await window.withEndpoint {
            try await $0.call(.post, "/api/v1/stock/voids", headers: headers, json: order)
        }
        console.show(answer, asJSON: window.isJSON) { json in
            for warning in json["warnings"].entries { console.printError("提示：\(warning.word)") }
            let isChanged = json["isChanged"] == .bool(true)
            return [isChanged ? "voided \(json["number"].word)" : "it is voided already: nothing was saved"]
        }
        return .ok
    }
}
