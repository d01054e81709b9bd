import Commands
import Foundation
import Web

/// What a command gives for a step, as the API takes it.
private struct StepFields: Encodable {
    let step: String
    var date: String?
    var reasons: [String]?
    var artefact: String?
    var item: String?
    var number: String?
    var next: Bool?
    var collector: String?
    var originals: [String]?
    var mailed: Bool?
    var progress: String?
    var evaluation: String?
    var vaccinated: String?

    init(_ step: String) { self.step = step }
}

extension Command {
    /// The commands that take a case further, in the order of its life.
    static let steps = deciding + papers + ending

    private static let deciding = [
        step(
            "submit", "submit", "", "hand an application in, the first time or after a correction",
            "What lacks is told with the decision; `case show` tells it before."),
        step(
            "accept", "accept", "", "accept a case: its departments get their tasks",
            "Only if the region's rules say so and nothing is left to be answered. The decision names every answer that it "
                + "relies on, and is marked if one of them changes later."),
        step("correct", "correct", "[--reason TEXT]", "tell the applicant everything that lacks, once", ""),
        step(
            "refuse", "refuse", "[--reason TEXT]", "refuse a case with all reasons, in the region's own way",
            "Where the rules would let it pass, a reason of your own is needed."),
        step("withdraw", "withdraw", "--reason TEXT", "take an application back", ""),
        step(
            "resubmit", "resubmit", "[--item ITEM] [--reason TEXT]",
            "hand an item in again that its department has sent back",
            "After `case set` has corrected what the department asks for; its sentence is shown by `case show`. The department gets "
                + "the task anew and its limit runs anew. --item: which one, if several were sent back."
        ) { $0.item = $1.option("--item") },
    ]

    private static let papers = [
        step(
            "issue", "issue", "[--number NUMBER | --next]", "issue the birth certificate at this window",
            "NUMBER is printed on the paper in hand: one capital letter and nine digits. Without it the next number of the "
                + "stock is proposed; --next says that the paper in hand has it."
        ) {
            $0.number = $1.option("--number")
            if $1.flag("--next") { $0.next = true }
        },
        step(
            "vaccinate", "vaccinate", "[--vaccinated YYYY-MM-DD] [--number NUMBER]",
            "hand out the vaccination booklet at this window",
            "--vaccinated: the day of the first vaccination."
        ) {
            $0.vaccinated = $1.option("--vaccinated")
            $0.number = $1.option("--number")
        },
        step(
            "deliver", "handOver",
            "[--artefact NAME] (--collector WHO [--originals A,B] | --mailed [--progress STATE])",
            "hand out a paper, or give it to the post",
            "NAME: birthCert, vaccCert, hukouBook, ssCard. WHO: mother, father, delegate, other. Originals: motherIdCard, "
                + "fatherIdCard, delegateIdCard, householdBook, birthCertificate. STATE: delivering, delivered."
        ) {
            $0.artefact = $1.option("--artefact")
            $0.collector = $1.option("--collector")
            $0.originals = $1.option("--originals")?.split(separator: ",").map(String.init)
            if $1.flag("--mailed") { $0.mailed = true }
            $0.progress = $1.option("--progress")
        },
        step(
            "post", "post", "--progress STATE", "note how far posted originals are",
            "STATE: applied, preAccepted, pickupBooked, inTransitToPolice, originalsChecked, registered, inTransitBack, "
                + "returnedToApplicant; forward only."
        ) { $0.progress = try $1.required("--progress") },
    ]

    private static let ending = [
        step(
            "evaluate", "evaluate", "--level N", "note how the applicant found it (好差评), once for a case",
            "N: 5 非常满意, 4 满意, 3 基本满意, 2 不满意, 1 非常不满意. Nobody has to."
        ) { $0.evaluation = try $1.required("--level") },
        step(
            "close", "close", "[--reason TEXT]", "close a case",
            "Without a reason only if every item is answered and every paper delivered."),
        step("reopen", "reopen", "--reason TEXT", "take a closing back", ""),
    ]

