import Casework
import Commands
import Foundation
import Web

extension Command {
    /// The commands on photographs and scans.
    static let attachments = [attachmentList, attachmentShow, attachmentScrub]

    private static let attachmentList = Command(
        "attachment list", "CASE [--reason TEXT]", "list the files that a case names: here, or lacking",
        discussion:
            "A file that is lacking was not uploaded yet, or is lost here; the hospital's computers are asked for it.",
        valued: ["--reason", "--user"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(reading: &arguments)
        let id = try arguments.word("the case's ID")
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.call(.get, "/api/v1/cases/\(pathSegment(id))/attachments", headers: headers)
        }
        console.showList(answer, "attachments", asJSON: central.isJSON) { line in
            [
                line["hash"], line["state"], line["material"], line["page"], line["mediaType"],
                line["byteCount"],
            ].map(\.word).filter { !$0.isEmpty }.joined(separator: "  ")
        }
        return .ok
    }

    private static let attachmentShow = Command(
        "attachment show", "HASH --to FILE", "write a file that a case names", valued: ["--to"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let to = try arguments.required("--to")
        let hash = try arguments.word("the file's hash")
        try arguments.finish()
        let bytes = try await central.withEndpoint { endpoint in
            try await endpoint.call(.get, "/attachments/\(pathSegment(hash))")
        }
        guard
            FileManager.default.createFile(
                atPath: to, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
        else { throw CommandError("\(to) cannot be written", status: .cannotCreate) }
        console.print(central.isJSON ? #"{"bytes":\#(bytes.count)}"# : "wrote \(to)")
        return .ok
    }

    private static let attachmentScrub = Command(
        "attachment scrub", "",
        "check every file against its name, and ask the hospitals for what is lacking",
        discussion: """
            The daemon does so by itself once a day, and looks every hour whether all is there. A damaged file is put aside in
            attachments/damaged until a sound one has come. Exit code 65 if any was damaged.
            """
    ) { arguments, console in
        let central = CentralSite(&arguments)
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            var answer = try await endpoint.call(.post, "/api/v1/attachments/scrub")
            while try JSON(parsing: answer).members?["isRunning"] == .bool(true) {
                try await Task.sleep(for: .milliseconds(200))
                answer = try await endpoint.call(.get, "/api/v1/attachments/scrub")
            }
            return answer
        }
        console.show(answer, asJSON: central.isJSON) { report in
            [
                "named \(report["named"].word), here \(report["here"].word), damaged \(report["damaged"].word), "
                    + "lacking \(report["lacking"].word); \(report["bytes"].word) bytes read"
            ]
        }
        let report = try JSON(parsing: answer).members ?? [:]
        if case .text(let error)? = report["error"] {
            throw CommandError("the scrub ended early: \(error)", status: .ioError)
        }
        return report["damaged"] == .number(0) ? .ok : .dataError
    }
}
