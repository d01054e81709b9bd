#if Postgres
    package import CentralServer
    package import Persistence

    /// A PostgreSQL database as an end of a copy.
    package struct PostgresStoreEnd: Sendable {
        let address: PostgresAddress

        package init(_ address: PostgresAddress) { self.address = address }

        /// Why a database cannot be an end of a copy.
        package enum Fault: Error, Hashable, Sendable {
            /// It holds tables already.
            case taken
            /// It holds no store of this version.
            case older
        }

        /// Reads the database as it is at one moment; others may go on writing.
        package func read<R>(_ body: (any TableSource) throws -> R) throws -> R {
            let session = try PostgresSession(address)
            return try SQLConnection.server(session).transaction(.deferred) {
                try session.beUnhurried()
                guard try PostgresSchema(session: session).isNewest() else { throw Fault.older }
                return try body(session)
            }
        }

        /// Looks at the whole store; see ``StoreAudit``.
        package func report(keys: StoreKeys) throws(CentralError) -> AuditReport {
            let session: PostgresSession
            do throws(DatabaseError) { session = try PostgresSession(address) } catch {
                throw CentralError(error)
            }
            return try StoreAudit.report(of: .server(session), keys: keys)
        }

        /// Fills the database, which must be empty; what fails or is killed half-way leaves it so.
        package func make<R>(_ body: (PostgresSession, SQLConnection) throws -> R) throws -> R {
            let session = try PostgresSession(address)
            return try SQLConnection.server(session).transaction(.immediate) {
                try session.beUnhurried()
                let schema = PostgresSchema(session: session)
                guard try schema.isEmpty() else { throw Fault.taken }
                _ = try schema.migrateWithin(nil)
                return try body(session, .server(session))
            }
        }
    }

    extension PostgresCentralStore {
        /// The store at an address, for ``Central``.
        package static func shared(at address: PostgresAddress) -> SharedDatabase {
            SharedDatabase(
                open: { surroundings throws(CentralError) in
                    let store = try PostgresCentralStore(
                        address, seal: surroundings.seal, announce: surroundings.announce,
                        random: surroundings.random,
                        onDamage: surroundings.onDamage)
                    let watch = PostgresWatch(
                        address,
                        PostgresWatch.Ears(announce: surroundings.announce, doubt: surroundings.doubt))
                    return SharedDatabase.Opened(
                        store: store, isInUse: store.isInUse, duties: watch, listen: { await watch.listen() })
                },
                agree: { marks throws(CentralError) in
                    let session: StoreSession
                    do throws(DatabaseError) {
                        session = StoreSession(.server(try PostgresSession(address)), random: { 0 })
                    } catch { throw CentralError(error) }
                    return try session.transaction(.immediate) { transaction throws(CentralError) in
                        try transaction.agree(on: marks)
                    }
                },
                copy: { path, keys throws(CentralError) in
                    do {
                        try PostgresStoreEnd(address).read { source in
                            _ = try StoreFile(path: path).make { file, connection in
                                try StoreCopy(keys: StoreKeys(receipts: nil, seal: keys.seal), newEpoch: nil)
                                    .perform(
                                        from: source, to: file, connection)
                            }
                        }
                    } catch { throw CentralError(anyOf: error) }
                })
        }
    }
#endif
