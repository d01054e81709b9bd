/// One data item of deterministic CBOR (RFC 8949 section 4.2): what a field's value is made of.
///
/// There are no tags, no indefinite lengths, no NaN and no infinities, and two values are equal only if their bytes are:
/// texts are compared by their UTF-8, not by what Unicode holds to be the same, and −0.0 is not 0.0.
package indirect enum CBOR: Sendable {
    /// Major type 0.
    case unsigned(UInt64)
    /// Major type 1: the number −1 − n.
    case negative(UInt64)
    /// Major type 2.
    case bytes([UInt8])
    /// Major type 3: valid UTF-8.
    case text(String)
    /// Major type 4.
    case array([CBOR])
    /// Major type 5, in the order of the encoded keys. Make it with ``map(of:)``.
    case map([Entry])
    /// Simple values 20 and 21.
    case bool(Bool)
    /// Simple value 22: nothing was answered.
    case null
    /// A finite number in the shortest of 16, 32 and 64 bits that keeps it exact.
    case float(Double)

    /// A key of a map, and what stands under it.
    package struct Entry: Hashable, Sendable {
        package let key: CBOR
        package let value: CBOR

        package init(key: CBOR, value: CBOR) {
            self.key = key
            self.value = value
        }
    }

    /// A map in canonical order. Of keys that come twice the first is kept.
    package static func map(of entries: [Entry]) -> CBOR {
        var seen: Set<[UInt8]> = []
        return .map(
            entries.map { (bytes: $0.key.encoded, entry: $0) }
                .filter { seen.insert($0.bytes).inserted }
                .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
                .map(\.entry))
    }

    /// A signed integer.
    package static func integer(_ value: Int64) -> CBOR {
        value < 0 ? .negative(UInt64(-(value + 1))) : .unsigned(UInt64(value))
    }

    /// The one encoding of this value.
    package var encoded: [UInt8] {
        var writer = CBORWriter()
        writer.write(self)
        return writer.bytes
    }

    /// Reads exactly one data item, strictly.
    package init(decoding bytes: [UInt8], depthMax: Int = Limits.valueDepthMax) throws(CBORError) {
        var reader = CBORReader(bytes)
        self = try reader.readValue(depthMax: depthMax)
        try reader.finish()
    }
}

extension CBOR: Hashable {
    package static func == (left: CBOR, right: CBOR) -> Bool {
        switch (left, right) {
        case (.unsigned(let left), .unsigned(let right)): left == right
        case (.negative(let left), .negative(let right)): left == right
        case (.bytes(let left), .bytes(let right)): left == right
        case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
        case (.array(let left), .array(let right)): left == right
        case (.map(let left), .map(let right)): left == right
        case (.bool(let left), .bool(let right)): left == right
        case (.null, .null): true
        case (.float(let left), .float(let right)): left.bitPattern == right.bitPattern
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(encoded) }
}

/// Why bytes are not one well-formed, canonical data item within the limits, and where.
package struct CBORError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong; the texts are for logs.
    package enum Reason: String, Hashable, Sendable {
        case truncated = "the bytes end too early"
        case notShortest = "a number or length is not in its shortest form"
        case indefinite = "indefinite lengths are not allowed"
        case unsupported = "tags and unassigned simple values are not allowed"
        case invalidText = "a text is not valid UTF-8"
        case unordered = "keys are not in ascending order, or one comes twice"
        case tooDeep = "the nesting is too deep"
        case tooLong = "a length or number is over its limit"
        case unexpectedType = "another type was expected here"
        case trailingBytes = "bytes follow after the end"
        case notFinite = "a number is not finite"
        case selfReference = "a change names a dot of its own replica that did not exist yet"
        case repeated = "one name comes twice in a list"
    }

    package let reason: Reason
    /// The byte, counted from 0, at which reading stopped.
    package let offset: Int

    package init(reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String { "CBOR: \(reason.rawValue) (byte \(offset))" }
}
