import Casework
import Commands
import Foundation

extension Command {
    static let devices = [deviceList, deviceRevoke]

    private static let deviceList = Command(
        "device list", "[--hospital CODE]", "list the enrolled computers",
        discussion: """
            “in two places” counts how often one computer's key was seen at two at once: its disk was copied. Enrol one of them
            anew, then revoke this one.
            """,
        valued: ["--hospital"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let hospital = arguments.option("--hospital").map { "?hospital=\(pathSegment($0))" } ?? ""
        try arguments.finish()
        let answer = try await central.withEndpoint { try await $0.call(.get, "/api/v1/devices\(hospital)") }
        console.showList(answer, "devices", asJSON: central.isJSON, empty: "no computers") { device in
            var line = "\(device["device"].word)  \(device["hospital"].word)  last contact \(contact(device))"
            if device["isRevoked"] == .bool(true) { line += "  revoked" }
            if device["isKeyChanging"] == .bool(true) { line += "  changing its key" }
            let count = device["twoPlacesCount"].word
            return count == "0" ? line : line + "  IN TWO PLACES, seen \(count) times"
        }
        return .ok
    }

    private static let deviceRevoke = Command(
        "device revoke", "DEVICE [--dry-run]", "take away a computer's right to take part",
        discussion: """
            DEVICE is its name in `device list`. What it has not sent stays on it: a computer that is to go on is enrolled anew
            first.
            """
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let device = try arguments.word("the device")
        let isDryRun = arguments.flag("--dry-run")
        try arguments.finish()
        try await central.withEndpoint { endpoint in
            if isDryRun { return try check(device, in: try await endpoint.call(.get, "/api/v1/devices")) }
            _ = try await endpoint.call(.delete, "/api/v1/devices/\(pathSegment(device))")
        }
        console.print(
            central.isJSON
                ? #"{"isDryRun":\#(isDryRun)}"# : "\(device) \(isDryRun ? "would be" : "is") revoked")
        return .ok
    }

    private static func check(_ device: String, in answer: [UInt8]) throws {
        guard case .list(let devices)? = try JSON(parsing: answer).members?["devices"],
            devices.contains(where: { $0.members?["device"].word == device })
        else { throw CommandError("there is no computer \(device)", status: .noInput) }
    }

    private static func contact(_ device: [String: JSON]) -> String {
        device["lastContactMilliseconds"].flatMap { Double($0.word) }.map {
            Date(timeIntervalSince1970: $0 / 1000).formatted(.iso8601)
        } ?? "never"
    }
}
