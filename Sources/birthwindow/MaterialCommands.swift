import Casework
import Commands
import Foundation
import Web
import WindowAgent

extension Command {
    /// The commands on the pages of a case's materials.
    static let materials = [materialAdd, materialList, materialShow, materialRemove, materialTidy]

    private static let materialAdd = Command(
        "material add", "CASE MATERIAL FILE… [--page N] [--also-linked] [--user NAME] [--save-id ID]",
        "add photographed or scanned pages to a case",
        discussion: """
            MATERIAL is the code that `case show` names. FILE is JPEG, PNG or PDF, up to 20 MiB. --page is the page's number or
            name in the policy, or `all` for a file that holds them all; without it the files are the pages from the first on.
            The pages are kept here and go to central when the case data has gone. --also-linked adds them to all linked cases:
            twins share their parents' papers.
            """,
        valued: ["--page", "--user", "--save-id"]
    ) { arguments, console in
        let window = Window(&arguments)
        let headers = Headers(saving: &arguments)
        let (given, alsoLinked) = (arguments.option("--page"), arguments.flag("--also-linked"))
        let (id, code) = (try arguments.word("the case's ID"), try arguments.word("the material's code"))
        let files = arguments.rest()
        guard !files.isEmpty else { throw UsageError("at least one file is missing") }
        if files.count > 1, given.map({ Int($0) == nil }) ?? false {
            throw UsageError("several files need the number of the first page: --page N")
        }
        if files.count > 1, headers["Idempotency-Key"] != nil {
            throw UsageError("--save-id is for one file")
        }
        var answers: [[UInt8]] = []
        for (index, file) in files.enumerated() {
            let bytes = try InputFile.read(file, bytesMax: AttachmentLane.byteCountMax)
            let page =
                given.map { Int($0).map { "\($0 + index)" } ?? $0 }
                ?? (files.count > 1 ? "\(index + 1)" : nil)
            let query = [page.map { "page=\(pathSegment($0))" }, alsoLinked ? "alsoLinked=true" : nil]
                .compactMap { $0 }.joined(separator: "&")
            let target =
                "/api/v1/cases/\(pathSegment(id))/materials/\(pathSegment(code))/pages"
                + (query.isEmpty ? "" : "?\(query)")
            let answer = try await window.withEndpoint { endpoint in
                try await endpoint.call(.post, target, headers: headers, body: bytes)
            }
            answers.append(answer)
            if window.isJSON { continue }
            console.show(answer, asJSON: false) { json in
                let pages = json["pages"].entries.map(\.word).joined(separator: "、")
                return ["added \(json["hash"].word)  \(pages)  \(json["byteCount"].word) bytes"]
            }
        }
        if window.isJSON {
            let list = answers.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ",")
            console.print(#"{"added":[\#(list)]}"#)
        }
        return .ok
    }

    private static let materialList = Command(
        "material list", "CASE [--reason TEXT]",
        "list the pages of a case's materials, and where their files are",
        discussion: AttachmentDesk.Standing.allCases.map { "\($0.rawValue): \($0.sentence)" }
            .joined(separator: "\n"),
        valued: ["--reason", "--user"]
    ) { arguments, console in
        let window = Window(&arguments)
        let headers = Headers(reading: &arguments)
        let id = try arguments.word("the case's ID")
        try arguments.finish()
        let answer = try await window.withEndpoint { endpoint in
            try await endpoint.call(.get, "/api/v1/cases/\(pathSegment(id))/attachments", headers: headers)
        }
        console.showList(answer, "attachments", asJSON: window.isJSON, empty: "没有材料页") { line in
            [
                line["hash"], line["material"], line["name"], line["page"], line["mediaType"],
                line["byteCount"], line["state"],
            ].map(\.word).filter { !$0.isEmpty }.joined(separator: "  ")
        }
        return .ok
    }

    /// How long a file that is not here is waited for.
    private static let fetchSecondsMax = 300

