import Casework
import Commands
import Foundation
import Web

extension Command {
    /// Runs central until it is asked to stop.
    static let serve = Command(
        "serve",
        ServeOptions.usage
            + " [--backup-to DIR [--backup-every HOURS]] [--folder CODE=PATH]… [--folder-format json|csv]",
        "run central",
        discussion: """
            Serves exchanges and the API on --listen (default 127.0.0.1:8730; port 0 takes any). Stops on SIGTERM or SIGINT.

            \(ServeOptions.discussion)

            With --backup-to it makes a verified backup in DIR every HOURS (24 unless told) as `backup` does. What fails is told in
            the log and by `hospital status`, and tried again.

            With --folder it exchanges department CODE's tasks and results by files in PATH, as `folder` does.
            """,
        valued: ServeOptions.valued.union(BackupPlan.valued).union(FolderPlan.valued)
    ) { arguments, console in
        var central = CentralSite(&arguments)
        central.backups = try BackupPlan(&arguments)
        central.folders = try FolderPlan(&arguments)
        let options = try ServeOptions(&arguments, listen: "127.0.0.1:8730")
        try arguments.finish()
        try await central.serve(options, idleSeconds: nil, console: console)
        return .ok
    }

    static let hospitals = [hospitalAdd, hospitalToken, hospitalList, hospitalStatus, hospitalSettings]

    private static let hospitalAdd = Command(
        "hospital add", "CODE --name NAME [--policy P[,P…]] [--authority F]",
        "add a hospital and print a one-time enrolment token",
        discussion:
            """
            CODE is 1 to 16 capital letters and digits; it begins the numbers of the hospital's cases. With --authority (the
            certificate of the authority that vouches for central, PEM) the token also says which authority to trust.
            """,
        valued: ["--name", "--policy", "--authority"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let hospital = NewHospital(
            code: try arguments.word("the hospital's code"), name: try arguments.required("--name"),
            policies: (arguments.option("--policy") ?? "").split(separator: ",").map(String.init))
        let suffix = try Self.fingerprint(&arguments)
        try arguments.finish()
        let answers = try await central.withEndpoint { endpoint in
            let added = try await endpoint.call(.post, "/api/v1/hospitals", json: hospital)
            let issued = try await endpoint.call(
                .post, "/api/v1/hospitals/\(pathSegment(hospital.code))/enrolment-tokens")
            return (added: added, issued: issued)
        }
        var members = try JSON(parsing: answers.added).members ?? [:]
        members.merge(try JSON(parsing: answers.issued).members ?? [:]) { $1 }
        members["token"] = .text((members["token"]?.word ?? "") + suffix)
        console.show(Array(try JSONEncoder().encode(JSON.object(members))), asJSON: central.isJSON) { json in
            [
                "added \(json["name"].word) (\(json["code"].word))",
                "enrolment token, good once: \(json["token"].word)",
                "at the window: birthwindow enroll --central URL --token \(json["token"].word)"
                    + (suffix.isEmpty ? "" : " --authority F"),
            ]
        }
        return .ok
    }

    private static let hospitalToken = Command(
        "hospital token", "CODE [--authority F]",
        "print another one-time enrolment token, for a second or a new computer", valued: ["--authority"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let code = try arguments.word("the hospital's code")
        let suffix = try Self.fingerprint(&arguments)
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.call(.post, "/api/v1/hospitals/\(pathSegment(code))/enrolment-tokens")
        }
        var members = try JSON(parsing: answer).members ?? [:]
        members["token"] = .text((members["token"]?.word ?? "") + suffix)
        console.show(Array(try JSONEncoder().encode(JSON.object(members))), asJSON: central.isJSON) {
            [$0["token"].word]
        }
        return .ok
    }

    private static let hospitalList = Command("hospital list", "", "list the hospitals") {
        arguments, console in
        let central = CentralSite(&arguments)
        try arguments.finish()
        let answer = try await central.withEndpoint { try await $0.call(.get, "/api/v1/hospitals") }
        console.showList(answer, "hospitals", asJSON: central.isJSON) {
            "\($0["code"].word)  \($0["name"].word)"
        }
        return .ok
    }

    private static let hospitalStatus = Command(
        "hospital status", "CODE", "show how a hospital's computers stand: last contact, lag, outbox, clock"
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let code = try arguments.word("the hospital's code")
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.call(.get, "/api/v1/hospitals/\(pathSegment(code))/status")
        }
        console.show(answer, asJSON: central.isJSON) { json in
            let head =
                "\(code)  feed position \(json["position"].word)  set aside \(json["asides"].word)"
            return [head] + Self.troubles(json)
                + json["computers"].entries.compactMap(\.members).map(Self.line)
        }
        return .ok
    }

    /// A line each for the backups, and for the last time that central was found to have gone back.
    private static func troubles(_ json: [String: JSON]) -> [String] {
        var lines: [String] = []
        let backups = json["backups"]?.members ?? [:]
        let verified = backups["verified"]?.members
        lines.append(
            verified.map {
                "  last verified backup \(moment($0["madeMilliseconds"]) ?? "")  \($0["name"].word)"
            }
                ?? "  NO VERIFIED BACKUP yet; see: birthcentral backup --help")
        if let fault = backups["fault"] {
            lines.append("  BACKUP FAILED \(moment(backups["faultMilliseconds"]) ?? ""): \(fault.word)")
        }
        if let last = moment(json["wentBackMilliseconds"]) {
            lines.append(
                "  CENTRAL WENT BACK: last found so \(last); windows that say “repair” bring back what central lost"
            )
        }
        return lines
    }

    private static func moment(_ milliseconds: JSON?) -> String? {
        milliseconds.flatMap { Double($0.word) }.map {
            Date(timeIntervalSince1970: $0 / 1000).formatted(.iso8601)
        }
    }

    private static func line(of computer: [String: JSON]) -> String {
        let contact = moment(computer["lastContactMilliseconds"]) ?? "never"
        return "  \(computer["device"].word)  last contact \(contact)  lag \(computer["lag"].word)"
            + "  outbox \(computer["outboxCount"].word)  clock error \(computer["clockErrorMilliseconds"].word) ms"
            + "  software \(computer["software"].word)"
            + (computer["isRepair"] == .bool(true) ? "  repair: bringing back what central lacks" : "")
    }

    /// What is put behind a token so that it names the authority; empty without one.
    private static func fingerprint(_ arguments: inout Arguments) throws -> String {
        guard let path = arguments.option("--authority") else { return "" }
        guard let bytes = FileManager.default.contents(atPath: path),
            let found = AuthorityFingerprint.of(pem: String(decoding: bytes, as: UTF8.self))
        else { throw CommandError("\(path) holds no certificate in PEM form", status: .noInput) }
        return "." + found
    }

    private struct NewHospital: Encodable {
        let code: String
        let name: String
        let policies: [String]
    }
}
