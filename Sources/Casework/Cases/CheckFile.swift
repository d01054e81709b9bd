import SyncProtocol

/// An application in a file, as `birthwindow check FILE` judges it without keeping anything: a JSON object of
/// keys and answers with its `jurisdiction`, or an object with such an object under `input`, as the example
/// cases have it (domain/cases/README.md).
///
/// Other than ``CaseFile``, a value that cannot be read does not stop it: it counts as unanswered and stands
/// among the faults.
package struct CheckFile: Sendable {
    package let policy: Policy
    /// The answers of every newborn, the first one first.
    package let newborns: [Answers]
    package let events: [ItemEvent]
    /// The item that somebody comes to collect.
    package let pickup: String?
    /// What is wrong with the values, and what is worth a second look.
    package let faults: [Fault]

    /// Later events that one file may tell.
    package static let eventsMax = 256

    /// - Parameter policy: finds a policy by its ID.
    /// - Throws: if the file is not JSON, or names no policy that is at hand.
    package init(
        _ bytes: [UInt8], today: CalendarDate? = nil, dictionary: FieldDictionary = .standard,
        codes: CodeLists = .standard, policy find: (String) -> Policy?
    ) throws(CaseFileError) {
        let input = try CaseFile.input(bytes)
        guard case .text(let id)? = input["jurisdiction"], let policy = find(id) else {
            throw CaseFileError(faults: [
                Fault(key: "jurisdiction", label: "适用地区", problem: .jurisdictionUnknown)
            ])
        }
        var reader = CaseFileReader(policy: policy, dictionary: dictionary, codes: codes)
        var first = Answers(reader.read(input.filter { !CaseFile.notFields.contains($0.key) }, newborn: 0))
        (pickup, first) = Self.pickup(input["pickup"], first)
        // The date of application is that of its moment (forms.md section 4).
        if first["applyDate"] == nil, let moment = first.text("applyDateTime") {
            first["applyDate"] = .text(String(moment.prefix(10)))
        }
        var newborns = [first]
        for (index, overrides) in reader.siblings(input["siblings"] ?? .null).enumerated() {
            newborns.append(first.overridden(by: reader.read(overrides, newborn: index + 1)))
        }
        for (index, answers) in newborns.enumerated() { reader.judge(answers, today: today, newborn: index) }
        self.policy = policy
        self.newborns = newborns
        events = Self.events(input["events"])
        faults = reader.faults
    }

    /// `[{item, status, date}]`; entries that tell of something else are left out.
    private static func events(_ json: JSON?) -> [ItemEvent] {
        guard case .list(let entries)? = json else { return [] }
        return entries.prefix(eventsMax).compactMap { entry in
            guard let item = text(entry, "item"),
                let date = text(entry, "date").flatMap({ CalendarDate($0) }),
                let outcome = text(entry, "status").flatMap(Outcome.init(rawValue:))
            else { return nil }
            return ItemEvent(item: item, outcome: outcome, date: date)
        }
    }

    private static func text(_ json: JSON, _ member: String) -> String? {
        if case .text(let text)? = json.members?[member] { text } else { nil }
    }

    /// `{item, collector, originalsShown}`, put where a case keeps it.
    private static func pickup(_ json: JSON?, _ answers: Answers) -> (String?, Answers) {
        guard let json, let item = text(json, "item") else { return (nil, answers) }
        var answers = answers
        if let collector = text(json, "collector") { answers["\(item)CollectedBy"] = .text(collector) }
        if case .list(let shown)? = json.members?["originalsShown"] {
            let texts = shown.compactMap { if case .text(let text) = $0 { CBOR.text(text) } else { nil } }
            answers["\(item)OriginalsShown"] = .array(texts)
        }
        return (item, answers)
    }
}