    private static let materialShow = Command(
        "material show", "CASE HASH --to FILE [--reason TEXT]",
        "write a page's file, fetched from central if it is not here",
        valued: ["--to", "--reason", "--user"]
    ) { arguments, console in
        let window = Window(&arguments)
        let headers = Headers(reading: &arguments)
        let to = try arguments.required("--to")
        let (id, hash) = (try arguments.word("the case's ID"), try arguments.word("the page's hash"))
        try arguments.finish()
        let target = "/api/v1/cases/\(pathSegment(id))/attachments/\(pathSegment(hash))"
        let bytes = try await window.withEndpoint(isRunning: true) { endpoint in
            try await fetch(target, headers, by: endpoint)
            return try await endpoint.call(.get, target, headers: headers)
        }
        try write(bytes, to: to)
        console.print(window.isJSON ? #"{"bytes":\#(bytes.count)}"# : "wrote \(to)")
        return .ok
    }

    private static func fetch(
        _ target: String, _ headers: Headers, by endpoint: Endpoint
    ) async throws {
        var answer = try await endpoint.call(.post, target + "/fetch")
        for _ in 0..<fetchSecondsMax * 5 {
            switch try JSON(parsing: answer).members?["state"].word {
            case "coming":
                try await Task.sleep(for: .milliseconds(200))
                answer = try await endpoint.call(.get, target + "/fetch", headers: headers)
            case "absent":
                throw CommandError(
                    "central does not have this page yet: it is still at the window that took it",
                    status: .temporaryFailure)
            default: return
            }
        }
        throw CommandError(
            "the page is still on its way; what has come is kept: try again", status: .temporaryFailure)
    }

    private static let materialRemove = Command(
        "material remove", "CASE MATERIAL HASH --reason TEXT [--user NAME] [--save-id ID]",
        "take a page out of a case; its file stays in the history",
        valued: ["--reason", "--user", "--save-id"]
    ) { arguments, console in
        let window = Window(&arguments)
        let headers = Headers(saving: &arguments)
        let reason = try arguments.required("--reason")
        let (id, code) = (try arguments.word("the case's ID"), try arguments.word("the material's code"))
        let hash = try arguments.word("the page's hash")
        try arguments.finish()
        let answer = try await window.withEndpoint { endpoint in
            try await endpoint.call(
                .post,
                "/api/v1/cases/\(pathSegment(id))/materials/\(pathSegment(code))/pages/\(pathSegment(hash))/removal",
                headers: headers, json: ["reason": reason])
        }
        console.showSave(answer, asJSON: window.isJSON) { id, _ in "removed from \(id)" }
        return .ok
    }
}

extension Command {
    fileprivate static let materialTidy = Command(
        "material tidy", "[--dry-run]",
        "remove pictures of cases that are over and that central has in a verified backup",
        discussion: """
            Of cases that are closed, withdrawn, merged, or left this hospital. What central has not told to be in a verified backup
            stays, and is asked about with the next exchange: sync, and tidy again. A picture that went is fetched again when
            somebody looks at it. By itself: birthwindow link set --tidy-materials DAYS.
            """
    ) { arguments, console in
        let window = Window(&arguments)
        let order = TidyOrder(dryRun: arguments.flag("--dry-run"))
        try arguments.finish()
        let answer = try await window.withEndpoint { endpoint in
            try await endpoint.call(.post, "/api/v1/attachments/tidy", json: order)
        }
        console.show(answer, asJSON: window.isJSON) { json in
            [
                "\(order.dryRun ? "would remove" : "removed") \(json["files"].word) pictures, "
                    + "\(json["bytes"].word) bytes",
                "not known to be in a verified backup: \(json["unsure"].word)",
            ]
        }
        return .ok
    }

    private struct TidyOrder: Encodable { let dryRun: Bool }
}

extension AttachmentDesk.Standing {
    fileprivate var sentence: String {
        switch self {
        case .waiting: "here, and not at central yet"
        case .here: "here, and at central"
        case .central: "not here: at central, or on its way there from another window"
        case .damaged: "the file here cannot be read any more; it is fetched again if central has it"
        }
    }
}
