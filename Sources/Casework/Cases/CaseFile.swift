package import SyncProtocol

/// A case as `birthwindow case new --policy P --file F` gets it: a JSON object of keys and answers, or an
/// object with such an object under `input`, as the example cases have it (domain/cases/README.md).
///
/// Beside fields, `jurisdiction` (which must be the chosen policy) and `siblings` are understood; `events`
/// and `pickup` are left alone, because they tell of later.
package struct CaseFile: Hashable, Sendable {
    package static let bytesMax = 256 * 1024
    package static let depthMax = 8
    package static let siblingsMax = 9

    /// The first newborn's answers.
    package let answers: Answers
    /// For each further newborn of the delivery what differs; null takes an answer back. Each is a case of
    /// its own.
    package let siblings: [[String: CBOR]]
    /// Worth a second look, but no hindrance.
    package let warnings: [Fault]

    /// The answers of every newborn, the first one first: as many linked cases are to be made.
    package var newborns: [Answers] { [answers] + siblings.map(answers.overridden) }

    /// Reads and judges a file. All its errors come at once.
    /// - Parameter today: the day after which a date lies in the future, or nil not to ask.
    package init(
        _ bytes: [UInt8], policy: Policy, today: CalendarDate? = nil, dictionary: FieldDictionary = .standard,
        codes: CodeLists = .standard
    ) throws(CaseFileError) {
        let input = try Self.input(bytes)
        var reader = CaseFileReader(policy: policy, dictionary: dictionary, codes: codes)
        reader.checkJurisdiction(input["jurisdiction"] ?? .null)
        let first = Answers(reader.read(input.filter { !Self.notFields.contains($0.key) }, newborn: 0))
        var siblings: [[String: CBOR]] = []
        for (index, overrides) in reader.siblings(input["siblings"] ?? .null).enumerated() {
            siblings.append(reader.read(overrides, newborn: index + 1))
        }
        for (index, answers) in ([first] + siblings.map(first.overridden)).enumerated() {
            reader.judge(answers, today: today, newborn: index, of: siblings.count + 1)
        }
        guard reader.faults.allSatisfy(\.isWarning) else { throw CaseFileError(faults: reader.faults) }
        self.answers = first
        self.siblings = siblings
        warnings = reader.faults
    }

    /// Understood inside the input, but no answers (forms.md section 4).
    static let notFields: Set<String> = ["jurisdiction", "siblings", "events", "pickup"]

    static func input(_ bytes: [UInt8]) throws(CaseFileError) -> [String: JSON] {
        guard bytes.count <= bytesMax else { throw CaseFileError(.tooLarge(bytesMax: bytesMax)) }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]  // Windows editors put it before UTF-8.
        let json: JSON
        do {
            json = try JSONReader.read(
                bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes, depthMax: depthMax)
        } catch {
            throw CaseFileError(error)
        }
        guard let members = json.members else { throw CaseFileError(.notAnObject) }
        guard let input = members["input"] else { return members }
        guard let inner = input.members else {
            throw CaseFileError(faults: [Fault(key: "input", label: "", problem: .notAnObject)])
        }
        return inner
    }
}

/// Why a case file cannot be taken: every error and every warning found in it.
package struct CaseFileError: Error, Hashable, Sendable {
    package let faults: [Fault]

    init(faults: [Fault]) { self.faults = faults }
    init(_ problem: Problem) { faults = [Fault(key: "", label: "", problem: problem)] }

    fileprivate init(_ error: JSONError) {
        switch error.reason {
        case .syntax: self.init(.malformed(line: error.line, column: error.column))
        case .repeatedKey: self.init(.repeatedKey(line: error.line, column: error.column))
        case .tooDeep: self.init(.tooDeep(depthMax: CaseFile.depthMax))
        }
    }
}
