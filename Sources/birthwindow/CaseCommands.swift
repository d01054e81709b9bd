import Casework
import Commands
import Web

extension Command {
    /// Registers births.
    static let caseNew = Command(
        "case new", "--policy P --file F [--user NAME] [--save-id ID]",
        "register the newborns of one delivery",
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
        let bytes = try InputFile.read(file, bytesMax: CaseFile.bytesMax)
        let answer = try await window.withEndpoint { endpoint in
            try await endpoint.call(
                .post, "/api/v1/cases?policy=\(pathSegment(policy))", headers: headers, body: bytes)
        }
        console.showSave(answer, asJSON: window.isJSON) { "saved \($0) as \($1)" }
        return .ok
    }
}
