import Casework
import Commands
import Foundation
import WindowAgent

extension Command {
    static let links = [linkShow, linkSet]

    private static let linkShow = Command(
        "link show", "", "show what is set of the link to central and of keeping, and by whom"
    ) { arguments, console in
        let window = Window(&arguments)
        try arguments.finish()
        let answer = try await window.withEndpoint { try await $0.call(.get, "/api/v1/link") }
        console.show(answer, asJSON: window.isJSON, lines)
        return .ok
    }

    private static let linkSet = Command(
        "link set",
        "[--metered yes|no] [--photos WHEN] [--budget BYTES] [--schedule MINUTES] [--low-stock N] [--wipe-departed DAYS] "
            + "[--tidy-materials DAYS]",
        "say what the link to central may be used for",
        discussion: """
            --metered yes: nothing goes unless something was saved, somebody asks or the schedule says so; no: the window waits at \
            central, and results come within a second.
            --photos 22:00-06:00|always|never: when photos go, in local time.
            --budget 5MB|none: bytes in a day, both ways, headers included (100kB to 1TB). When they are spent, photos and waiting \
            stop until midnight; what clerks save goes all the same, within a quarter of an hour.
            --schedule MINUTES|none: how often a metered window exchanges by itself (5 to 1440).
            --low-stock N: birth certificates that are left when a warning is due.
            --wipe-departed DAYS|never: a case that left this hospital is wiped so many days later, as soon as central has all of it in a
            verified backup.
            --tidy-materials DAYS|never: pictures of a case that is over go so many days after its last change, those that central has in
            a verified backup.
            auto, for each, goes back to what central says, for this hospital or for all. It holds at once.
            """,
        valued: Set(WindowSettings.Name.allCases.map { "--\($0.rawValue)" })
    ) { arguments, console in
        let window = Window(&arguments)
        var given: [String: String] = [:]
        for name in WindowSettings.Name.allCases {
            given[name.rawValue] = arguments.option("--\(name.rawValue)")
        }
        try arguments.finish()
        let settings = given
        guard !settings.isEmpty else {
            throw UsageError("say what to set: see link set --help")
        }
        let answer = try await window.withEndpoint { try await $0.call(.put, "/api/v1/link", json: settings) }
        console.show(answer, asJSON: window.isJSON, lines)
        return .ok
    }

    private static func lines(_ json: [String: JSON]) -> [String] {
        WindowSettings.Name.allCases.map { name in
            let line = json[name.rawValue]?.members ?? [:]
            let from = SettingSources.Source(rawValue: line["from"].word)?.sentence ?? line["from"].word
            return name.rawValue.padding(toLength: 16, withPad: " ", startingAt: 0)
                + "\(line["value"].word)  (\(from))"
        }
    }
}

extension SettingSources.Source {
    /// Who said it, for a technician.
    var sentence: String {
        switch self {
        case .here: "set here"
        case .hospital: "central, for this hospital"
        case .all: "central, for all hospitals"
        case .usual: "usual"
        }
    }
}
