package import SyncProtocol

/// New answers to some fields of a case, judged together with the answers that are there.
package struct AnswerChanges: Hashable, Sendable {
    /// Coded values by key; null takes an answer back.
    package let values: [String: CBOR]
    /// Worth a second look, but no hindrance.
    package let warnings: [Fault]

    /// Reads and judges answers. All errors come at once; a fault that the case had before is not held
    /// against them.
    ///
    /// - Parameters:
    ///   - members: by key. A text for a field of another type is read as JSON, as a command line gives it.
    ///   - existing: what the case shows now.
    ///   - today: the day after which a date lies in the future, or nil not to ask.
    package init(
        _ members: [String: JSON], to existing: Answers, policy: Policy, today: CalendarDate? = nil,
        dictionary: FieldDictionary = .standard, codes: CodeLists = .standard
    ) throws(CaseFileError) {
        let typed = members.map { key, value in (key, dictionary.field(key)?.type.typed(value) ?? value) }
        var reader = CaseFileReader(policy: policy, dictionary: dictionary, codes: codes)
        let values = reader.read(Dictionary(uniqueKeysWithValues: typed), newborn: 0)
        var earlier = CaseFileReader(policy: policy, dictionary: dictionary, codes: codes)
        earlier.judge(existing, today: today, newborn: 0)
        reader.judge(existing.overridden(by: values), today: today, newborn: 0)
        let faults = reader.faults.filter { !earlier.faults.contains($0) }
        guard faults.allSatisfy(\.isWarning) else { throw CaseFileError(faults: faults) }
        self.values = values
        warnings = faults
    }
}

extension FieldType {
    /// What a text stands for where the answer is not a text: a number, yes or no, a list or an object in
    /// JSON. An empty text takes the answer back.
    package func typed(_ json: JSON) -> JSON {
        guard case .text(let text) = json else { return json }
        if text.isEmpty { return .null }
        switch self {
        case .int, .decimal, .money, .bool, .pairs, .list, .record:
            // What is not JSON stays a text, and is refused as being of the wrong type.
            return (try? JSON(parsing: Array(text.utf8), depthMax: CaseFile.depthMax)) ?? json
        case .text, .lines, .date, .format, .documentNumber, .code, .caseID, .hash: return json
        }
    }
}
