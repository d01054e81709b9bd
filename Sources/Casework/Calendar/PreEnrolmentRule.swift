/// Under which name and number a newborn is enrolled in the insurance before it has an ID number 预参保 (广西 五(五)6;
/// policies.md section 3.9).
///
/// Where the seed can be read in several ways, the rule has several numbers. They are suggestions: nobody is refused for
/// another one.
package struct PreEnrolmentRule: Hashable, Sendable {
    package static let numbersMax = 8
    /// Unicode scalars of the type of document.
    package static let idTypeLengthMax = 50

    /// The type of document, as the enrolment asks for it.
    package let idType: String
    /// The names by the child's sex, 1 or 2.
    private let names: [String: Template]
    /// The numbers by the child's sex, 1 or 2, and for multiple births.
    private let numbers: [String: [Template]]

    private static let sexes: Set = ["1", "2"]
    private static let multiple = "multiple"

    /// nil where an answer is missing that the name or the number needs, and for a child of unknown sex.
    package func preEnrolment(for answers: Answers, isMultiple: Bool) -> PreEnrolment? {
        guard let sex = answers.text("childSex"), let name = names[sex]?.filled(answers.text),
            let templates = numbers[isMultiple ? Self.multiple : sex]
        else { return nil }
        let numbers = templates.compactMap { $0.filled(answers.text) }
        guard numbers.count == templates.count else { return nil }
        return PreEnrolment(name: name, idType: idType, numbers: numbers)
    }
}

extension PreEnrolmentRule: Decodable {
    private enum CodingKeys: String, CodingKey { case idType, name, numbers }

    /// Reads `{"idType": "其它类型", "name": {"1": …, "2": …}, "numbers": {"1": […], "2": […], "multiple": […]}}`, in
    /// which texts have fields as placeholders: `{motherIdNo}x`.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        idType = try container.decode(String.self, forKey: .idType)
        names = try container.decode([String: Template].self, forKey: .name)
        numbers = try container.decode([String: [Template]].self, forKey: .numbers)
        func check(_ isSound: Bool, _ key: CodingKeys, _ expected: String) throws {
            guard isSound else {
                throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: expected)
            }
        }
        try check(
            1...Self.idTypeLengthMax ~= idType.unicodeScalars.count, .idType,
            "expected 1 to \(Self.idTypeLengthMax) characters")
        try check(Set(names.keys) == Self.sexes, .name, "expected the members 1 and 2")
        try check(
            Set(numbers.keys) == Self.sexes.union([Self.multiple]), .numbers,
            "expected the members 1, 2 and multiple")
        try check(
            numbers.values.allSatisfy { 1...Self.numbersMax ~= $0.count }, .numbers,
            "expected 1 to \(Self.numbersMax) numbers each")
        for key in names.values.flatMap(\.keys) { try check(Self.isText(key), .name, "no such text: \(key)") }
        for key in numbers.values.joined().flatMap(\.keys) {
            try check(Self.isText(key), .numbers, "no such text: \(key)")
        }
    }

    /// Whether the field's answers are texts that a person reads, so that a placeholder can be filled with one.
    private static func isText(_ key: String) -> Bool {
        switch FieldDictionary.standard.field(key)?.type {
        case .text, .lines, .date, .format, .documentNumber: true
        default: false
        }
    }
}

/// The name and number to enrol a newborn under.
package struct PreEnrolment: Hashable, Sendable {
    package let name: String
    package let idType: String
    /// At least one, the likeliest first.
    package let numbers: [String]

    /// Whether the seed leaves open which of several numbers is meant.
    package var isAmbiguous: Bool { numbers.count > 1 }
}
