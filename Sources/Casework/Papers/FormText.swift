/// A line of a form with places that the case fills, written as:
///
///     {childName}                       the answer; a line to write on where there is none
///     {birthPlace|　　市　　县}            the same, with what the form prints where nothing is answered
///     {followParent=father}父亲          a box, ticked for that answer; its text follows
///     {plurality=twin,multiple}          ticked for one of several
///     {plurality=single&deliverySexes=1} ticked if both hold
///     {payMethod=*}                      all choices of the field with their boxes
package struct FormText: Hashable, Sendable {
    package let segments: [Segment]

    package enum Segment: Hashable, Sendable {
        case text(String)
        /// An answer, and what stands there without one.
        case value(key: String, blank: String?)
        case box([Condition])
        case choices(key: String)
    }

    /// Holds if the answer is one of the codes, or has one of them among several.
    package struct Condition: Hashable, Sendable {
        package let key: String
        package let codes: [String]

        package init(key: String, codes: [String]) {
            self.key = key
            self.codes = codes
        }
    }

    /// Unicode scalars of one text, places included.
    package static let lengthMax = 4000

    package init(_ source: String) throws(PolicyFault) {
        guard source.unicodeScalars.count <= Self.lengthMax else {
            throw PolicyFault("", "longer than \(Self.lengthMax) characters")
        }
        var segments: [Segment] = []
        var rest = source[...]
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else {
                throw PolicyFault("", "a place is not closed by }")
            }
            if rest.startIndex < open { segments.append(.text(String(rest[..<open]))) }
            segments.append(try Self.place(rest[rest.index(after: open)..<close]))
            rest = rest[rest.index(after: close)...]
        }
        guard !rest.contains("}") else { throw PolicyFault("", "a } without its {") }
        if !rest.isEmpty { segments.append(.text(String(rest))) }
        self.segments = segments
    }

    init(segments: [Segment]) { self.segments = segments }

    private static func place(_ source: Substring) throws(PolicyFault) -> Segment {
        let parts = source.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty else { throw PolicyFault("", "a place without a key") }
        let blank = parts.count > 1 ? String(parts[1]) : nil
        guard name.contains("=") else { return .value(key: String(name), blank: blank) }
        if name.hasSuffix("=*") { return .choices(key: String(name.dropLast(2))) }
        var conditions: [Condition] = []
        for part in name.split(separator: "&") {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else {
                throw PolicyFault("", "{\(source)} is no condition")
            }
            conditions.append(
                Condition(key: String(sides[0]), codes: sides[1].split(separator: ",").map(String.init)))
        }
        return .box(conditions)
    }

    /// The keys in the order in which they stand.
    package var keys: [String] {
        segments.flatMap { segment -> [String] in
            switch segment {
            case .text: []
            case .value(let key, _), .choices(let key): [key]
            case .box(let conditions): conditions.map(\.key)
            }
        }
    }
}

extension FormText: Decodable {
    /// Reads a JSON string; what is wrong with it is told with its place in the file.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do { try self.init(text) } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.text)
        }
    }
}

extension PolicyFault {
    /// The same fault of a file in which this one's part stands at a path.
    func under(_ path: String) -> Self { Self(path + self.path, code: code, text) }
}
