import Casework
import Commands
import Foundation
import Web

extension Command {
    static let cases = [caseNew, caseSet, caseShow, caseList]

    private static let caseNew = Command(
        "case new", "--policy P --file F [--user NAME] [--save-id ID]", "register the newborns of one delivery",
        discussion: """
            F is a JSON object of field keys and answers; `siblings` holds what differs for further newborns. `-` reads
            standard input. Every fault of the file is told at once, and then nothing is saved. A second call with the same
            --save-id returns the first answer.
            """,
        valued: ["--policy", "--file", "--user", "--save-id"]
    ) { arguments, console in
        let window = Window(&arguments)
        let policy = try arguments.required("--policy")
        let file = try arguments.required("--file")
        let headers = Headers(saving: &arguments)
        try arguments.finish()
        let bytes = try readFile(file)
        let name = policy.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? policy
        let answer = try await window.withEndpoint { endpoint in
            try await endpoint.call(.post, "/api/v1/cases?policy=\(name)", headers: headers, body: bytes)
        }
        console.showSave(answer, asJSON: window.isJSON) { "saved \($0) as \($1)" }
        return .ok
    }

    private static let caseSet = Command(
        "case set", "ID FIELD=VALUE… [--reason TEXT] [--user NAME] [--save-id ID]", "change answers of a case",
        discussion: """
            Numbers, lists and objects are given as JSON; an empty value takes the answer back. Only what differs is saved.
            """,
        valued: ["--reason", "--user", "--save-id"]
    ) { arguments, console in
        let window = Window(&arguments)
        let headers = Headers(saving: &arguments)
        let reason = arguments.option("--reason")
        let id = try arguments.word("the case's ID")
        var set: [String: String] = [:]
        for pair in arguments.rest() {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw UsageError("an answer is given as FIELD=VALUE") }
            set[String(parts[0])] = String(parts[1])
        }
        guard !set.isEmpty else { throw UsageError("at least one FIELD=VALUE is missing") }
        try arguments.finish()
        let edit = Edit(set: set, reason: reason)
        let answer = try await window.withEndpoint { endpoint in
            try await endpoint.call(.patch, "/api/v1/cases/\(id)", headers: headers, json: edit)
        }
        console.showSave(answer, asJSON: window.isJSON) { id, _ in "saved \(id)" }
        return .ok
    }

    private static let caseShow = Command(
        "case show", "ID", "show a case: fields, items with results, conflicts with every value"
    ) { arguments, console in
        let window = Window(&arguments)
        let id = try arguments.word("the case's ID")
        try arguments.finish()
        let answer = try await window.withEndpoint { try await $0.call(.get, "/api/v1/cases/\(id)") }
        if window.isJSON {
            console.print(String(decoding: answer, as: UTF8.self))
        } else {
            let json = try JSON(parsing: answer)
            for line in CaseText(json, dictionary: .standard).lines { console.print(line) }
        }
        return .ok
    }

    private static let caseList = Command(
        "case list", "[--limit N]", "list the cases, the last changed first", valued: ["--limit"]
    ) { arguments, console in
        let window = Window(&arguments)
        let limit = Int(arguments.option("--limit") ?? "100") ?? 100
        try arguments.finish()
        let answer = try await window.withEndpoint { try await $0.call(.get, "/api/v1/cases?limit=\(limit)") }
        console.showList(answer, asJSON: window.isJSON) { line in
            let summary = line["summary"]?.members ?? [:]
            let marks = line["conflicts"] == .number(0) ? "" : "  有冲突"
            return [line["id"], summary["number"], summary["policy"], summary["childName"]].map { $0.word }
                .joined(separator: "  ") + marks
        }
        return .ok
    }

    private struct Edit: Encodable {
        let set: [String: String]
        let reason: String?
    }

    private static func readFile(_ path: String) throws -> [UInt8] {
        if path == "-" { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw CommandError("\(path) cannot be read: check the name and your rights", status: .noInput)
        }
        return Array(bytes)
    }
}

extension Headers {
    /// Who saves, and under which save ID.
    init(saving arguments: inout Arguments) {
        self.init()
        if let user = arguments.option("--user") { self["Operator"] = user }
        if let saveID = arguments.option("--save-id") { self["Idempotency-Key"] = saveID }
    }
}
