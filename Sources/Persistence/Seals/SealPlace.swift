import Cryptography

/// Where a sealed value belongs. It opens in no other column, and under the key of its case only.
package struct SealPlace: Hashable, Sendable {
    /// Bytes of a case's ID.
    package static let ownerByteCount = 16
    /// What sealing adds to a value of a case.
    package static let overheadByteCount = Int64(1 + ownerByteCount + ValueSealing.overheadByteCount)

    /// Table and column: `change.body`.
    let column: String
    /// The case whose key seals it; empty for what belongs to none, which the store's own key seals.
    let owner: [UInt8]

    /// What belongs to no case.
    package static func store(_ column: String) -> Self { Self(column: column, owner: []) }

    /// What belongs to a case, which may be a hospital's or central's record.
    ///
    /// - Parameter id: the case's.
    package static func of(_ id: [UInt8], _ column: String) -> Self {
        precondition(id.count == ownerByteCount, "a case's ID has 16 bytes")
        return Self(column: column, owner: id)
    }

    /// What the seal is bound to.
    var bytes: [UInt8] { Array(column.utf8) + [0] + owner }
}

/// Why a store's sealed values cannot be read or written. Says nothing of any value.
package enum SealFault: Error, Hashable, Sendable {
    /// The store was sealed under another key than the one at hand.
    case otherKey
    /// There is no key at hand, and the store holds sealed values.
    case noKey
}