    private static func step(
        _ name: String, _ step: String, _ usage: String, _ summary: String, _ discussion: String,
        fill: @escaping @Sendable (inout StepFields, inout Arguments) throws -> Void = { _, _ in }
    ) -> Command {
        Command(
            "case \(name)",
            ["ID", usage, "[--date YYYY-MM-DD] [--user NAME] [--save-id ID]"].filter { !$0.isEmpty }.joined(
                separator: " "), summary, discussion: discussion,
            valued: [
                "--date", "--user", "--save-id", "--reason", "--item", "--number", "--vaccinated",
                "--artefact",
                "--collector", "--originals", "--progress", "--level",
            ]
        ) { arguments, console in
            let window = Window(&arguments)
            let headers = Headers(saving: &arguments)
            var fields = StepFields(step)
            fields.date = arguments.option("--date")
            if usage.contains("--reason") { fields.reasons = arguments.option("--reason").map { [$0] } }
            try fill(&fields, &arguments)
            let id = try arguments.word("the case's ID")
            try arguments.finish()
            let order = fields
            let answer = try await window.withEndpoint { endpoint in
                try await endpoint.call(
                    .post, "/api/v1/cases/\(pathSegment(id))/steps", headers: headers, json: order)
            }
            console.show(answer, asJSON: window.isJSON) { json in
                guard case .list(let cases)? = json["cases"] else { return [] }
                return cases.compactMap(\.members).map { saved in
                    let notice = saved["notice"].word
                    return "\(name) \(saved["id"].word)\(notice.isEmpty ? "" : "  文书编号 \(notice)")"
                }
            }
            return .ok
        }
    }

    /// A paper about a case, to print.
    static let notice = Command(
        "notice", "ID KIND --out FILE [--reason TEXT] [--user NAME]",
        "write one of a case's papers as a page to print",
        discussion:
            "KIND: acceptance, receipt, correction, refusal, application, delegation, posting, as far as the region has it. A "
            + "notice has its number from the decision with which it was issued. FILE is HTML that stands alone.",
        valued: ["--out", "--user", "--reason"]
    ) { arguments, console in
        let window = Window(&arguments)
        let headers = Headers(reading: &arguments)
        let out = try arguments.required("--out")
        let (id, kind) = (try arguments.word("the case's ID"), try arguments.word("the kind of paper"))
        try arguments.finish()
        let page = try await window.withEndpoint { endpoint in
            try await endpoint.call(
                .get, "/api/v1/cases/\(pathSegment(id))/papers/\(pathSegment(kind))", headers: headers)
        }
        try write(page, to: out)
        console.print(window.isJSON ? #"{"bytes":\#(page.count)}"# : "wrote \(out)")
        return .ok
    }

    /// Writes a page that only its owner may read.
    static func write(_ page: [UInt8], to path: String) throws {
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(page), attributes: [.posixPermissions: 0o600])
        else {
            throw CommandError(
                "\(path) cannot be written: choose another place with --out FILE", status: .cannotCreate)
        }
    }

    /// What is promised by a day and not done.
    static let due = Command(
        "due", "[--department D] [--limit N]", "list what is late and what is due, the soonest first",
        valued: ["--department", "--limit"]
    ) { arguments, console in
        let window = Window(&arguments)
        let department = arguments.option("--department").map { "&department=\(pathSegment($0))" } ?? ""
        let limit = Int(arguments.option("--limit") ?? "100") ?? 100
        try arguments.finish()
        let answer = try await window.withEndpoint { endpoint in
            try await endpoint.call(.get, "/api/v1/due?limit=\(limit)\(department)")
        }
        console.showList(answer, "due", asJSON: window.isJSON, empty: "没有到期事项") { line in
            let mark = line["isLate"] == .bool(true) ? "  已逾期" : ""
            return [
                line["due"], line["department"], line["name"], line["number"], line["childName"],
                line["caseID"],
            ].map(\.word).filter { !$0.isEmpty }.joined(separator: "  ") + mark
        }
        guard !window.isJSON else { return .ok }
        console.show(answer, asJSON: false) { json in
            json["handovers"].entries.compactMap(\.members).map { next in
                "\(next["due"].word)  出生医学证明副页移交  \(next["quarter"].word)"
            }
        }
        return .ok
    }
}
