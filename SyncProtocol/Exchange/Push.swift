/// Changes that an agent sends, after the head of its request.
///
///     run     = [1, replica: bstr .size 8, first: uint, chain: bstr .size 32, [+ body: bstr]]
///     foreign = [2, replica: bstr .size 8, sequence: uint, body: bstr, receipt: bstr .size 16]
package enum Push: Hashable, Sendable {
    /// Changes of one of the device's own replicas, in the order of their sequences. The chain is the value before the first.
    case run(replica: ReplicaID, first: UInt64, chain: Chain, bodies: [[UInt8]])
    /// A change of anybody that central once accepted, and its proof. Taken without chain link.
    case foreign(replica: ReplicaID, sequence: UInt64, body: [UInt8], receipt: Receipt)
    /// A kind of a later version, not taken apart: not acknowledged, so its sender keeps it.
    case unknown(kind: UInt64)

    /// How many changes it carries.
    package var changeCount: Int {
        switch self {
        case .run(_, _, _, let bodies): bodies.count
        case .foreign: 1
        case .unknown: 0
        }
    }

    /// Bytes of the changes that it carries.
    package var bodyBytes: Int {
        switch self {
        case .run(_, _, _, let bodies): bodies.reduce(0) { $0 + $1.count }
        case .foreign(_, _, let body, _): body.count
        case .unknown: 0
        }
    }

    func write(to writer: inout CBORWriter) {
        switch self {
        case .run(let replica, let first, let chain, let bodies):
            writer.writeArray(5)
            writer.write(UInt64(1))
            writer.write(replica.bytes)
            writer.write(first)
            writer.write(chain.bytes)
            writer.writeArray(bodies.count)
            for body in bodies { writer.write(body) }
        case .foreign(let replica, let sequence, let body, let receipt):
            writer.writeArray(5)
            writer.write(UInt64(2))
            writer.write(replica.bytes)
            writer.write(sequence)
            writer.write(body)
            writer.write(receipt.bytes)
        case .unknown: preconditionFailure("a kind that is not known is never written")
        }
    }

    init(from reader: inout CBORReader) throws(CBORError) {
        let kind = try reader.peekKind()
        switch kind {
        case 1:
            _ = try reader.readKind(memberCount: 5)
            let replica = try reader.readReplica()
            let first = try reader.readCounter()
            let chain = Chain(rawValue: try reader.readDigest())
            var bodies: [[UInt8]] = []
            for _ in 0..<(try reader.readArray(countMax: Limits.bodiesPerRunMax)) {
                bodies.append(try reader.readBytes(countMax: Limits.exchangeBytesMax))
            }
            guard first > 0, !bodies.isEmpty, UInt64(bodies.count - 1) <= Limits.counterMax - first else {
                throw reader.failure(.unexpectedType)
            }
            self = .run(replica: replica, first: first, chain: chain, bodies: bodies)
        case 2:
            _ = try reader.readKind(memberCount: 5)
            let replica = try reader.readReplica()
            let sequence = try reader.readCounter()
            let body = try reader.readBytes(countMax: Limits.exchangeBytesMax)
            guard sequence > 0 else { throw reader.failure(.unexpectedType) }
            self = .foreign(
                replica: replica, sequence: sequence, body: body, receipt: try reader.readReceipt())
        default:
            _ = try reader.readEncodedItem(depthMax: Limits.valueDepthMax)
            self = .unknown(kind: kind)
        }
    }
}
