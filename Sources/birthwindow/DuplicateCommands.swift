import Casework
import Commands
import Foundation
import Web

extension Command {
    /// Tells what a case looks like.
    static let duplicates = Command(
        "duplicates", "CASE [--reason TEXT]",
        "list this window's cases that look like the same child, with the reasons",
        discussion:
            "Needs no network. Central looks among the cases of all hospitals: birthcentral duplicates list",
        valued: ["--reason", "--user"]
    ) { arguments, console in
        let window = Window(&arguments)
        let headers = Headers(reading: &arguments)
        let id = try arguments.word("the case's ID")
        try arguments.finish()
        let answer = try await window.withEndpoint { endpoint in
            try await endpoint.call(.get, "/api/v1/cases/\(pathSegment(id))/duplicates", headers: headers)
        }
        console.showList(answer, "duplicates", asJSON: window.isJSON, empty: "no duplicates") { found in
            let reasons = found["reasons"].entries.compactMap(\.members).map {
                "    \($0["code"].word)  \($0["text"].word)"
            }
            return (["\(found["score"].word)  \(found["id"].word)  \(found["number"].word)"] + reasons)
                .joined(separator: "\n")
        }
        return .ok
    }
}
