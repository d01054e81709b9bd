package import SyncProtocol

/// A step as the window's API takes it: `{"step": …, "date", "reasons", "artefact", "item", "number", "next", "collector", "originals", "mailed",
/// "progress", "evaluation", "vaccinated", "seen": {group: [dot]}}`.
package struct StepOrder: Hashable, Sendable {
    package let step: CaseStep
    package let input: StepInput
    /// The dots that the page showed, by group; nil to take the case as it stands.
    package let seen: [GroupID: [Dot]]?

    package init(_ step: CaseStep, _ input: StepInput = StepInput(), seen: [GroupID: [Dot]]? = nil) {
        (self.step, self.input, self.seen) = (step, input, seen)
    }

    /// - Throws: a sentence about the first thing that cannot be read.
    package init(_ body: [UInt8]) throws(EditOrderError) {
        let json: JSON
        do { json = try JSON(parsing: body) } catch {
            throw EditOrderError("The body is no JSON that can be read.")
        }
        guard let members = json.members, case .text(let word)? = members["step"] else {
            throw EditOrderError("The body is not {\"step\": word, …}.")
        }
        guard let step = CaseStep(rawValue: word) else {
            throw EditOrderError(
                "There is no such step; known are \(CaseStep.allCases.map(\.rawValue).joined(separator: ", "))."
            )
        }
        if let unknown = members.keys.sorted().first(where: { !Self.members.contains($0) }) {
            let name =
                unknown.utf8.count <= 32 && unknown.utf8.allSatisfy { 0x61...0x7A ~= $0 } ? unknown : "?"
            throw EditOrderError(
                "“\(name)” is no member of a step; known are \(Self.members.sorted().joined(separator: ", "))."
            )
        }
        self.step = step
        input = try Self.input(StepOrderReader(members: members))
        seen = members["seen"] == nil ? nil : try EditOrder.seen(members["seen"])
    }

    private static let members: Set<String> = [
        "step", "date", "reasons", "artefact", "item", "number", "next", "collector", "originals", "mailed",
        "progress", "evaluation", "vaccinated", "seen",
    ]

    private static func input(_ reader: StepOrderReader) throws(EditOrderError) -> StepInput {
        var input = StepInput()
        input.date = try reader.date("date")
        input.reasons = try reader.texts("reasons")
        if let word = try reader.text("artefact") {
            guard let artefact = Artefact(rawValue: word) else {
                throw EditOrderError(
                    "“artefact” is one of \(Artefact.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            input.artefact = artefact
        }
        input.item = try reader.text("item")
        input.number = try reader.text("number")
        input.takesNext = try reader.flag("next")
        input.collector = try reader.text("collector")
        input.originals = try reader.texts("originals")
        input.isMailed = try reader.flag("mailed")
        input.progress = try reader.text("progress")
        input.evaluation = try reader.text("evaluation")
        input.vaccinated = try reader.date("vaccinated")
        return input
    }
}

/// Reads the members of a step. What is absent or null was not given.
private struct StepOrderReader {
    let members: [String: JSON]

    func text(_ key: String) throws(EditOrderError) -> String? {
        switch members[key] ?? .null {
        case .null: return nil
        case .text(let text): return text
        default: throw EditOrderError("“\(key)” is not a text.")
        }
    }

    func date(_ key: String) throws(EditOrderError) -> CalendarDate? {
        guard let text = try text(key) else { return nil }
        guard let date = CalendarDate(text) else {
            throw EditOrderError("“\(key)” is not a date YYYY-MM-DD.")
        }
        return date
    }

    func flag(_ key: String) throws(EditOrderError) -> Bool {
        switch members[key] ?? .null {
        case .null: return false
        case .bool(let flag): return flag
        default: throw EditOrderError("“\(key)” is not true or false.")
        }
    }

    func texts(_ key: String) throws(EditOrderError) -> [String] {
        guard let json = members[key], json != .null else { return [] }
        guard case .list(let entries) = json, entries.count <= FieldType.listCountMax else {
            throw EditOrderError("“\(key)” is not a list of at most \(FieldType.listCountMax) texts.")
        }
        var texts: [String] = []
        for entry in entries {
            guard case .text(let text) = entry else {
                throw EditOrderError("“\(key)” is not a list of texts.")
            }
            texts.append(text)
        }
        return texts
    }
}
