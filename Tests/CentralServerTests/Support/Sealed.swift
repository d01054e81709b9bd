import Cryptography
import Persistence

@testable import CentralServer

#if Postgres
    import CentralPostgres
#endif

extension SecretBytes {
    /// What the stores of these tests are sealed under unless they say otherwise.
    static let testSeal = SecretBytes([UInt8](repeating: 8, count: 32))
    /// The key of their databases.
    static let testDatabase = SealKey.database(.testSeal)
}

extension World {
    /// What is needed to look into its store.
    var keys: StoreKeys { StoreKeys(receipts: books.receipts, seal: .testDatabase) }
}

extension SQLiteCentralStore {
    init(
        path: String?, announce: @escaping Announce = { _, _ in }, random: @escaping RandomNumber,
        onDamage: @escaping @Sendable (StoreFailure) -> Void = { _ in }
    ) throws(CentralError) {
        try self.init(
            path: path, seal: SealKey(.testSeal), announce: announce, random: random, onDamage: onDamage)
    }
}

#if Postgres
    extension PostgresCentralStore {
        convenience init(
            _ address: PostgresAddress, announce: @escaping StoreSession.Announce = { _, _ in },
            random: @escaping StoreSession.RandomNumber,
            onDamage: @escaping @Sendable (StoreFailure) -> Void = { _ in },
            readerCount: Int = PostgresCentralStore.readerCountMax
        ) throws(CentralError) {
            try self.init(
                address, seal: SealKey(.testSeal), announce: announce, random: random, onDamage: onDamage,
                readerCount: readerCount)
        }
    }
#endif
