/// The header fields of a message: in order, repeats allowed, names compared without case.
package struct Headers: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// One line of a head.
    package struct Field: Hashable, Sendable {
        /// The name as it was written.
        package let name: String
        /// The value without the space around it.
        package let value: String
    }

    /// The fields in the order in which they came or were appended.
    package private(set) var fields: [Field] = []

    /// No fields.
    package init() {}

    /// The fields in the order written; a name may be written twice.
    package init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// The value of a field, nil when it is absent. Reading joins repeats with a comma, as RFC 9110
    /// section 5.3 has it; writing replaces all repeats, and nil removes them.
    package subscript(name: String) -> String? {
        get {
            let values = values(of: name)
            return values.isEmpty ? nil : values.joined(separator: ", ")
        }
        set {
            fields.removeAll { Headers.areSame($0.name, name) }
            if let newValue { append(name, newValue) }
        }
    }

    /// Every value of a field, one for each line that had the name.
    package func values(of name: String) -> [String] {
        fields.filter { Headers.areSame($0.name, name) }.map(\.value)
    }

    /// Adds a line, also when there is one of that name already.
    package mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// The bytes that the fields take in a head, with their colons and line ends.
    package var byteCount: Int {
        fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
    }

    /// Whether each name is a token and no value can end its line (RFC 9110 section 5): what comes from
    /// elsewhere could otherwise write header lines of its own.
    package var isSendable: Bool {
        fields.allSatisfy { field in
            !field.name.isEmpty && field.name.utf8.allSatisfy(Headers.isTokenByte)
                && field.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
        }
    }

    /// Whether two names are the same but for the case of ASCII letters.
    private static func areSame(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8) { lowercased($0) == lowercased($1) }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
