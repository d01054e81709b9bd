import Casework
import Commands
import Foundation
import Web

extension Command {
    static let hospitalSettings = Command(
        "hospital settings",
        "(CODE | --all) [--metered yes|no] [--photos WHEN] [--budget BYTES] [--schedule MINUTES] [--low-stock N] "
            + "[--wipe-departed DAYS] [--tidy-materials DAYS] [--reason TEXT] [--user NAME]",
        "show, or say, what windows may use their links for and how long they keep what",
        discussion: """
            Without a setting it shows what holds and who said it. With one a --reason is needed; it goes out with the next exchange,
            holds at once, and stands before what is said for all. A window's technician may say otherwise: `birthwindow link set`.

            --metered, --photos, --budget, --schedule: as in `birthwindow link set --help`.
            --low-stock N: birth certificates that are left when a warning is due (20).
            --wipe-departed DAYS|never: a case that left the hospital is wiped there so many days later, as soon as central has all of it
            in a verified backup.
            --tidy-materials DAYS|never: pictures of a case that is over are removed from the window so many days after its last change,
            those that central has in a verified backup; they are fetched again when somebody looks.
            auto, for each, takes back what was said here.
            """,
        valued: Set(WindowSettings.Name.allCases.map { "--\($0.rawValue)" } + ["--reason", "--user"])
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let headers = Headers(saving: &arguments)
        var words: [String: String] = [:]
        for name in WindowSettings.Name.allCases {
            words[name.rawValue] = arguments.option("--\(name.rawValue)")
        }
        let reason = words.isEmpty ? arguments.option("--reason") : try arguments.required("--reason")
        let query =
            arguments.flag("--all")
            ? "" : "?hospital=\(pathSegment(try arguments.word("the hospital's code")))"
        try arguments.finish()
        let order = reason.map { Order(reason: $0, set: words) }
        let isShown = words.isEmpty
        let answer = try await central.withEndpoint { endpoint in
            guard let order, !isShown else {
                return try await endpoint.call(.get, "/api/v1/settings\(query)")
            }
            return try await endpoint.call(.put, "/api/v1/settings\(query)", headers: headers, json: order)
        }
        console.show(answer, asJSON: central.isJSON) { json in
            let lines = json["settings"]?.members ?? [:]
            return WindowSettings.Name.allCases.map { name in
                let line = lines[name.rawValue]?.members ?? [:]
                return name.rawValue.padding(toLength: 16, withPad: " ", startingAt: 0)
                    + "\(line["value"].word)  (\(line["from"].word))"
            }
        }
        return .ok
    }

    private struct Order: Encodable {
        let reason: String
        let set: [String: String]
    }
}
