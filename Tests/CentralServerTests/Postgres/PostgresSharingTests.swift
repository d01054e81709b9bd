#if Postgres
    import Dispatch
    import Persistence
    import SyncProtocol
    import Testing
    import Web

    @testable import CentralPostgres
    @testable import CentralServer

    @Suite("What processes over one PostgreSQL know of each other", .timeLimit(.minutes(3)))
    struct PostgresSharingTests {
        private let address: PostgresAddress
        private let world: World

        init() throws {
            let address = try freshAddress()
            self.address = address
            world = try World(seed: 1) { try PostgresCentralStore(address, announce: $0, random: $1) }
        }

        private func watch(_ news: LocalFeedNews, onDoubt: @escaping @Sendable () -> Void = {})
            -> PostgresWatch
        {
            PostgresWatch(
                address,
                PostgresWatch.Ears(
                    announce: { news.announce($0, $1) },
                    doubt: {
                        news.doubt()
                        onDoubt()
                    })
            ) { await Task.yield() }
        }

        /// Ends the connections that listen, as a broken network does.
        private func cutWatches() throws {
            try PostgresConnection(address).command(
                """
                SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                    AND (query LIKE 'LISTEN%' OR query LIKE '%pg_try_advisory_lock%' OR query LIKE '%pg_advisory_unlock%')
                """)
        }

        @Test("What one process commits wakes who waits at another, also after its connection was lost")
        func news() async throws {
            let ward = try await world.hospital("H1")
            let (heard, doubts) = (LocalFeedNews(), Guarded(0))
            let watch = watch(heard) { doubts.withLock { $0 += 1 } }
            let listening = Task { await watch.listen() }
            while doubts.withLock({ $0 }) == 0 { await Task.yield() }
            var writer = Writer(7)
            for round in 1...2 {
                let position = UInt64(try await world.feed(of: ward.hospital.id).count)
                async let waiting: Void = heard.growth(of: ward.hospital.id, beyond: position)
                try writer.write(world.newCase(), [20: (CBOR.name("n"), [])])
                try await ward.push(writer.run(round))
                await waiting
                if round == 2 { break }
                try cutWatches()
                while doubts.withLock({ $0 }) == 1 { await Task.yield() }
            }
            listening.cancel()
            await listening.value
        }

        @Test("A transaction that fails tells nobody; one that makes many feeds longer tells of all")
        func payloads() async throws {
            let grown = Dictionary(
                uniqueKeysWithValues: (1...250).map { number in
                    (HospitalID(record: CaseID(milliseconds: number, random: (2, 3))), UInt64.max - number)
                })
            let payloads = PostgresNews.payloads(grown)
            #expect(payloads.count == 3 && payloads.allSatisfy { $0.utf8.count < 8_000 })
            let read = payloads.flatMap(PostgresNews.grown)
            #expect(Dictionary(uniqueKeysWithValues: read.map { ($0.hospital, $0.position) }) == grown)
            #expect(PostgresNews.grown(in: "nonsense\nx y\n\n").isEmpty)
            let connection = try PostgresConnection(address)
            try connection.command("LISTEN \(PostgresNews.channel)")
            let ward = try await world.hospital("H1")
            #expect(try !connection.notifications(withinMilliseconds: 5_000).isEmpty)
            await #expect(throws: CentralError.self) {
                try await world.store.write { transaction throws(CentralError) in
                    guard var head = try transaction.feedHead(of: ward.hospital.id) else { return }
                    head.position += 1
                    try transaction.setFeedHead(head, of: ward.hospital.id)
                    throw CentralError.refused(.busy)
                }
            }
            #expect(try connection.notifications(withinMilliseconds: 0).isEmpty)
        }

        @Test("A duty is one process's, until it gives it back or loses its connection")
        func duties() async throws {
            let (first, second) = (watch(LocalFeedNews()), watch(LocalFeedNews()))
            #expect(await first.take(.backup))
            #expect(await first.take(.backup))
            #expect(await !second.take(.backup))
            #expect(await second.take(.scrub))
            await second.giveBack(.backup)  // it has none to give
            #expect(await !second.take(.backup))
            await first.giveBack(.backup)
            #expect(await second.take(.backup))
            try cutWatches()
            // Whoever asks first after that has it; the other does not.
            while await !first.take(.backup) { await Task.yield() }
            #expect(await !second.take(.backup))
        }

        @Test("A process of an older version writes nothing once a newer one has changed the tables")
        func olderVersion() async throws {
            _ = try await world.hospital("H1")
            try PostgresConnection(address).command("INSERT INTO migration VALUES (9999, '9999-later')")
            do throws(CentralError) {
                try await world.store.write { _ throws(CentralError) in }
                Issue.record("it was written")
            } catch {
                guard case .store(let failure) = error else {
                    Issue.record("\(error)")
                    return
                }
                #expect(failure.kind == .foreign && failure.description.contains("another version"))
            }
        }

        @Test("Keys that are others than those of the first process are named")
        func keys() throws {
            let database = PostgresCentralStore.shared(at: address)
            let key = KeyMark(name: "receipt.key", key: World.receiptKey)
            #expect(try database.agree([key]) == [])
            let other = KeyMark(name: "receipt.key", key: .init(randomCount: 32))
            #expect(try database.agree([other]) == ["receipt.key"])
            #expect(try database.agree([key]) == [])
            // From now on a process without the key makes none.
            #expect(try PostgresCentralStore(address, random: { 1 }).isInUse)
        }

        @Test("After a new connection for writing those for reading are made anew, too")
        func readersFollow() async throws {
            let era = Guarded(0)
            let writer = try PostgresWorker(
                address, seal: SealKey(.testSeal), random: { 1 }, isWriter: true, era: era)
            let reader = try PostgresWorker(
                address, seal: SealKey(.testSeal), random: { 1 }, isWriter: false, era: era)
            let process = { () async throws -> Int64 in
                try await reader.perform(.deferred) { transaction throws(CentralError) in
                    guard let steps = transaction as? SQLiteTransaction else { return 0 }
                    return try steps.run { database throws(DatabaseError) in
                        try database.first("SELECT pg_backend_pid()::bigint") { row throws(DatabaseError) in
                            try row.integer(0)
                        } ?? 0
                    }
                }.0
            }
            let before = try await process()
            #expect(try await process() == before)
            try PostgresConnection(address).command(
                """
                SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), \(before))
                """)
            _ = try await writer.perform(.immediate) { _ throws(CentralError) in }
            #expect(try await process() != before)
        }

        @Test("As many read at once as there are connections for it")
        func pool() async throws {
            let count = PostgresCentralStore.readerCountMax
            let (arrived, go) = (Guarded(0), DispatchSemaphore(value: 0))
            let store = world.store
            let together = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<count {
                    group.addTask {
                        try await store.read { transaction throws(CentralError) in
                            _ = try transaction.hospitals()
                            let number = arrived.withLock { arrived in
                                arrived += 1
                                return arrived
                            }
                            if number == count { for _ in 1..<count { go.signal() } }
                            return number == count || go.wait(timeout: .now() + 60) == .success
                        }
                    }
                }
                return try await group.reduce(true) { $0 && $1 }
            }
            #expect(together)
        }

        @Test("A statement is understood once on a connection, however often it runs")
        func prepared() throws {
            let session = try PostgresSession(address)
            let database = SQLConnection.server(session)
            for number in 1...5 {
                try database.transaction(.deferred) {
                    _ = try database.first("SELECT 1 FROM hospital WHERE code = ?", .text("\(number)")) {
                        row throws(DatabaseError) in true
                    }
                }
            }
            let count = try database.first("SELECT count(*) FROM pg_prepared_statements WHERE NOT from_sql") {
                row throws(DatabaseError) in try row.integer(0)
            }
            #expect(count == 2)  // and this one
        }
    }
#endif
