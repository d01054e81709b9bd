package import Cryptography

/// An attachment that an agent has and central may lack.
package struct AttachmentOffer: Hashable, Sendable {
    /// The SHA-256 of its bytes: its name.
    package let hash: Digest
    /// How many bytes it has.
    package let byteCount: UInt64

    package init(hash: Digest, byteCount: UInt64) { (self.hash, self.byteCount) = (hash, byteCount) }
}

/// The right to upload one attachment.
package struct AttachmentGrant: Hashable, Sendable {
    package let hash: Digest
    /// Presented as `Authorization: Bearer …`; opaque to the agent.
    package let token: String
    /// When the token ends, milliseconds since 1970 by central's clock.
    package let expires: UInt64

    package init(hash: Digest, token: String, expires: UInt64) {
        (self.hash, self.token, self.expires) = (hash, token, expires)
    }
}

extension CBORWriter {
    mutating func write(_ offer: AttachmentOffer) {
        writeArray(2)
        write(offer.hash.bytes)
        write(offer.byteCount)
    }

    mutating func write(_ grant: AttachmentGrant) {
        writeArray(3)
        write(grant.hash.bytes)
        write(grant.token)
        write(grant.expires)
    }
}

extension CBORReader {
    mutating func readOffers() throws(CBORError) -> [AttachmentOffer] {
        try readList(countMax: Limits.offersMax, distinct: \.hash) { reader throws(CBORError) in
            try reader.readArray(count: 2)
            return AttachmentOffer(hash: try reader.readDigest(), byteCount: try reader.readCounter())
        }
    }

    mutating func readGrants() throws(CBORError) -> [AttachmentGrant] {
        try readList(countMax: Limits.offersMax, distinct: \.hash) { reader throws(CBORError) in
            try reader.readArray(count: 3)
            return AttachmentGrant(
                hash: try reader.readDigest(), token: try reader.readText(bytesMax: Limits.tokenBytesMax),
                expires: try reader.readCounter())
        }
    }

    mutating func readHashes(countMax: Int) throws(CBORError) -> [Digest] {
        try readList(countMax: countMax, distinct: \.self) { reader throws(CBORError) in
            try reader.readDigest()
        }
    }
}
