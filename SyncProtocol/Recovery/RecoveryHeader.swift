package import Cryptography

/// The head of a window's journal: who can open it. Nothing in it is personal, and nothing in it is secret without one of the keys.
///
///     file    = header ‖ SHA-256 (header)
///     header  = [1, journal: bstr .size 16, central / null, sheet / null]
///     central = [recovery key: bstr .size 32, box: bstr]         the store's key in a sealed box for central's recovery key
///     sheet   = [salt: bstr .size 16, sealed: bstr]              the store's key under the key stretched from a recovery code
///
/// `sealed` is a record of ``FrameSealing`` under the name SHA-256 (salt).
package struct RecoveryHeader: Hashable, Sendable {
    /// The store's key for central.
    package struct Central: Hashable, Sendable {
        /// The key that it was sealed for.
        package let recoveryKey: [UInt8]
        package let box: [UInt8]
    }

    /// The store's key for who has the recovery sheet.
    package struct Sheet: Hashable, Sendable {
        package let salt: [UInt8]
        package let sealed: [UInt8]

        package init(salt: [UInt8], sealed: [UInt8]) { (self.salt, self.sealed) = (salt, sealed) }
    }

    /// Bytes of a journal's ID.
    package static let journalByteCount = 16
    /// Bytes of a header's file at most.
    package static let byteCountMax = 4096
    /// Bytes of the store's key.
    package static let keyByteCount = 32
    private static let version: UInt64 = 1

    package let journal: [UInt8]
    package var central: Central?
    package var sheet: Sheet?

    package init(journal: [UInt8], central: Central? = nil, sheet: Sheet? = nil) {
        (self.journal, self.central, self.sheet) = (journal, central, sheet)
    }

    /// Reads a header's file.
    ///
    /// - Throws: ``CBORError`` for one that is damaged, of a later version or no header.
    package init(decoding file: [UInt8]) throws(CBORError) {
        let bytes = Array(file.dropLast(Digest.byteCount))
        var reader = CBORReader(bytes)
        guard file.count <= Self.byteCountMax, file.count > Digest.byteCount,
            SHA256.hash(bytes).bytes.elementsEqual(file.suffix(Digest.byteCount))
        else { throw reader.failure(.truncated) }
        try reader.readArray(count: 4)
        guard try reader.readUnsigned() == Self.version else { throw reader.failure(.unexpectedType) }
        journal = try reader.readBytes(count: Self.journalByteCount)
        if !reader.readNullIfPresent() {
            try reader.readArray(count: 2)
            central = Central(
                recoveryKey: try reader.readBytes(count: SealedBox.keyByteCount),
                box: try reader.readBytes(countMax: Self.byteCountMax))
        }
        if !reader.readNullIfPresent() {
            try reader.readArray(count: 2)
            sheet = Sheet(
                salt: try reader.readBytes(count: KeyDerivation.saltByteCount),
                sealed: try reader.readBytes(countMax: Self.byteCountMax))
        }
        try reader.finish()
    }

    /// The header's file.
    package var encoded: [UInt8] {
        var writer = CBORWriter()
        writer.writeArray(4)
        writer.write(Self.version)
        writer.write(journal)
        for pair in [central.map { ($0.recoveryKey, $0.box) }, sheet.map { ($0.salt, $0.sealed) }] {
            guard let pair else {
                writer.writeNull()
                continue
            }
            writer.writeArray(2)
            writer.write(pair.0)
            writer.write(pair.1)
        }
        return writer.bytes + SHA256.hash(writer.bytes).bytes
    }
}

extension RecoveryHeader.Central {
    /// Seals the store's key for central; nil if central's key is none.
    package init?(_ storeKey: SecretBytes, for key: SealedBox.PublicKey) {
        guard let box = key.seal(storeKey.copy()) else { return nil }
        (recoveryKey, self.box) = (key.bytes, box)
    }

    /// The store's key; nil with another key than central's.
    package func open(_ key: SealedBox.OpeningKey) -> SecretBytes? {
        key.open(box).flatMap { $0.count == RecoveryHeader.keyByteCount ? $0 : nil }
    }
}

extension RecoveryHeader.Sheet {
    /// Seals the store's key under a code; nil if there is no memory to stretch it.
    package init?(_ storeKey: SecretBytes, under code: RecoveryCode) {
        let salt = SecureRandom.bytes(KeyDerivation.saltByteCount)
        guard let key = code.key(salt: salt) else { return nil }
        let sealed = FrameSealing(key: key).seal(record: storeKey.copy(), of: SHA256.hash(salt))
        self.init(salt: salt, sealed: sealed)
    }

    /// The store's key; nil with another sheet's code.
    package func open(_ code: RecoveryCode) -> SecretBytes? {
        guard let key = code.key(salt: salt),
            let bytes = try? FrameSealing(key: key).open(record: sealed, of: SHA256.hash(salt)),
            bytes.count == RecoveryHeader.keyByteCount
        else { return nil }  // which of them it was, nobody can say
        return SecretBytes(bytes)
    }
}
