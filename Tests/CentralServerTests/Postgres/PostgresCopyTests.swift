#if Postgres
    import Foundation
    import Persistence
    import SyncProtocol
    import Testing

    @testable import CentralPostgres
    @testable import CentralServer

    @Suite("Copies of stores", .timeLimit(.minutes(3)))
    struct PostgresCopyTests {
        private func copy(epoch: UInt64? = nil) -> StoreCopy {
            StoreCopy(
                keys: StoreKeys(receipts: Receipts(key: World.receiptKey), seal: .testDatabase),
                newEpoch: epoch)
        }

        private func toPostgres(
            _ path: String, epoch: UInt64? = nil
        ) throws -> (PostgresAddress, StoreCopy.Outcome) {
            let address = try freshAddress()
            let outcome = try StoreFile(path: path).read { source in
                try PostgresStoreEnd(address).make {
                    try copy(epoch: epoch).perform(from: source, to: $0, $1)
                }
            }
            return (address, outcome)
        }

        private func rows(_ source: any TableSource) throws -> [String: Set<[SQLiteValue]>] {
            var all: [String: Set<[SQLiteValue]>] = [:]
            for table in try StoreCopy.tables() {
                try source.forEachRow(of: table) { row in all[table.name, default: []].insert(row) }
            }
            return all
        }

        @Test("There and back again, every row is the same, and central goes on at either place")
        func thereAndBack() async throws {
            let site = try Site()
            let (ward, writer) = try await site.world.livelyHospital("H1")
            _ = try await site.world.livelyHospital("H2")
            let (address, outcome) = try toPostgres(site.storePath)
            #expect(outcome.changeCount > 20)
            #expect(outcome.counts["feed"] ?? 0 > 20)
            let back = site.directory.path + "/back.sqlite"
            try PostgresStoreEnd(address).read { source in
                _ = try StoreFile(path: back).make { try copy().perform(from: source, to: $0, $1) }
            }
            let all = try StoreFile(path: site.storePath).read { try rows($0) }
            #expect(try StoreFile(path: back).read { try rows($0) } == all)
            #expect(FileManager.default.fileExists(atPath: back + ".unfinished") == false)
            let feed = try await site.world.feed(of: ward.hospital.id)
            let caches = try await site.world.caches()
            for world in [
                try World(seed: 5) { try PostgresCentralStore(address, announce: $0, random: $1) },
                try World(seed: 6, path: back),
            ] {
                #expect(try await world.feed(of: ward.hospital.id) == feed)
                #expect(try await world.caches() == caches)
                let moved = Ward(world: world, hospital: ward.hospital, device: ward.device)
                var writer = writer
                try writer.write(world.newCase(), [20: (CBOR.name("later"), [])])
                let answer = try await moved.push(writer.run(Int(writer.length)))
                #expect(answer.stored == [Watermark(replica: writer.replica, sequence: writer.length)])
            }
        }

        @Test("A damaged store is not copied, and nothing is left of the copy")
        func damaged() async throws {
            let site = try Site()
            _ = try await site.world.livelyHospital("H1")
            try site.rest()
            try site.alter("UPDATE change SET body = x'00' WHERE number = 3")
            let address = try freshAddress()
            #expect(throws: StoreCopy.Fault.self) {
                try StoreFile(path: site.storePath).read { source in
                    try PostgresStoreEnd(address).make { try copy().perform(from: source, to: $0, $1) }
                }
            }
            #expect(throws: DatabaseError.self) {
                try PostgresConnection(address).command("SELECT * FROM meta")
            }
            let other = site.directory.path + "/other.sqlite"
            #expect(throws: StoreCopy.Fault.self) {
                try StoreFile(path: site.storePath).read { source in
                    try StoreFile(path: other).make { try copy().perform(from: source, to: $0, $1) }
                }
            }
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: site.directory.path).sorted() == [
                    "backups", "central",
                ])
        }

        @Test("A copy that is cut off leaves nothing, and can be made again")
        func cutOff() async throws {
            let site = try Site()
            _ = try await site.world.livelyHospital("H1")
            let address = try freshAddress()
            let aside = try PostgresConnection(address)
            #expect(throws: DatabaseError.self) {
                try StoreFile(path: site.storePath).read { source in
                    try PostgresStoreEnd(address).make {
                        _ = try copy().perform(from: source, to: $0, $1)
                        try aside.command(
                            """
                            SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                            WHERE datname = current_database() AND pid <> pg_backend_pid()
                            """)
                    }
                }
            }
            #expect(throws: DatabaseError.self) { try aside.command("SELECT * FROM meta") }
            try StoreFile(path: site.storePath).read { source in
                _ = try PostgresStoreEnd(address).make { try copy().perform(from: source, to: $0, $1) }
            }
            #expect(throws: PostgresStoreEnd.Fault.taken) {
                try StoreFile(path: site.storePath).read { source in
                    try PostgresStoreEnd(address).make { try copy().perform(from: source, to: $0, $1) }
                }
            }
        }

        @Test(
            "A backup of PostgreSQL is one like any other, and restored into an empty database with another epoch"
        )
        func backup() async throws {
            let site = try Site()
            let address = try freshAddress()
            let database = PostgresCentralStore.shared(at: address)
            let world = try World(seed: 3) { announce, random in
                try database.open(
                    SharedDatabase.Surroundings(
                        seal: SealKey(.testSeal), announce: announce, doubt: {}, random: random,
                        onDamage: { _ in })
                ).store
            }
            let (ward, writer) = try await world.livelyHospital("H1")
            let keys = world.keys
            let desk = BackupDesk(
                directory: site.central, store: world.store, keys: keys, environment: world.environment,
                copyStore: { path throws(CentralError) in try database.copy(path, keys) })
            let backup = try await desk.backUp(to: site.backups)
            let report = try backup.verify(world.keys)
            #expect(report.problemCount == 0 && report.changeCount > 10)
            let backedUp = try await world.store.read { transaction throws(CentralError) in
                try transaction.backedUp(writer.replica)
            }
            #expect(backedUp == writer.length)
            let (restored, outcome) = try toPostgres(backup.path + "/central.sqlite", epoch: 77)
            #expect(outcome.epoch == 77)
            let again = try World(seed: 4) { try PostgresCentralStore(restored, announce: $0, random: $1) }
            #expect(try await again.feed(of: ward.hospital.id) == world.feed(of: ward.hospital.id))
        }
    }
#endif
