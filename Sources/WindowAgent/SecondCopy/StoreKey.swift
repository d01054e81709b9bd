package import Cryptography
package import Persistence

/// The one secret of a window's store. Every key that seals something here is derived from it, so that whoever has this one can open
/// all: that is what is wrapped for central and for the recovery sheet. It lies in a ``Persistence/KeyRing``.
package struct StoreKey: Sendable {
    /// Bytes of the key.
    package static let byteCount = 32

    package let secret: SecretBytes

    package init(secret: SecretBytes) {
        precondition(secret.count == Self.byteCount, "the store's key has 32 bytes")
        self.secret = secret
    }

    /// Seals the photos, here and in the second copy.
    package var attachments: SecretBytes { KeyDerivation.key(for: "birthwindow attachments", from: secret) }
    /// Makes the tokens by which the same child is found in two cases.
    package var duplicates: SecretBytes { KeyDerivation.key(for: "birthwindow duplicates", from: secret) }
    /// Marks the browsers in which somebody has signed in.
    package var browsers: SecretBytes { KeyDerivation.key(for: "birthwindow browsers", from: secret) }
    /// Seals the second copy.
    package var journal: SecretBytes { KeyDerivation.key(for: "birthwindow journal", from: secret) }
    /// Seals the values in the database.
    package var database: SecretBytes { KeyDerivation.key(for: "birthwindow database", from: secret) }
}

/// Why a key file of this window cannot be used, and what to do.
package enum WindowKeyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Records are here and the key that opens what is sealed of them is not. A new one would make worthless what the old one sealed.
    case storeKeyMissing(path: String)
    /// This window is enrolled and its device key is gone.
    case deviceKeyMissing(path: String)
    /// A key file is there and cannot be used.
    case unusable(path: String, KeyFileError)
    /// The store's key files are there and cannot be used.
    case ring(KeyRingError, path: String)

    package var description: String {
        switch self {
        case .storeKeyMissing(let path):
            "\(path) is missing though records are here. No new key was made. Put the file back; or move the directory aside "
                + "and run: birthwindow recover --from JOURNAL --sheet CODE (central can help: birthcentral recovery open)"
        case .deviceKeyMissing(let path):
            "\(path), this computer's key, is missing. No new key was made and nothing is lost. Put the file back; or ask "
                + "central for `birthcentral hospital token CODE` and run: birthwindow enroll --central URL --token TOKEN"
        case .unusable(let path, .exposed(let mode)):
            "\(path) may be used by others than its owner (mode \(String(mode, radix: 8))). Run: chmod 600 \(path)"
        case .unusable(let path, .wrongSize(let found, let wanted)):
            "\(path) has \(found) bytes and not \(wanted): it is damaged. Put it back from where it is kept"
        case .unusable(let path, let error): "\(path) cannot be used (\(error))"
        case .ring(let error, let path): error.sentence(KeyRing(keyPath: path))
        }
    }
}

extension AgentDirectory {
    package var storeKeyPath: String { path + "/store.key" }

    /// The store's key; made at the first start, and never again.
    package func storeKey(passphrase: SecretBytes? = nil) throws(WindowKeyError) -> StoreKey {
        let ring = KeyRing(keyPath: storeKeyPath, passphrase: passphrase)
        do throws(KeyRingError) { return StoreKey(secret: try ring.read()) } catch {
            guard error == .key(.absent) else { throw .ring(error, path: storeKeyPath) }
        }
        guard FileIdentity(path: database) == nil, !AttachmentFiles.isInUse(attachments),
            FileIdentity(path: ring.ringPath) == nil
        else {
            throw .storeKeyMissing(path: storeKeyPath)
        }
        do throws(KeyRingError) { return StoreKey(secret: try ring.make()) } catch {
            throw .ring(error, path: storeKeyPath)
        }
    }

    /// By which key the database is sealed, as its file says; nil if it is not, or is not there. Without the key.
    package func sealMark() throws(DatabaseError) -> [UInt8]? {
        guard FileIdentity(path: database) != nil else { return nil }
        let store = SQLConnection.file(
            try Database(path: database, mode: .readOnly, applicationID: WindowSchema.applicationID))
        return try store.isSealed() ? try store.sealMark() : nil
    }
}
