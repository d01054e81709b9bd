package import Cryptography

/// What closes and opens the sealed values of one open store: before the database sees a value, so that its file, log,
/// temporary files and copies hold nothing else.
///
/// - A **sealed** value (``SQLiteValue/sealed(_:_:)``) opens only in its column. Each case has a key of its own, which lies in
///   `case_key`, sealed under the store's key: where that row is destroyed, no value of the case opens any more, in no copy that was
///   made of the file afterwards. It is a byte 0 and what ``ValueSealing`` makes under the store's key; or a byte 1, the case's ID,
///   and the same under the case's.
/// - A **digest** (``SQLiteValue/digest(_:)``) and a **name** (``SQLiteValue/name(_:order:)``) give equal bytes for equal values, so
///   that they can be looked up and compared.
package final class Seals {
    /// Keys of cases that are kept in memory, sealed; each is opened for the time of a use.
    static let keyCountMax = 4096

    private enum Kind { static let (store, record) = (UInt8(0), UInt8(1)) }

    private struct Ciphers {
        let values: ValueSealing
        let digests: DigestSealing
        let names: NameSealing

        init(_ secret: SecretBytes) {
            values = ValueSealing(key: KeyDerivation.key(for: "store values", from: secret))
            digests = DigestSealing(key: KeyDerivation.key(for: "store digests", from: secret))
            names = NameSealing(key: KeyDerivation.key(for: "store names", from: secret))
        }
    }

    /// Nil for a store of before stores were sealed, in which everything lies open.
    private let ciphers: Ciphers?
    /// The statements of the store that this belongs to, which outlives it.
    private let statements: () -> SQLConnection
    private var keys: [[UInt8]: [UInt8]] = [:]
    /// The key of chains that the store itself keeps over its rows.
    package let chainKey: SecretBytes

    /// - Parameter secret: nil for a store in which everything lies open.
    init(_ secret: SecretBytes?, statements: @escaping () -> SQLConnection) {
        ciphers = secret.map(Ciphers.init)
        chainKey = KeyDerivation.key(
            for: "store chains", from: secret ?? SecretBytes([UInt8](repeating: 0, count: 32)))
        self.statements = statements
    }

    /// Forgets the keys that were looked up: some may have been made in a transaction that is undone.
    package func forget() { keys.removeAll(keepingCapacity: true) }

    // MARK: Closing

    /// The arguments as the database may see them.
    func closed(_ arguments: [SQLiteValue]) throws(DatabaseError) -> [SQLiteValue] {
        guard let ciphers else { return arguments.map(\.plain) }
        var closed: [SQLiteValue] = []
        closed.reserveCapacity(arguments.count)
        for argument in arguments { closed.append(try self.closed(argument, ciphers)) }
        return closed
    }

    private func closed(
        _ argument: SQLiteValue, _ ciphers: Ciphers
    ) throws(DatabaseError) -> SQLiteValue {
        switch argument {
        case .null, .integer, .real, .text, .blob: return argument
        case .sealed(let bytes, let place): return .blob(try seal(bytes, place, ciphers.values))
        case .sealedText(let text, let place):
            return .text(try seal(Array(text.utf8), place, ciphers.values).hexadecimal)
        // One of another length breaks the rule of its column.
        case .digest(let digest):
            return .blob(digest.count == DigestSealing.byteCount ? ciphers.digests.seal(digest) : digest)
        case .name(let name, let order):
            return .text(order + ":" + ciphers.names.seal(Array(name.utf8)).hexadecimal)
        }
    }

    private func seal(
        _ bytes: [UInt8], _ place: SealPlace, _ values: ValueSealing
    ) throws(DatabaseError) -> [UInt8] {
        guard !place.owner.isEmpty else { return [Kind.store] + values.seal(bytes, for: place.bytes) }
        let known = try key(of: place.owner)
        let key = if let known { known } else { try newKey(of: place.owner, values) }
        guard let sealed = values.seal(bytes, for: place.bytes, under: key, of: place.owner) else {
            throw DatabaseError(cause: .sealed(.otherKey), sql: "", fileName: "", detail: nil)
        }
        return [Kind.record] + place.owner + sealed
    }

    // MARK: Opening

    func open(_ sealed: [UInt8], _ column: String) throws(DatabaseError) -> [UInt8]? {
        guard let values = ciphers?.values else { return sealed }
        switch sealed.first {
        case Kind.store:
            return values.open(Array(sealed.dropFirst()), for: SealPlace.store(column).bytes)
        case Kind.record where sealed.count > SealPlace.ownerByteCount:
            let owner = Array(sealed[1...SealPlace.ownerByteCount])
            guard let key = try key(of: owner) else { return nil }
            return values.open(
                Array(sealed.dropFirst(1 + SealPlace.ownerByteCount)), for: SealPlace.of(owner, column).bytes,
                under: key, of: owner)
        default: return nil
        }
    }

    func open(text: String, _ column: String) throws(DatabaseError) -> String? {
        guard ciphers != nil else { return text }
        guard let sealed = [UInt8](hexadecimal: text), let bytes = try open(sealed, column) else {
            return nil
        }
        return String(validating: bytes, as: UTF8.self)
    }

    func open(digest: [UInt8]) -> [UInt8]? { ciphers.map { $0.digests.open(digest) } ?? digest }

    /// What stands before the colon is there for the order.
    func open(name: String) -> String? {
        guard let names = ciphers?.names else { return name }
        guard let colon = name.lastIndex(of: ":") else { return nil }
        return [UInt8](hexadecimal: name[name.index(after: colon)...]).flatMap { names.open($0) }
            .flatMap { String(validating: $0, as: UTF8.self) }
    }

    // MARK: Keys of cases

    private func key(of owner: [UInt8]) throws(DatabaseError) -> [UInt8]? {
        if let key = keys[owner] { return key }
        let found = try statements().first("SELECT sealed_key FROM case_key WHERE case_id = ?", .blob(owner))
        {
            row throws(DatabaseError) in try row.blob(0)
        }
        if let found { keep(found, of: owner) }
        return found
    }

    private func newKey(of owner: [UInt8], _ values: ValueSealing) throws(DatabaseError) -> [UInt8] {
        let key = values.newKey(for: owner)
        try statements().execute(
            "INSERT INTO case_key (case_id, sealed_key) VALUES (?, ?)", .blob(owner), .blob(key))
        keep(key, of: owner)
        return key
    }

    private func keep(_ key: [UInt8], of owner: [UInt8]) {
        if keys.count >= Self.keyCountMax { keys.removeAll(keepingCapacity: true) }
        keys[owner] = key
    }

    /// Destroys the key of a case: what was sealed of it opens never again. What is sealed of it afterwards has another.
    package func destroyKey(of owner: [UInt8]) throws(DatabaseError) {
        keys[owner] = nil
        try statements().execute("DELETE FROM case_key WHERE case_id = ?", .blob(owner))
    }
}

extension SQLiteValue {
    /// As it is stored where everything lies open.
    fileprivate var plain: SQLiteValue {
        switch self {
        case .null, .integer, .real, .text, .blob: self
        case .sealed(let bytes, _), .digest(let bytes): .blob(bytes)
        case .sealedText(let text, _), .name(let text, _): .text(text)
        }
    }
}
