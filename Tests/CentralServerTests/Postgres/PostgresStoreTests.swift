#if Postgres
    import Foundation
    import Persistence
    import PostgresCluster
    import SyncProtocol
    import Testing
    import Web

    @testable import CentralPostgres
    @testable import CentralServer

    @Suite("Central's store on PostgreSQL", .timeLimit(.minutes(3)))
    struct PostgresStoreTests {
        /// A world on a database of its own.
        private struct Scene {
            let address: PostgresAddress
            let world: World

            init(seed: UInt64 = 1) throws {
                let address = try freshAddress()
                self.address = address
                world = try World(seed: seed) { try PostgresCentralStore(address, announce: $0, random: $1) }
            }

            /// A connection beside the store's.
            func aside() throws(DatabaseError) -> PostgresConnection { try PostgresConnection(address) }

            /// Another process on the same database.
            func another(seed: UInt64) throws -> World {
                try World(seed: seed) { try PostgresCentralStore(address, announce: $0, random: $1) }
            }

            /// Ends every other connection to the database, as a broken network does.
            func cut() throws(DatabaseError) {
                try aside().command(
                    """
                    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()
                    """)
            }

            func audit() throws -> AuditReport {
                try PostgresStoreEnd(address).report(keys: world.keys)
            }
        }

        private func failure(_ body: () async throws -> Void) async -> StoreFailure.Kind? {
            do { try await body() } catch CentralError.store(let failure) { return failure.kind } catch {
                Issue.record("\(error)")
            }
            return nil
        }

        private func put(_ code: String, _ transaction: any CentralTransaction) throws(CentralError) {
            try transaction.put(
                HospitalRecord(
                    id: HospitalID(
                        record: CaseID(milliseconds: 1, random: (2, UInt64(code.hashValue.magnitude)))),
                    code: code, name: code, addedMilliseconds: 1))
        }

        @Test("A connection that is lost before the commit: the transaction is done once, by another replica")
        func lostBefore() async throws {
            let scene = try Scene()
            let replicas = Guarded<[ReplicaID]>([])
            try await scene.world.store.write { transaction throws(CentralError) in
                let attempt = replicas.withLock { $0.count }
                let replica = try transaction.ownReplica()
                replicas.withLock { $0.append(replica) }
                try put("H1", transaction)
                if attempt == 0 {
                    do throws(DatabaseError) { try scene.cut() } catch { throw CentralError(error) }
                }
                try put("H2", transaction)
            }
            let tried = replicas.withLock { $0 }
            #expect(tried.count == 2 && tried[0] != tried[1])
            let codes = try await scene.world.store.read { transaction throws(CentralError) in
                try transaction.hospitals().map(\.code)
            }
            #expect(codes == ["H1", "H2"])
        }

        @Test("A lost connection is noticed also if the body swallows the error")
        func swallowed() async throws {
            let scene = try Scene()
            let attempts = Guarded(0)
            try await scene.world.store.write { transaction throws(CentralError) in
                let attempt = attempts.withLock { count in
                    count += 1
                    return count
                }
                if attempt == 1 { try? scene.cut() }  // the next step tells
                // As an exchange of a shared commit does.
                try? transaction.savepoint { () throws(CentralError) in try put("H1", transaction) }
            }
            #expect(attempts.withLock { $0 } == 2)
            let count = try await scene.world.store.read { transaction throws(CentralError) in
                try transaction.hospitals().count
            }
            #expect(count == 1)
        }

        @Test("A connection that is lost during the commit: it is not told as done, nor done again")
        func lostDuring() async throws {
            let scene = try Scene()
            try scene.aside().command(
                """
                CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER lingering AFTER INSERT ON hospital DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION linger()
                """)
            let attempts = Guarded(0)
            async let cutting: Void = cutWhenCommitting(scene)
            let kind = await failure {
                try await scene.world.store.write { transaction throws(CentralError) in
                    attempts.withLock { $0 += 1 }
                    try put("H1", transaction)
                }
            }
            try await cutting
            #expect(kind == .unknown)
            #expect(attempts.withLock { $0 } == 1)
            let count = try await scene.world.store.read { transaction throws(CentralError) in
                try transaction.hospitals().count
            }
            #expect(count == 0)
        }

        /// Ends the connections as soon as one of them is at its COMMIT.
        private func cutWhenCommitting(_ scene: Scene) async throws {
            let aside = try PostgresSession(scene.address)
            while true {
                let count = try SQLConnection.server(aside).first(
                    """
                    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query = 'COMMIT'
                        AND state = 'active' AND wait_event IS NOT NULL
                    """
                ) { row throws(DatabaseError) in try row.integer(0) }
                if count == 1 { return try scene.cut() }
                await Task.yield()
            }
        }

        @Test(
            "After a deadlock or a conflict of serialisation the transaction is tried again; one that never ends is given up",
            arguments: ["deadlock_detected", "serialization_failure"])
        func conflicts(_ condition: String) async throws {
            let scene = try Scene()
            try scene.aside().command(
                """
                CREATE SEQUENCE tries;
                CREATE FUNCTION clash() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF nextval('tries') < 3 THEN RAISE EXCEPTION USING ERRCODE = '\(condition)'; END IF;
                    RETURN NEW;
                END $$;
                CREATE TRIGGER clashing BEFORE INSERT ON hospital FOR EACH ROW EXECUTE FUNCTION clash()
                """)
            let replicas = Guarded<Set<ReplicaID>>([])
            try await scene.world.store.write { transaction throws(CentralError) in
                let replica = try transaction.ownReplica()
                replicas.withLock { _ = $0.insert(replica) }
                try put("H1", transaction)
            }
            #expect(replicas.withLock { $0.count } == 1)
            try scene.aside().command("ALTER SEQUENCE tries MINVALUE -1000 RESTART -1000")
            let attempts = Guarded(0)
            let kind = await failure {
                try await scene.world.store.write { transaction throws(CentralError) in
                    attempts.withLock { $0 += 1 }
                    try put("H2", transaction)
                }
            }
            #expect(kind == .busy && attempts.withLock { $0 } == PostgresWorker.attemptsMax)
        }

        @Test("A step that fails is undone, and the transaction around it goes on")
        func step() async throws {
            let scene = try Scene()
            try await scene.world.store.write { transaction throws(CentralError) in
                try put("H1", transaction)
                do throws(CentralError) {
                    try transaction.savepoint { () throws(CentralError) in
                        try put("H2", transaction)
                        try transaction.put(
                            DepartmentRecord(code: "D", name: "D", tokenHash: [1]))  // not 32 bytes
                    }
                    Issue.record("the constraint was not seen")
                } catch {}  // expected
                try put("H3", transaction)
            }
            let codes = try await scene.world.store.read { transaction throws(CentralError) in
                try transaction.hospitals().map(\.code)
            }
            #expect(codes == ["H1", "H3"])
        }

        @Test(
            "A statement that failed and was swallowed outside a step: nothing is committed, and nobody is told so"
        )
        func failedWhole() async throws {
            let scene = try Scene()
            let kind = await failure {
                try await scene.world.store.write { transaction throws(CentralError) in
                    try put("H1", transaction)
                    try? transaction.put(DepartmentRecord(code: "D", name: "D", tokenHash: [1]))
                }
            }
            #expect(kind == .other)
        }

        @Test("What is read belongs to one moment, and reading waits for no writer")
        func moment() async throws {
            let scene = try Scene()
            let marks = try await scene.world.store.read { transaction throws(CentralError) in
                let before = try transaction.rulesMark()
                do throws(DatabaseError) {
                    try scene.aside().command(
                        """
                        BEGIN; SELECT pg_advisory_xact_lock(\(PostgresSession.writersLock));
                        INSERT INTO rules_mark (id, mark) VALUES (1, 77)
                        ON CONFLICT (id) DO UPDATE SET mark = excluded.mark; COMMIT
                        """)
                } catch { throw CentralError(error) }
                return [before, try transaction.rulesMark()]
            }
            #expect(marks[0] == marks[1] && marks[1] != 77)
            let after = try await scene.world.store.read { transaction throws(CentralError) in
                try transaction.rulesMark()
            }
            #expect(after == 77)
        }

        @Test("Processes that start at once bring a new database to the newest schema once")
        func migrating() async throws {
            let address = try freshAddress()
            let epochs = try await withThrowingTaskGroup(of: Epoch.self) { group in
                for seed in 1...4 {
                    group.addTask {
                        let store = try PostgresCentralStore(address, random: { UInt64(seed) })
                        return try await store.read { transaction throws(CentralError) in
                            try transaction.epoch()
                        }
                    }
                }
                return try await group.reduce(into: Set<Epoch>()) { $0.insert($1) }
            }
            #expect(epochs.count == 1)
            let session = try PostgresSession(address)
            let done = try SQLConnection.server(session).first("SELECT count(*) FROM migration") {
                row throws(DatabaseError) in try row.count(0)
            }
            #expect(done == Schema.migrator.migrations.count)
        }

        @Test("A database of a later version, or with somebody else's tables, is refused and left as it was")
        func refused() throws {
            let scene = try Scene()
            try scene.aside().command("INSERT INTO migration VALUES (99, '9999-later')")
            #expect(throws: CentralError.self) { try scene.another(seed: 2) }
            let other = try freshAddress()
            let connection = try PostgresConnection(other)
            try connection.command("CREATE TABLE theirs (a int)")
            #expect(throws: CentralError.self) { try PostgresCentralStore(other, random: { 1 }) }
            #expect(throws: DatabaseError.self) { try connection.command("SELECT * FROM meta") }
        }

        @Test(
            "A server that crashes and comes back: what was acknowledged is there, and central is a new replica"
        )
        func crash() async throws {
            let cluster = try PostgresCluster()
            let address = try #require(PostgresAddress(try cluster.newDatabase()))
            let world = try World(seed: 1) { try PostgresCentralStore(address, announce: $0, random: $1) }
            let (ward, _) = try await world.livelyHospital("H1")
            let feed = try await world.feed(of: ward.hospital.id)
            let before = try await world.store.write { transaction throws(CentralError) in
                try transaction.ownReplica()
            }
            try cluster.crash()
            let gone = await failure { _ = try await world.caches() }
            #expect(gone == .busy)
            let refused = await failure {
                try await world.store.write { transaction throws(CentralError) in try put("H2", transaction) }
            }
            #expect(refused == .busy)
            try cluster.start()
            let after = try await world.store.write { transaction throws(CentralError) in
                try transaction.ownReplica()
            }
            #expect(before != after)
            #expect(try await world.feed(of: ward.hospital.id) == feed)
            let report = try PostgresStoreEnd(address).report(keys: world.keys)
            #expect(report.problemCount == 0 && report.changeCount > 10)
        }

        @Test("A reply to the commit that is lost: it is not told as done, and the exchange may come again")
        func lostReply() async throws {
            let cluster = try PostgresCluster()
            let address = try #require(PostgresAddress(try cluster.newDatabase()))
            let world = try World(seed: 1) { try PostgresCentralStore(address, announce: $0, random: $1) }
            let ward = try await world.hospital("H1")
            var writer = Writer(7)
            try writer.write(world.newCase(), [20: (CBOR.name("n"), [])])
            let aside = try PostgresSession(address)
            // The commit is done, and waits for a copy of the server that never comes.
            try aside.connection.command("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
            try aside.connection.command("SELECT pg_reload_conf()")
            let run = writer.run()
            async let pushing = failure { try await ward.push(run) }
            while true {
                let count = try SQLConnection.server(aside).first(
                    """
                    SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
                    WHERE datname = current_database() AND wait_event = 'SyncRep'
                    """
                ) { row throws(DatabaseError) in try row.integer(0) }
                if count == 1 { break }
                await Task.yield()
            }
            #expect(await pushing == .unknown)
            try aside.connection.command("ALTER SYSTEM RESET synchronous_standby_names")
            try aside.connection.command("SELECT pg_reload_conf()")
            let feed = try await world.feed(of: ward.hospital.id)
            let changes = try feed.filter { try $0.change?.replica == writer.replica }
            #expect(changes.count == 1)
            let again = try await ward.push(run)
            #expect(again.stored == [Watermark(replica: writer.replica, sequence: 1)])
            #expect(try await world.feed(of: ward.hospital.id) == feed)
        }
    }
#endif
