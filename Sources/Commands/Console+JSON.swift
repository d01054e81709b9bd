package import Casework

extension Console {
    /// Prints an answer as it is, or as the lines made of its members.
    package func show(_ answer: [UInt8], asJSON: Bool, _ lines: ([String: JSON]) -> [String]) {
        guard !asJSON, let json = try? JSON(parsing: answer) else {
            return print(String(decoding: answer, as: UTF8.self))  // what cannot be read is shown as it came
        }
        for line in lines(json.members ?? [:]) { print(line) }
    }

    /// Prints an answer as it is, or a line for each entry of the list that it holds under a name.
    package func showList(
        _ answer: [UInt8], _ name: String, asJSON: Bool, empty: String = "none",
        _ line: ([String: JSON]) -> String
    ) {
        guard !asJSON, case .list(let entries)? = (try? JSON(parsing: answer))?.members?[name] else {
            return print(String(decoding: answer, as: UTF8.self))  // what cannot be read is shown as it came
        }
        if entries.isEmpty { print(empty) }
        for entry in entries { print(line(entry.members ?? [:])) }
    }

    /// Prints what a save answered, and its warnings on standard error.
    package func showSave(_ answer: [UInt8], asJSON: Bool, _ sentence: (String, String) -> String) {
        show(answer, asJSON: asJSON) { json in
            if case .list(let warnings)? = json["warnings"] {
                for warning in warnings { printError("提示：\(warning.word)") }
            }
            guard case .list(let cases)? = json["cases"] else { return [] }
            return cases.compactMap(\.members).map { line in
                line["isChanged"] == .bool(false)
                    ? "nothing differs: nothing was saved" : sentence(line["id"].word, line["number"].word)
            }
        }
    }
}

extension JSON {
    /// A plain value as text; empty for anything else.
    package var word: String {
        switch self {
        case .text(let text): text
        case .number(let number): "\(number)"
        case .bool(let flag): flag ? "true" : "false"
        case .null, .list, .object: ""
        }
    }
}

extension JSON? {
    /// A plain value as text; empty if there is none.
    package var word: String { self?.word ?? "" }

    /// The entries of a list; none of anything else.
    package var entries: [JSON] { if case .list(let entries)? = self { entries } else { [] } }
}
