/// Percent-encoding of request targets (RFC 3986 section 2.1).
package enum PercentCoding {
    /// The text with everything encoded but letters, digits, `-`, `.`, `_`, `~` and `/`.
    package static func encode(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                String(UnicodeScalar(byte))
            default: "%" + [byte].hexadecimal.uppercased()
            }
        }.joined()
    }

    /// The text without its encoding; nil when a `%` is not followed by two hexadecimal digits, or when
    /// what comes out is not UTF-8 or holds a control character. With `allowsLines`, tabs and line ends may stand in it; the
    /// latter become one line feed.
    static func decode(
        _ text: some StringProtocol, plusIsSpace: Bool = false, allowsLines: Bool = false
    ) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        let isAllowed = { (byte: UInt8) in
            byte >= 0x20 && byte != 0x7F || allowsLines && (9...10 ~= byte || byte == 13)
        }
        guard bytes.allSatisfy(isAllowed), let decoded = String(validating: bytes, as: UTF8.self) else {
            return nil
        }
        return allowsLines
            ? decoded.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).joined(
                separator: "\n") : decoded
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
