package import Cryptography
import Glibc

/// The secret of a store, from which all its keys are derived, in two files beside each other: a root key, and the secret sealed
/// under it. Another root takes the place of the first without anything else being sealed anew.
///
///     name.key    32 bytes: the root; or salt (16) ‖ the root, sealed under a key stretched from a passphrase (72)
///     name.ring   the secret, sealed under the root (72); twice, under the old and the new one, while the root is changed
///
/// A key file of a time before there were rings has no ring beside it: it is the secret itself.
package struct KeyRing: Sendable {
    /// Characters of a passphrase, in bytes of UTF-8.
    package static let passphraseByteCounts = 8...1024

    package let keyPath: String
    package let ringPath: String
    /// Opens a key file that is sealed itself; nil if nobody gave one.
    package let passphrase: SecretBytes?

    private static let rootPlace = Array("root".utf8)
    private static let secretPlace = Array("secret".utf8)
    private static let sealedRootByteCount = KeyDerivation.saltByteCount + ValueSealing.wrappedKeyByteCount
    private static let keyByteCount = ValueSealing.keyByteCount
    private static let wrappedCount = ValueSealing.wrappedKeyByteCount

    /// - Parameter keyPath: ends in `.key`; the ring lies beside it.
    package init(keyPath: String, passphrase: SecretBytes? = nil) {
        self.keyPath = keyPath
        ringPath = (keyPath.hasSuffix(".key") ? String(keyPath.dropLast(4)) : keyPath) + ".ring"
        self.passphrase = passphrase
    }

    /// The secret.
    ///
    /// - Throws: ``KeyRingError/key(_:)`` with `absent` if there is no key file.
    package func read() throws(KeyRingError) -> SecretBytes {
        let root = try readRoot()
        guard let wrapped = try readRing() else { return root }
        guard let secret = Self.open(wrapped, root) else { throw .otherKey }
        return secret
    }

    /// Makes both files, which must not be there.
    ///
    /// - Parameter secret: one that was there before, after a recovery; nil makes one.
    package func make(secret: SecretBytes? = nil) throws(KeyRingError) -> SecretBytes {
        guard try readRing() == nil else { throw .key(.absent) }
        let (root, secret) = (
            SecretBytes(randomCount: Self.keyByteCount),
            secret ?? SecretBytes(randomCount: Self.keyByteCount)
        )
        // Cut off between the two, what is there is a key file without a ring: a secret of its own, under which nothing is sealed.
        try write(root, under: passphrase, to: keyPath)
        try put(ring: Self.wrap(secret, root))
        return secret
    }

    /// What there is to tell of the files.
    package struct Status: Hashable, Sendable {
        package let hasPassphrase: Bool
        /// When the root was made, milliseconds since 1970, as the file says.
        package let madeAt: UInt64
        /// Whether the root is the secret itself, as before there were rings.
        package let isBare: Bool
    }

    /// How the files stand; opens nothing.
    package func status() throws(KeyRingError) -> Status {
        var file = stat()
        guard stat(keyPath, &file) == 0 else {
            throw .key(errno == ENOENT ? .absent : .system(errno))
        }
        let made = UInt64(max(0, file.st_mtim.tv_sec)) * 1000
        return Status(
            hasPassphrase: Int(file.st_size) == Self.sealedRootByteCount, madeAt: made,
            isBare: try readRing() == nil)
    }
}

extension KeyRing {
    /// A moment of a change of the root, for tests that end there.
    package enum Step: Int, CaseIterable, Sendable { case newKey, bothInRing, keyReplaced, done }

    /// What becomes of the passphrase.
    package enum NewPassphrase: Sendable {
        /// As before.
        case same
        case none
        case new(SecretBytes)
    }

    /// Makes a new root and seals the secret under it; the old one then opens nothing. Cut off at any moment, the files can be read.
    ///
    /// - Parameter step: hears of what was done; what it throws ends it there.
    package func rotate(
        _ new: NewPassphrase = .same, step: (Step) throws(KeyRingError) -> Void = { _ in }
    ) throws(KeyRingError) {
        let lock: FileLock
        do throws(FileLockError) { lock = try FileLock(path: keyPath + ".lock") } catch { throw .busy }
        defer { withExtendedLifetime(lock) {} }
        let secret = try read()
        let oldRoot = try readRoot()
        let root = SecretBytes(randomCount: Self.keyByteCount)
        let newPath = keyPath + ".new"
        unlink(newPath)  // of a change that was cut off
        try write(root, under: try passphrase(new), to: newPath)
        try step(.newKey)
        try put(ring: Self.wrap(secret, oldRoot) + Self.wrap(secret, root))
        try step(.bothInRing)
        do throws(KeyFileError) { try KeyFile.replace(keyPath, with: newPath) } catch { throw .key(error) }
        try step(.keyReplaced)
        try put(ring: Self.wrap(secret, root))
        try step(.done)
    }

    private func passphrase(_ new: NewPassphrase) throws(KeyRingError) -> SecretBytes? {
        switch new {
        case .same: return try status().hasPassphrase ? passphrase : nil
        case .none: return nil
        case .new(let passphrase): return passphrase
        }
    }
}

