import CentralServer
import Cryptography
import Foundation
import Persistence
import SyncProtocol
import Web

#if Postgres
    import CentralPostgres
    import PostgresCluster
#endif

/// Central takes in a day's changes, 100 to a commit, each commit synced: log, chain, feed, dedupe, and all that is cached of the cases.
/// Beside it a bare loop inserts the same bodies, 100 to a commit.
struct IngestBenchmarks {
    static let changesPerCommit = 100
    private static let key = SecretBytes([UInt8](repeating: 9, count: 32))

    let workday: Workday

    private var batches: [(window: Workday.Window, first: Int, bodies: [[UInt8]])] {
        workday.windows.flatMap { window in
            stride(from: 0, to: window.bodies.count, by: Self.changesPerCommit).map { first in
                (
                    window, first,
                    Array(window.bodies[first..<min(first + Self.changesPerCommit, window.bodies.count)])
                )
            }
        }
    }

    private var count: Int { workday.bodies.count }

    var sqlite: Comparison {
        Comparison(
            name: "central ingest, SQLite, with caches", baselineName: "bare insert loop", count: count,
            demand: .shown,
            run: {
                let scratch = try Scratch()
                let random = Guarded(SystemRandomNumberGenerator())
                let store = try SQLiteCentralStore(
                    path: scratch.path + "/central.sqlite", seal: SealKey(Self.key)
                ) {
                    random.withLock { $0.next() }
                }
                return try await ingest(into: store)
            },
            baseline: {
                let scratch = try Scratch()
                let database = try Database(
                    path: scratch.path + "/bare.sqlite", mode: .create, applicationID: 1)
                return try await bare(.file(database))
            })
    }

    #if Postgres
        func postgres(_ cluster: PostgresCluster) -> Comparison {
            Comparison(
                name: "central ingest, PostgreSQL, with caches", baselineName: "bare insert loop",
                count: count,
                demand: .shown,
                run: {
                    let random = Guarded(SystemRandomNumberGenerator())
                    let store = try PostgresCentralStore(
                        try Self.address(cluster), seal: SealKey(Self.key), announce: { _, _ in },
                        random: { random.withLock { $0.next() } })
                    return try await ingest(into: store)
                },
                baseline: {
                    try await bare(.server(try PostgresSession(try Self.address(cluster))))
                })
        }

        private static func address(_ cluster: PostgresCluster) throws -> PostgresAddress {
            guard let address = PostgresAddress(try cluster.newDatabase()) else {
                throw PostgresCluster.Absent()
            }
            return address
        }
    #endif

    private func bare(_ connection: SQLConnection) async throws -> Double {
        try connection.transaction(.immediate) {
            _ = try connection.execute(
                "CREATE TABLE bare (number INTEGER NOT NULL PRIMARY KEY, body BLOB NOT NULL)")
        }
        var number: Int64 = 0
        return try await seconds {
            for batch in batches {
                try connection.transaction(.immediate) {
                    for body in batch.bodies {
                        number += 1
                        _ = try connection.execute(
                            "INSERT INTO bare (number, body) VALUES (?, ?)", .integer(number), .blob(body))
                    }
                }
            }
        }
    }

    private func ingest(into store: any CentralStore) async throws -> Double {
        let books = Books(
            casebook: Casebook(), receipts: Receipts(key: SecretBytes([UInt8](repeating: 7, count: 32))))
        let devices = try await enrol(in: store)
        let intake = Intake(store: store, books: books)
        var chains: [ReplicaID: Chain] = [:]
        return try await seconds {
            for batch in batches {
                let window = batch.window
                guard let device = devices[window.hospital] else { continue }
                let chain = chains[window.replica] ?? .start
                var request = ExchangeRequest(
                    hospital: window.hospital, budget: 0, milliseconds: Desk.morning + 36_000_000)
                request.pushes = [
                    .run(
                        replica: window.replica, first: UInt64(batch.first + 1), chain: chain,
                        bodies: batch.bodies)
                ]
                let answer = try await intake.exchange(
                    Intake.Arrival(request: request, device: device, milliseconds: Desk.morning + 36_000_000))
                guard answer.stored.first?.sequence == UInt64(batch.first + batch.bodies.count) else {
                    throw Workday.WorkdayError.nothing
                }
                var next = chain
                for (place, body) in batch.bodies.enumerated() {
                    next = next.appending(
                        ContentID(
                            replica: window.replica, sequence: UInt64(batch.first + place + 1), body: body))
                }
                chains[window.replica] = next
            }
        }
    }

    /// A device for each hospital.
    private func enrol(in store: any CentralStore) async throws -> [HospitalID: DeviceRecord] {
        let windows = workday.windows
        let devices = windows.enumerated().map { number, window in
            DeviceRecord(
                id: DeviceID(rawValue: CaseID(milliseconds: 1, random: (UInt64(number), 7))),
                hospital: window.hospital,
                publicKey: Ed25519.SigningKey().publicKey.bytes, enrolledMilliseconds: 1)
        }
        try await store.write { transaction throws(CentralError) in
            for (number, device) in devices.enumerated() {
                try transaction.put(
                    HospitalRecord(
                        id: device.hospital, code: "H\(number)", name: "测试医院", addedMilliseconds: 1))
                try transaction.put(device)
            }
        }
        return Dictionary(uniqueKeysWithValues: devices.map { ($0.hospital, $0) })
    }
}
