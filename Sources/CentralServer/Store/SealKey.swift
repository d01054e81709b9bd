package import Cryptography
package import Persistence
import Web

/// The key that central's store is sealed under, found when the store is opened.
package struct SealKey: Sendable {
    /// The name of the file in central's directory; its ring lies beside it.
    package static let fileName = "seal.key"

    private enum Source {
        case secret(SecretBytes)
        case ring(KeyRing)
    }

    private let source: Source
    /// A passphrase takes some tenths of a second to stretch.
    private let found = Guarded<SecretBytes?>(nil)

    /// A key that is at hand.
    package init(_ secret: SecretBytes) { source = .secret(secret) }

    /// A key in files, which are made for a store that is not sealed yet and has none.
    package init(_ ring: KeyRing) { source = .ring(ring) }

    /// The files in a central's directory.
    package static func ring(in directory: String, passphrase: SecretBytes?) -> KeyRing {
        KeyRing(keyPath: directory + "/" + fileName, passphrase: passphrase)
    }

    /// The key of the database.
    ///
    /// - Parameter isSealed: whether the store is sealed already; then nothing is made anew.
    package func secret(isSealed: Bool) throws(CentralError) -> SecretBytes {
        if let secret = found.withLock({ $0 }) { return secret }
        let secret = Self.database(try read(isSealed: isSealed))
        found.withLock { $0 = secret }
        return secret
    }

    /// The key of the database, of a store that may be there or not; nil if there is no key file.
    package func present() throws(CentralError) -> SecretBytes? {
        if case .ring(let ring) = source, FileIdentity(path: ring.keyPath) == nil { return nil }
        return try secret(isSealed: true)
    }

    private func read(isSealed: Bool) throws(CentralError) -> SecretBytes {
        switch source {
        case .secret(let secret): return secret
        case .ring(let ring):
            do throws(KeyRingError) {
                do throws(KeyRingError) { return try ring.read() } catch {
                    guard error == .key(.absent), !isSealed else { throw error }
                    return try ring.make()
                }
            } catch {
                throw .store(StoreFailure(kind: .foreign, description: error.sentence(ring)))
            }
        }
    }

    /// The key of the database, of what the files hold.
    package static func database(_ secret: SecretBytes) -> SecretBytes {
        KeyDerivation.key(for: "birthcentral database", from: secret)
    }
}

/// What is needed to look into a store.
package struct StoreKeys: Sendable {
    /// Without them, receipts are not looked at.
    package let receipts: Receipts?
    /// The key that the values are sealed under; nil opens only a store of before they were.
    package let seal: SecretBytes?

    package init(receipts: Receipts?, seal: SecretBytes?) { (self.receipts, self.seal) = (receipts, seal) }

    /// The keys in a central's directory, as far as they are there.
    package init(in directory: String, passphrase: SecretBytes?) throws(CentralError) {
        receipts = Central.receiptKey(in: directory).map { Receipts(key: $0) }
        seal = try SealKey(SealKey.ring(in: directory, passphrase: passphrase)).present()
    }
}
