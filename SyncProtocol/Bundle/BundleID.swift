/// The name of one bundle: 16 random bytes, in text 32 hexadecimal digits.
package struct BundleID: Hashable, Sendable, CustomStringConvertible {
    /// Bytes of a name.
    package static let byteCount = 16

    package let bytes: [UInt8]

    /// Refuses any other count of bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Reads what ``description`` writes.
    package init?(_ text: String) {
        guard text.utf8.count == 2 * Self.byteCount else { return nil }
        var bytes: [UInt8] = []
        var rest = Substring(text)
        while !rest.isEmpty {
            guard rest.utf8.prefix(2).allSatisfy({ 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }),
                let byte = UInt8(rest.prefix(2), radix: 16)
            else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        self.bytes = bytes
    }

    package var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
