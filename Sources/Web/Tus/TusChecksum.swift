import Cryptography
import Foundation

/// A checksum as `Upload-Checksum` writes it: `sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=`.
package struct TusChecksum: Hashable, Sendable {
    /// What a checksum can be made with. tus demands SHA-1.
    package enum Algorithm: String, Hashable, Sendable, CaseIterable {
        case sha1, sha256
    }

    package let algorithm: Algorithm
    package let bytes: [UInt8]

    /// Reads the header's value.
    package init(_ text: String) throws(TusRefusal) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard text.utf8.count <= Tus.checksumByteCountMax, parts.count == 2 else {
            throw .malformed("Upload-Checksum is not an algorithm and Base64.")
        }
        guard let algorithm = Algorithm(rawValue: String(parts[0])) else {
            throw .malformed("The checksum's algorithm is not known.")
        }
        guard let data = Data(base64Encoded: String(parts[1])), data.count == algorithm.byteCount else {
            throw .malformed("Upload-Checksum is not an algorithm and Base64.")
        }
        (self.algorithm, bytes) = (algorithm, [UInt8](data))
    }

    /// Takes in the bytes that a checksum is of.
    struct Hasher {
        private enum State {
            case sha1(SHA1)
            case sha256(SHA256)
        }

        private var state: State

        init(_ algorithm: Algorithm) {
            state = algorithm == .sha1 ? .sha1(SHA1()) : .sha256(SHA256())
        }

        mutating func update(_ bytes: [UInt8]) {
            switch state {
            case .sha1(var hasher):
                hasher.update(bytes)
                state = .sha1(hasher)
            case .sha256(var hasher):
                hasher.update(bytes)
                state = .sha256(hasher)
            }
        }

        mutating func finish() -> [UInt8] {
            switch state {
            case .sha1(var hasher): hasher.finish()
            case .sha256(var hasher): hasher.finish().bytes
            }
        }
    }
}

extension TusChecksum.Algorithm {
    var byteCount: Int { self == .sha1 ? SHA1.byteCount : Digest.byteCount }
}
