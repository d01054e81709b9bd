/// What values a field takes, and with it how they are written in a change (forms.md section 1).
///
/// Values are coded so that equal answers have equal bytes:
///
///     text, code, date, time, date and time, numbers of documents   text, NFC and trimmed
///     int                                                           unsigned
///     decimal                                                       float
///     money                                                         unsigned, in fen
///     bool                                                          bool
///     caseID, hash                                                  bytes, 16 and 32
///     codes, texts and other lists                                  array
///     region, station, signature, material, attachment              array with the parts in the order below
///     pairs                                                         map of text to text
///     unanswered                                                    null
///
/// A record may grow at its end: readers ignore parts that they do not know.
package indirect enum FieldType: Hashable, Sendable {
    case text(longest: Int)
    /// Text that may have several lines.
    case lines
    case int
    case decimal
    case money
    case date
    case bool
    case format(TextFormat)
    /// A document number: judged as a citizen ID number only where the document is one, see ``AnswerChecks``.
    case documentNumber
    /// One code of the named list in `Codes.json`.
    case code(list: String)
    case caseID
    /// SHA-256, in JSON as 64 hexadecimal digits.
    case hash
    /// Names with values, both text.
    case pairs
    case list(FieldType)
    case record([Part])

    /// One part of a record.
    package struct Part: Hashable, Sendable {
        package let name: String
        package let type: FieldType
    }

    /// Characters of a text for which the dictionary sets no limit of its own.
    package static let textLongest = 200
    package static let linesLongest = 2000
    /// Entries of one list.
    package static let listCountMax = 64

    /// Reads the type as `Fields.json` names it; nil for a name that this version does not know.
    init?(named name: String, longest: Int?) {
        if name.hasPrefix("enum:") {
            self = .code(list: String(name.dropFirst(5)))
        } else if name.hasPrefix("multi:") {
            self = .list(.code(list: String(name.dropFirst(6))))
        } else if name == "text" {
            self = .text(longest: longest ?? Self.textLongest)
        } else if let type = Self.named[name] {
            self = type
        } else {
            return nil
        }
    }

    private static let text = FieldType.text(longest: textLongest)

    private static let named: [String: FieldType] = [
        "textarea": .lines, "int": .int, "decimal": .decimal, "money": .money, "date": .date, "bool": .bool,
        "time": .format(.time), "datetime": .format(.dateTime), "phone": .format(.phone),
        "birthCertNo": .format(.birthCertificate), "bankCard": .format(.bankCard),
        "preEnrolNo": text, "code6": .format(.countyCode), "idNo": .documentNumber,
        "caseID": .caseID, "caseIDs": .list(.caseID), "texts": .list(text), "settings": .pairs,
        "region": .record(region), "station": .record(station), "signature": .record(signature),
        "materials": .list(.record(material)), "attachments": .list(.record(attachment)),
    ]

    private static let region =
        [Part(name: "provinceCode", type: .format(.countyCode))]
        + ["province", "city", "county", "town", "village", "text"].map { Part(name: $0, type: text) }

    private static let station = ["city", "county", "town", "name"].map { Part(name: $0, type: text) }

    private static let signature = [
        Part(name: "kind", type: .code(list: "signatureKind")), Part(name: "ref", type: text),
        Part(name: "signedAt", type: .format(.dateTime)),
    ]

    /// A paper that was handed in: its code in the policy, its pages, their file types and photographs.
    private static let material = [
        Part(name: "code", type: text), Part(name: "parts", type: .list(text)),
        Part(name: "formats", type: .pairs), Part(name: "attachments", type: .list(.hash)),
    ]

    /// A photograph or file: its name is the hash of its bytes (DESIGN section 6).
    private static let attachment = [
        Part(name: "hash", type: .hash), Part(name: "mediaType", type: text),
        Part(name: "byteCount", type: .int), Part(name: "material", type: text),
        Part(name: "part", type: text),
    ]
}
