#if Postgres
    import CentralServer
    import Persistence
    import SyncProtocol
    import Web

    /// One connection on a queue of its own, made anew after a loss.
    actor PostgresWorker {
        /// Times that a transaction is tried after a deadlock, a conflict or a lost connection.
        static let attemptsMax = 4

        private struct Opening {
            let connection: PostgresSession
            let session: StoreSession
            let era: Int
        }

        private let executor: QueueExecutor
        private let address: PostgresAddress
        private let seal: SealKey
        private let random: StoreSession.RandomNumber
        private let isWriterAlone: Bool
        /// How many connections for writing were made. Readers follow: the server may be another.
        private let era: Guarded<Int>
        private var opening: Opening?
        /// Whether the database held a central's records when this was made for writing.
        nonisolated let isInUse: Bool

        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        /// - Parameters:
        ///   - isWriter: connects at once, and sees to the schema; else at the first use.
        ///   - era: shared by a writer and its readers.
        init(
            _ address: PostgresAddress, seal: SealKey, random: @escaping StoreSession.RandomNumber,
            isWriter: Bool, isWriterAlone: Bool = true, era: Guarded<Int> = Guarded(0)
        ) throws(CentralError) {
            self.era = era
            executor = QueueExecutor(label: isWriter ? "birthcentral.writer" : "birthcentral.reader")
            (self.address, self.seal) = (address, seal)
            (self.random, self.isWriterAlone) = (random, isWriterAlone)
            guard isWriter else {
                isInUse = false
                return
            }
            let opening = try Self.open(address, seal, random, .immediate, isWriterAlone, era)
            do throws(DatabaseError) { isInUse = try Self.isInUse(.server(opening.connection)) } catch {
                throw CentralError(error)
            }
            self.opening = opening
        }

        /// Runs the body in one transaction, again where that may help and nothing was committed.
        ///
        /// - Returns: with the result, the feeds that grew and their ends.
        func perform<R: Sendable>(
            _ kind: Database.TransactionKind,
            _ body: @Sendable (any CentralTransaction) throws(CentralError) -> R
        ) throws(CentralError) -> (R, [HospitalID: UInt64]) {
            var attempt = 1
            while true {
                let opening = try current(kind)
                do throws(CentralError) {
                    return try opening.session.transaction(kind) { transaction throws(CentralError) in
                        let result = try body(transaction)
                        let grown = opening.session.takeGrown()
                        do throws(DatabaseError) { try opening.connection.announce(grown) } catch {
                            throw CentralError(error)
                        }
                        return (result, grown)
                    }
                } catch {
                    if !opening.connection.connection.isAlive { self.opening = nil }
                    guard let failure = opening.connection.failure, attempt < Self.attemptsMax else {
                        throw error
                    }
                    if failure == .lost { self.opening = nil }
                    attempt += 1
                }
            }
        }

        private static func isInUse(_ connection: SQLConnection) throws(DatabaseError) -> Bool {
            let isUsed = { (row: borrowing Row) throws(DatabaseError) -> Bool in true }
            if try connection.first("SELECT 1 FROM hospital LIMIT 1", decode: isUsed) != nil { return true }
            return try connection.first("SELECT 1 FROM key_mark LIMIT 1", decode: isUsed) != nil
        }

        private func current(_ kind: Database.TransactionKind) throws(CentralError) -> Opening {
            let isCurrent = kind == .immediate || opening?.era == era.withLock { $0 }
            if let opening, opening.connection.connection.isAlive, isCurrent { return opening }
            let made = try Self.open(address, seal, random, kind, isWriterAlone, era)
            opening = made
            return made
        }

        private static func open(
            _ address: PostgresAddress, _ seal: SealKey, _ random: @escaping StoreSession.RandomNumber,
            _ kind: Database.TransactionKind, _ isWriterAlone: Bool, _ era: Guarded<Int>
        ) throws(CentralError) -> Opening {
            let before = era.withLock { $0 }
            let (connection, isSealed): (PostgresSession, Bool)
            do throws(DatabaseError) {
                connection = try PostgresSession(address, isWriterAlone: isWriterAlone)
                isSealed = try SQLConnection.server(connection).isSealed()
            } catch {
                throw CentralError(error)
            }
            let secret = try seal.secret(isSealed: isSealed)
            do throws(DatabaseError) {
                let session = StoreSession(.server(connection), random: random)
                if kind == .immediate { try PostgresSchema(session: connection).migrate(secret) }
                try SQLConnection.server(connection).openSeals(secret)
                if kind == .immediate {
                    try session.mintEpoch()
                    era.withLock { $0 += 1 }
                }
                return Opening(connection: connection, session: session, era: before)
            } catch {
                throw CentralError(error)
            }
        }
    }
#endif
