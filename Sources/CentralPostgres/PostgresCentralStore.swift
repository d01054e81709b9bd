#if Postgres
    package import CentralServer
    import Persistence
    import SyncProtocol
    import Web

    /// Central's store in a PostgreSQL database, which several processes may share.
    ///
    /// One transaction writes at a time, in the whole database, as on SQLite: whoever writes holds a lock from the beginning
    /// (see decision 0023). Others read meanwhile, each on a connection of its own. Every new connection for writing is a new
    /// opening: after a loss the server may be another.
    package final class PostgresCentralStore: CentralStore {
        /// Connections for reading, at most.
        package static let readerCountMax = 4

        private let writer: PostgresWorker
        private let readers: [PostgresWorker]
        private let idle: Guarded<[Int]>
        private let announce: StoreSession.Announce
        private let onDamage: @Sendable (StoreFailure) -> Void
        /// What the server found in its files; nil while they are sound as far as is known. Nothing is written then.
        private let damage = Guarded<StoreFailure?>(nil)

        /// Whether the database held a central's records when it was opened.
        package var isInUse: Bool { writer.isInUse }

        /// Connects, and brings the database to the newest schema.
        ///
        /// - Parameters:
        ///   - seal: the key that the values are sealed under.
        ///   - onDamage: hears once that the server finds its files damaged, and then of each row that holds what it should not.
        package init(
            _ address: PostgresAddress, seal: SealKey,
            announce: @escaping StoreSession.Announce = { _, _ in },
            random: @escaping StoreSession.RandomNumber,
            onDamage: @escaping @Sendable (StoreFailure) -> Void = { _ in },
            readerCount: Int = PostgresCentralStore.readerCountMax
        ) throws(CentralError) {
            (self.announce, self.onDamage) = (announce, onDamage)
            let era = Guarded(0)
            writer = try PostgresWorker(address, seal: seal, random: random, isWriter: true, era: era)
            var readers: [PostgresWorker] = []
            for _ in 0..<readerCount {
                readers.append(
                    try PostgresWorker(address, seal: seal, random: random, isWriter: false, era: era))
            }
            self.readers = readers
            idle = Guarded(Array(readers.indices))
        }

        package func write<R: Sendable>(
            _ body: @Sendable (any CentralTransaction) throws(CentralError) -> R
        ) async throws(CentralError) -> R {
            if let damage = damage.withLock({ $0 }) { throw .store(damage) }
            do throws(CentralError) {
                let (result, grown) = try await writer.perform(.immediate, body)
                for (hospital, position) in grown { announce(hospital, position) }
                return result
            } catch {
                note(error)
                throw error
            }
        }

        package func read<R: Sendable>(
            _ body: @Sendable (any CentralTransaction) throws(CentralError) -> R
        ) async throws(CentralError) -> R {
            // Where none is idle, one more waits for any of them.
            let index = idle.withLock { $0.popLast() }
            defer { if let index { idle.withLock { $0.append(index) } } }
            do throws(CentralError) {
                return try await readers[index ?? Int.random(in: readers.indices)].perform(.deferred, body).0
            } catch {
                note(error)
                throw error
            }
        }

        private func note(_ error: CentralError) {
            guard case .store(let failure) = error else { return }
            switch failure.kind {
            case .damaged:
                let isNews = damage.withLock { damage in
                    defer { damage = failure }
                    return damage == nil
                }
                if isNews { onDamage(failure) }
            case .inconsistent: onDamage(failure)
            case .full, .busy, .unknown, .foreign, .other: break
            }
        }
    }
#endif
