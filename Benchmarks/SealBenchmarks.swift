import Cryptography
import Persistence

extension Benchmark {
    /// What sealing adds to a change that is stored.
    static var seals: [Benchmark] {
        let (count, key) = (10_000, SecretBytes(randomCount: 32))
        let body = SecureRandom.bytes(600)
        let (values, digests) = (ValueSealing(key: key), DigestSealing(key: key))
        let owner = [UInt8](repeating: 1, count: 16)
        let wrapped = values.newKey(for: owner)
        let sealed = values.seal(body, for: owner, under: wrapped, of: owner) ?? []
        let digest = SHA256.hash(body).bytes
        return [
            Benchmark("seal: a body of 600 bytes, under its case's key", count: count) {
                (0..<count).reduce(0) { sum, _ in
                    sum &+ (values.seal(body, for: owner, under: wrapped, of: owner)?.count ?? 0)
                }
            },
            Benchmark("seal: open the same", count: count) {
                (0..<count).reduce(0) { sum, _ in
                    sum &+ (values.open(sealed, for: owner, under: wrapped, of: owner)?.count ?? 0)
                }
            },
            Benchmark("seal: hide a digest", count: count) {
                (0..<count).reduce(0) { sum, _ in sum &+ Int(digests.seal(digest)[0]) }
            },
            rows("seal: 10,000 rows of two digests and a body, in one transaction, plain", count) { number in
                [.integer(number), .blob(digest), .blob(digest), .blob(body)]
            },
            rows("seal: the same, sealed, 2,000 cases", count, key) { number in
                [
                    .integer(number), .digest(digest), .digest(digest),
                    .sealed(body, .of(id(number % 2_000), "change.body")),
                ]
            },
        ]
    }

    private static func id(_ number: Int64) -> [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: number >> (8 * min($0, 7))) }
    }

    private static func rows(
        _ name: String, _ count: Int, _ key: SecretBytes? = nil,
        _ values: @escaping (Int64) -> [SQLiteValue]
    ) -> Benchmark {
        Benchmark(name, count: count) {
            do {
                let database = try Database(path: "seals", mode: .memory, applicationID: 1)
                for table in SQLConnection.sealTables { try database.execute(table) }
                try database.execute("CREATE TABLE row (n INTEGER PRIMARY KEY, a BLOB, b BLOB, c BLOB)")
                let store = SQLConnection.file(database)
                if let key { try store.openSeals(key) }
                try store.transaction(.immediate) {
                    for number in 0..<Int64(count) {
                        try store.execute(
                            "INSERT INTO row (n, a, b, c) VALUES (?, ?, ?, ?)", with: values(number))
                    }
                }
                return count
            } catch { preconditionFailure("\(error)") }
        }
    }
}
