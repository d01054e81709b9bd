package import Cryptography

/// How far an audit log has come, as another machine keeps it: whoever cuts or rewrites the log cannot change what is kept there.
package struct AuditAnchor: Hashable, Sendable {
    /// Bytes of a log's name.
    package static let logByteCount = 16

    /// The log's name: minted when it was begun.
    package let log: [UInt8]
    /// The number of its last line.
    package let sequence: UInt64
    /// The chain's value there: a keyed code, which tells nothing about any line.
    package let value: Digest

    /// - Parameter log: 16 bytes.
    package init(log: [UInt8], sequence: UInt64, value: Digest) {
        precondition(log.count == Self.logByteCount, "a log's name has 16 bytes")
        (self.log, self.sequence, self.value) = (log, sequence, value)
    }

    func write(to writer: inout CBORWriter) {
        writer.writeArray(3)
        writer.write(log)
        writer.write(sequence)
        writer.write(value.bytes)
    }

    init(from reader: inout CBORReader) throws(CBORError) {
        try reader.readArray(count: 3)
        self.init(
            log: try reader.readBytes(count: Self.logByteCount), sequence: try reader.readCounter(),
            value: try reader.readDigest())
    }
}
