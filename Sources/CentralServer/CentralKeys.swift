package import Cryptography
import Persistence

/// The keys by which agents know central and seal for it.
package struct CentralIdentity: Sendable {
    /// Signs what agents are given without a connection.
    package let signing: Ed25519.SigningKey
    /// Agents seal their own keys for it. Its other half is needed only when a window's disk is lost.
    package let recovery: SealedBox.PublicKey

    package init(signing: Ed25519.SigningKey, recovery: SealedBox.PublicKey) {
        (self.signing, self.recovery) = (signing, recovery)
    }
}

/// Central's secrets: each in a file of its own in central's directory, mode 0600, in no backup. They are made at the first start; one
/// that is missing later is never replaced by a new one, which would make worthless what agents hold.
struct CentralKeys: Sendable {
    let receipt: SecretBytes
    let attachment: SecretBytes
    let staffToken: SecretBytes
    let identity: CentralIdentity
    /// By what a shared database knows them. The staff's token may be changed at any time.
    let marks: [KeyMark]

    private enum File {
        static let receipt = "receipt.key"
        static let attachment = "attachment.key"
        static let staffToken = "staff.token"
        static let signing = "central.key"
        /// May be kept elsewhere, in a safe: central itself only needs the public half.
        static let recovery = "recovery.key"
        static let recoveryPublic = "recovery.public"
    }

    /// Reads them, or makes them at the first start.
    ///
    /// - Throws: ``CentralStartError``, ``KeyFileError``.
    init(directory: String, hasStore: Bool, hasAttachments: Bool, newStaffToken: Token) throws {
        let place = Place(directory: directory)
        receipt = try place.secret(File.receipt, isNeeded: hasStore)
        attachment = try place.secret(File.attachment, isNeeded: hasAttachments)
        staffToken = try place.secret(
            File.staffToken, isNeeded: false, new: SecretBytes(Array(newStaffToken.text.utf8)))
        let seed = try place.secret(File.signing, isNeeded: hasStore)
        guard let signing = Ed25519.SigningKey(seed: seed) else {
            throw CentralStartError.keyMissing(File.signing)
        }
        identity = CentralIdentity(signing: signing, recovery: try place.recovery(isNeeded: hasStore))
        marks = [
            KeyMark(name: File.receipt, key: receipt), KeyMark(name: File.attachment, key: attachment),
            KeyMark(name: File.signing, key: seed),
            KeyMark(name: File.recoveryPublic, key: SecretBytes(identity.recovery.bytes)),
        ]
    }

    /// The key of the receipts, for who only reads; nil if it is not there.
    static func receiptKey(in directory: String) -> SecretBytes? {
        try? KeyFile.read(directory + "/" + File.receipt, byteCount: Receipts.keyByteCount)  // nil says so
    }

    /// The files that a central with a store needs and a directory does not have.
    static func missing(in directory: String, hasAttachments: Bool) -> [String] {
        let needed =
            [File.receipt, File.signing, File.recoveryPublic, SealKey.fileName]
            + (hasAttachments ? [File.attachment] : [])
        return needed.filter { FileIdentity(path: directory + "/" + $0) == nil }
    }

    private struct Place {
        let directory: String

        func secret(
            _ name: String, isNeeded: Bool, new: SecretBytes = SecretBytes(randomCount: 32)
        ) throws -> SecretBytes {
            let path = directory + "/" + name
            do throws(KeyFileError) { return try KeyFile.read(path, byteCount: new.count) } catch {
                guard error == .absent else { throw error }
                guard !isNeeded else { throw CentralStartError.keyMissing(name) }
                try KeyFile.write(new, to: path)
                return new
            }
        }

        func recovery(isNeeded: Bool) throws -> SealedBox.PublicKey {
            let path = directory + "/" + File.recoveryPublic
            if FileIdentity(path: path) == nil, !isNeeded {
                // The secret half is there first: for a public half alone agents would seal in vain.
                let key = SealedBox.OpeningKey(secret: try secret(File.recovery, isNeeded: false))
                if let key { try KeyFile.write(SecretBytes(key.publicKey.bytes), to: path) }
            }
            let bytes = try secret(File.recoveryPublic, isNeeded: true).copy()
            guard let key = SealedBox.PublicKey(bytes: bytes) else {
                throw CentralStartError.keyMissing(File.recoveryPublic)
            }
            return key
        }
    }
}

/// Why central does not start.
package enum CentralStartError: Error, Hashable, Sendable {
    /// The store, or the attachments, are there without this key file. With another key all that was made with the old one would be
    /// worthless: put the file back from where it is kept.
    case keyMissing(String)
    /// These key files are not those of the processes that share the database.
    case otherKeys([String])
    /// The records of this directory are in a shared database, which was not named.
    case isShared
    /// The directory holds a store of its own, and a shared database was named.
    case hasFile
}
