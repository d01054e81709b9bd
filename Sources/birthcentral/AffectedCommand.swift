import Casework
import Commands
import Foundation
import Web

extension Command {
    static let auditAffected = Command(
        "audit affected",
        "--from DAY --until DAY (--account NAME | --device ID | --hospital CODE) --reason TEXT [--csv]",
        "list the cases whose data an account read, or a computer held, in a time, with whom to tell",
        discussion: """
            For the notice after a breach. --account: what it read, printed, exported or changed at central; what it did at a window is in \
            that window's own log (`birthwindow audit list --by NAME`). --device, --hospital: every case that was or could have been there. \
            Names and phones are in it: it is recorded as an export, with the reason. Keep the file closed, and destroy it afterwards.
            """,
        valued: ["--from", "--until", "--account", "--device", "--hospital", "--reason", "--user"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        var order = Order(
            from: try day(arguments.required("--from"), 0),
            until: try day(arguments.required("--until"), 1) - 1,
            reason: try arguments.required("--reason"))
        (order.account, order.device) = (arguments.option("--account"), arguments.option("--device"))
        order.hospital = arguments.option("--hospital")
        let isCSV = arguments.flag("--csv")
        try arguments.finish()
        guard [order.account, order.device, order.hospital].compactMap(\.self).count == 1 else {
            throw UsageError("give one of --account, --device, --hospital")
        }
        let asked = order
        let (cases, unnamed) = try await central.withEndpoint { try await asked.run($0, headers) }
        if central.isJSON {
            let answer: [String: JSON] = ["cases": .list(cases), "unnamed": .number(.init(unnamed))]
            console.print(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
        } else {
            console.print(isCSV ? table(cases) : lines(cases))
        }
        if unnamed > 0 {
            console.printError("\(unnamed) looks in lists and exports are counted in the log and not named")
        }
        return .ok
    }

    private struct Order: Encodable, Sendable {
        let from: Int
        let until: Int
        let reason: String
        var account: String?
        var device: String?
        var hospital: String?
        var after: String?

        func run(_ endpoint: Endpoint, _ headers: Headers) async throws -> (cases: [JSON], unnamed: Int) {
            var (order, cases): (Order, [JSON]) = (self, [])
            while true {
                let answer = try await endpoint.call(
                    .post, "/api/v1/affected-cases", headers: headers, json: order)
                let page = try JSON(parsing: answer).members ?? [:]
                cases += page["cases"].entries
                guard let next = page["next"] else { return (cases, Int(page["unnamed"].word) ?? 0) }
                order.after = next.word
            }
        }
    }

    /// The day begins in China.
    private static func day(_ word: String, _ more: Int) throws(UsageError) -> Int {
        guard let day = CalendarDate(word) else { throw UsageError("\(word) is no day YYYY-MM-DD") }
        let epoch = CalendarDate(milliseconds: 0).dayNumber
        return max(0, (day.dayNumber + more - epoch) * 86_400_000 - 28_800_000)
    }

    private static func row(_ entry: JSON) -> [String] {
        let line = entry.members ?? [:]
        let list = { (name: String) in line[name].entries.map(\.word).joined(separator: " ") }
        return [
            line["id"].word, line["number"].word, list("hospitals"), list("ways"), line["motherName"].word,
            line["motherPhone"].word, line["isErased"] == .bool(true) ? "erased" : "",
        ]
    }

    private static func table(_ cases: [JSON]) -> String {
        var writer = CSVWriter(columns: ["case", "number", "hospitals", "ways", "mother", "phone", "erased"])
        for entry in cases { writer.add(row(entry)) }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func lines(_ cases: [JSON]) -> String {
        cases.map { row($0).filter { !$0.isEmpty }.joined(separator: "  ") }.joined(separator: "\n")
    }
}