extension KeyRing {
    private func readRoot() throws(KeyRingError) -> SecretBytes {
        let file: SecretBytes
        do throws(KeyFileError) {
            file = try KeyFile.read(keyPath, byteCountMax: Self.sealedRootByteCount)
        } catch {
            throw .key(error)
        }
        if file.count == Self.keyByteCount { return file }
        guard file.count == Self.sealedRootByteCount else {
            throw .key(.wrongSize(found: file.count, wanted: Self.keyByteCount))
        }
        guard let passphrase else { throw .passphraseNeeded }
        let bytes = file.copy()
        let salt = Array(bytes.prefix(KeyDerivation.saltByteCount))
        guard let key = KeyDerivation.stretched(passphrase, salt: salt) else { throw .noMemory }
        let sealed = Array(bytes.dropFirst(salt.count))
        guard let root = ValueSealing(key: key).open(sealed, for: Self.rootPlace) else {
            throw .wrongPassphrase
        }
        return SecretBytes(root)
    }

    private func write(
        _ root: SecretBytes, under passphrase: SecretBytes?, to path: String
    ) throws(KeyRingError) {
        var file = root
        if let passphrase {
            guard Self.passphraseByteCounts ~= passphrase.count else { throw .unfitPassphrase }
            let salt = SecureRandom.bytes(KeyDerivation.saltByteCount)
            guard let key = KeyDerivation.stretched(passphrase, salt: salt) else { throw .noMemory }
            file = SecretBytes(salt + ValueSealing(key: key).seal(root.copy(), for: Self.rootPlace))
        }
        do throws(KeyFileError) { try KeyFile.write(file, to: path) } catch { throw .key(error) }
    }

    /// Nil if there is no ring.
    private func readRing() throws(KeyRingError) -> [UInt8]? {
        do throws(KeyFileError) {
            return try KeyFile.read(ringPath, byteCountMax: 2 * Self.wrappedCount).copy()
        } catch {
            if error == .absent { return nil }
            throw .ring(error)
        }
    }

    private func put(ring: [UInt8]) throws(KeyRingError) {
        let newPath = ringPath + ".new"
        unlink(newPath)
        do throws(KeyFileError) {
            try KeyFile.write(SecretBytes(ring), to: newPath)
            try KeyFile.replace(ringPath, with: newPath)
        } catch { throw .ring(error) }
    }

    private static func wrap(_ secret: SecretBytes, _ root: SecretBytes) -> [UInt8] {
        ValueSealing(key: root).seal(secret.copy(), for: secretPlace)
    }

    private static func open(_ ring: [UInt8], _ root: SecretBytes) -> SecretBytes? {
        for start in stride(from: 0, to: ring.count, by: wrappedCount) {
            let wrapped = Array(ring[start..<min(ring.count, start + wrappedCount)])
            if let secret = ValueSealing(key: root).open(wrapped, for: secretPlace),
                secret.count == keyByteCount
            {
                return SecretBytes(secret)
            }
        }
        return nil
    }
}

/// Why the secret of a store cannot be had. Says nothing of it.
package enum KeyRingError: Error, Hashable, Sendable {
    /// The key file cannot be used; ``KeyFileError/absent`` if it is not there.
    case key(KeyFileError)
    /// The ring cannot be used.
    case ring(KeyFileError)
    /// The ring was sealed under another key.
    case otherKey
    /// The key file is sealed under a passphrase, and none was given.
    case passphraseNeeded
    case wrongPassphrase
    /// The new passphrase is too short or too long; see ``KeyRing/passphraseByteCounts``.
    case unfitPassphrase
    /// There is no memory to stretch a passphrase.
    case noMemory
    /// Somebody else is changing the key.
    case busy

    /// A technician's sentence about the key file at a path, and what to do.
    package func sentence(_ ring: KeyRing) -> String {
        switch self {
        case .key(.absent): "\(ring.keyPath) is missing. Put it back from where it is kept"
        case .key(.exposed(let mode)), .ring(.exposed(let mode)):
            "\(path(ring)) may be used by others than its owner (mode \(String(mode, radix: 8))). Run: chmod 600 \(path(ring))"
        case .key(.wrongSize(let found, let wanted)):
            "\(ring.keyPath) has \(found) bytes and not \(wanted): it is damaged. Put it back from where it is kept"
        case .key(let error), .ring(let error): "\(path(ring)) cannot be used (\(error))"
        case .otherKey:
            "\(ring.ringPath) was made for another key than \(ring.keyPath). Put both back as they were kept, together"
        case .passphraseNeeded:
            "\(ring.keyPath) is sealed under a passphrase: name its file with --passphrase-file"
        case .wrongPassphrase: "the passphrase does not open \(ring.keyPath)"
        case .unfitPassphrase:
            "a passphrase has \(KeyRing.passphraseByteCounts.lowerBound) to \(KeyRing.passphraseByteCounts.upperBound) bytes"
        case .noMemory: "there is not enough memory to stretch a passphrase (64 MiB)"
        case .busy: "\(ring.keyPath) is being changed by another process"
        }
    }

    private func path(_ ring: KeyRing) -> String {
        if case .ring = self { ring.ringPath } else { ring.keyPath }
    }
}
