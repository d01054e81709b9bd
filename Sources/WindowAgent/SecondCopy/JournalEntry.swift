package import SyncProtocol

/// One change as a journal keeps it: all that its row in the log cannot be made from again.
///
///     entry = [replica: bstr .size 8, sequence: uint, body: bstr, receipt: bstr .size 16 / null, saved: uint, own: bool]
package struct JournalEntry: Hashable, Sendable {
    package let replica: ReplicaID
    package let sequence: UInt64
    package let body: [UInt8]
    /// Central's word for it; nil for one of this window that central has not shown since.
    package let receipt: Receipt?
    /// When it came to this window, milliseconds since 1970.
    package let savedAt: UInt64
    /// This window wrote it.
    package let isOwn: Bool

    init(
        replica: ReplicaID, sequence: UInt64, body: [UInt8], receipt: Receipt?, savedAt: UInt64, isOwn: Bool
    ) {
        (self.replica, self.sequence, self.body) = (replica, sequence, body)
        (self.receipt, self.savedAt, self.isOwn) = (receipt, savedAt, isOwn)
    }

    /// The bytes before sealing.
    var encoded: [UInt8] {
        var writer = CBORWriter()
        writer.writeArray(6)
        writer.write(replica.bytes)
        writer.write(sequence)
        writer.write(body)
        if let receipt { writer.write(receipt.bytes) } else { writer.writeNull() }
        writer.write(savedAt)
        writer.write(isOwn)
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        try reader.readArray(count: 6)
        guard let name = UInt64(bigEndianBytes: try reader.readBytes(count: 8)) else {
            throw reader.failure(.unexpectedType)
        }
        replica = ReplicaID(rawValue: name)
        sequence = try reader.readCounter()
        body = try reader.readBytes(countMax: Limits.bodyBytesMax)
        receipt =
            reader.readNullIfPresent()
            ? nil : Receipt(bytes: try reader.readBytes(count: Receipt.byteCount))
        savedAt = try reader.readUnsigned()
        isOwn = try reader.readBool()
        try reader.finish()
    }
}
