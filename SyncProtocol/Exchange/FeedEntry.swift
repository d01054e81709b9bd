package import Cryptography

/// What central answers after the head of its response: entries of the hospital's feed in order of position, and
/// changes supplied on request, which have no position.
///
///     change   = [1, replica: bstr .size 8, sequence: uint, body: bstr, receipt: bstr .size 16]
///     own      = [2, replica: bstr .size 8, first: uint, last: uint]      ; stands for last − first + 1 entries
///     enters   = [3, case: bstr .size 16]
///     leaves   = [4, case: bstr .size 16]
///     supplied = [5, replica: bstr .size 8, sequence: uint, body: bstr, receipt: bstr .size 16]
///     late     = [6, replica: bstr .size 8, sequence: uint, body: bstr, receipt: bstr .size 16]
package enum FeedEntry: Hashable, Sendable {
    case change(replica: ReplicaID, sequence: UInt64, body: [UInt8], receipt: Receipt)
    /// A run of changes that the agent holds already, by what its heads say.
    case own(replica: ReplicaID, first: UInt64, last: UInt64)
    /// All changes of the case follow.
    case enters(CaseID)
    /// The case is no longer this hospital's. Unsent changes are still taken.
    case leaves(CaseID)
    /// A change that was asked for; not an entry of the feed.
    case supplied(replica: ReplicaID, sequence: UInt64, body: [UInt8], receipt: Receipt)
    /// A change that was taken after its case had left: this hospital's own, or a verdict on one. It takes a position, and does
    /// not count in the scope's fingerprint.
    case late(replica: ReplicaID, sequence: UInt64, body: [UInt8], receipt: Receipt)
    /// An entry of a later version: kept as it came, so that the feed's chain can be followed.
    case unknown([UInt8])

    /// The link of the feed's chain for a change.
    package static func link(change id: ContentID) -> Digest { link(kind: 1, id.bytes) }
    /// The link of the feed's chain for a case that enters.
    package static func link(enters id: CaseID) -> Digest { link(kind: 3, id.bytes) }
    /// The link of the feed's chain for a case that leaves.
    package static func link(leaves id: CaseID) -> Digest { link(kind: 4, id.bytes) }
    /// The link of the feed's chain for a change of a case that left.
    package static func link(late id: ContentID) -> Digest { link(kind: 6, id.bytes) }
    /// The link of the feed's chain for an entry of a later version, as it came.
    package static func link(unknown item: [UInt8]) -> Digest { SHA256.hash(item) }

    private static func link(kind: UInt64, _ subject: [UInt8]) -> Digest {
        var writer = CBORWriter()
        writer.writeArray(2)
        writer.write(kind)
        writer.write(subject)
        return SHA256.hash(writer.bytes)
    }

    func write(to writer: inout CBORWriter) {
        switch self {
        case .change(let replica, let sequence, let body, let receipt):
            write(1, replica, sequence, body, receipt, to: &writer)
        case .supplied(let replica, let sequence, let body, let receipt):
            write(5, replica, sequence, body, receipt, to: &writer)
        case .late(let replica, let sequence, let body, let receipt):
            write(6, replica, sequence, body, receipt, to: &writer)
        case .own(let replica, let first, let last):
            writer.writeArray(4)
            writer.write(UInt64(2))
            writer.write(replica.bytes)
            writer.write(first)
            writer.write(last)
        case .enters(let id): write(3, id, to: &writer)
        case .leaves(let id): write(4, id, to: &writer)
        case .unknown(let item): writer.writeEncoded(item)
        }
    }

    private func write(
        _ kind: UInt64, _ replica: ReplicaID, _ sequence: UInt64, _ body: [UInt8], _ receipt: Receipt,
        to writer: inout CBORWriter
    ) {
        writer.writeArray(5)
        writer.write(kind)
        writer.write(replica.bytes)
        writer.write(sequence)
        writer.write(body)
        writer.write(receipt.bytes)
    }

    private func write(_ kind: UInt64, _ id: CaseID, to writer: inout CBORWriter) {
        writer.writeArray(2)
        writer.write(kind)
        writer.write(id.bytes)
    }

    init(from reader: inout CBORReader) throws(CBORError) {
        let kind = try reader.peekKind()
        switch kind {
        case 1, 5, 6:
            _ = try reader.readKind(memberCount: 5)
            let replica = try reader.readReplica()
            let sequence = try reader.readCounter()
            guard sequence > 0 else { throw reader.failure(.unexpectedType) }
            let body = try reader.readBytes(countMax: Limits.bodyBytesMax)
            let receipt = try reader.readReceipt()
            switch kind {
            case 1: self = .change(replica: replica, sequence: sequence, body: body, receipt: receipt)
            case 5: self = .supplied(replica: replica, sequence: sequence, body: body, receipt: receipt)
            default: self = .late(replica: replica, sequence: sequence, body: body, receipt: receipt)
            }
        case 2:
            _ = try reader.readKind(memberCount: 4)
            let (replica, first) = (try reader.readReplica(), try reader.readCounter())
            let last = try reader.readCounter()
            guard first > 0, last >= first else { throw reader.failure(.unexpectedType) }
            self = .own(replica: replica, first: first, last: last)
        case 3:
            _ = try reader.readKind(memberCount: 2)
            self = .enters(try reader.readCaseID())
        case 4:
            _ = try reader.readKind(memberCount: 2)
            self = .leaves(try reader.readCaseID())
        default: self = .unknown(try reader.readEncodedItem(depthMax: Limits.valueDepthMax))
        }
    }
}

extension CBORReader {
    /// The first member of the array that comes next: its kind. Nothing is consumed.
    func peekKind() throws(CBORError) -> UInt64 {
        var ahead = self
        guard try ahead.readArray(countMax: Limits.membersPerItemMax) > 0 else {
            throw ahead.failure(.unexpectedType)
        }
        return try ahead.readUnsigned()
    }

    /// Consumes the head of an array of `memberCount` members and its kind.
    mutating func readKind(memberCount: Int) throws(CBORError) -> UInt64 {
        try readArray(count: memberCount)
        return try readUnsigned()
    }

    mutating func readReceipt() throws(CBORError) -> Receipt {
        guard let receipt = Receipt(bytes: try readBytes(count: Receipt.byteCount)) else {
            throw failure(.unexpectedType)
        }
        return receipt
    }
}
