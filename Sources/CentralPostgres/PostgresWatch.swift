#if Postgres
    import CentralServer
    import Persistence
    import SyncProtocol
    import Web

    /// The connection by which a process hears of the others, and which holds its duties: the server takes them back as soon as the
    /// process or its connection is gone.
    actor PostgresWatch: Duties {
        /// What is told of what was heard.
        struct Ears: Sendable {
            let announce: StoreSession.Announce
            let doubt: @Sendable () -> Void
        }

        /// Milliseconds that a turn waits at most: cancelling and whoever wants a duty wait so long.
        private static let turnMilliseconds: Int32 = 250
        /// The first key of the locks of duties, beside the one of ``PostgresSession/writersLock``. "BWdu".
        private static let dutiesLock: Int32 = 0x4257_6475

        private let executor = QueueExecutor(label: "birthcentral.watch")
        private let address: PostgresAddress
        private let ears: Ears
        private let pause: @Sendable () async throws -> Void
        private var connection: PostgresConnection?
        private var held: Set<Duty> = []

        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        /// - Parameter pause: after a failure; it throws when the task is cancelled.
        init(
            _ address: PostgresAddress, _ ears: Ears,
            pause: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: .seconds(1)) }
        ) {
            (self.address, self.ears, self.pause) = (address, ears, pause)
        }

        /// Listens until the task is cancelled.
        func listen() async {
            while !Task.isCancelled {
                do {
                    try hear(withinMilliseconds: Self.turnMilliseconds)
                    await Task.yield()  // to whoever wants a duty
                } catch {
                    do { try await pause() } catch { return }
                }
            }
        }

        /// Connects, if need be, and tells what was said until now or within a moment.
        private func hear(withinMilliseconds limit: Int32) throws(DatabaseError) {
            let connection = try current()
            do throws(DatabaseError) {
                for payload in try connection.notifications(withinMilliseconds: limit) {
                    for (hospital, position) in PostgresNews.grown(in: payload) {
                        ears.announce(hospital, position)
                    }
                }
            } catch {
                drop()
                throw error
            }
        }

        private func current() throws(DatabaseError) -> PostgresConnection {
            if let connection, connection.isAlive { return connection }
            drop()
            let made = try PostgresConnection(address)
            try made.command("LISTEN \(PostgresNews.channel)")
            connection = made
            // What was said before nobody here has heard.
            ears.doubt()
            return made
        }

        private func drop() { (connection, held) = (nil, []) }

        func take(_ duty: Duty) async -> Bool {
            do throws(DatabaseError) {
                // Whether the connection still stands, and its duties with it.
                try hear(withinMilliseconds: 0)
                if held.contains(duty) { return true }
                let told = try current().run(
                    "SELECT pg_try_advisory_lock(\(Self.dutiesLock), \(duty.rawValue))::int::bigint",
                    PostgresArguments([]))
                guard told.next(), told.integer(0) == 1 else { return false }
                held.insert(duty)
                return true
            } catch {
                drop()
                return false
            }
        }

        func giveBack(_ duty: Duty) async {
            guard held.remove(duty) != nil, let connection else { return }
            do throws(DatabaseError) {
                try connection.command("SELECT pg_advisory_unlock(\(Self.dutiesLock), \(duty.rawValue))")
            } catch { drop() }
        }
    }

    extension PostgresSession {
        /// Tells the other processes of feeds that this transaction makes longer. They hear of it when it is committed.
        func announce(_ grown: [HospitalID: UInt64]) throws(DatabaseError) {
            for payload in PostgresNews.payloads(grown) {
                _ = try run("SELECT pg_notify('birthcentral_feeds', ?)", [.text(payload)])
            }
        }
    }
#endif
