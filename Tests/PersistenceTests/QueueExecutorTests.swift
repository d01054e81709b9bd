import Testing

@testable import Persistence

@Suite("An actor on a queue")
struct QueueExecutorTests {
    private actor Store {
        private let executor = QueueExecutor(label: "birthwindow.test")
        nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }
        private var database: Database?

        func append() throws -> Int64 {
            let database = try self.database ?? memoryDatabase()
            if self.database == nil {
                try database.execute("CREATE TABLE visit (number INTEGER PRIMARY KEY)")
            }
            self.database = database
            preconditionIsolated()
            try database.execute("INSERT INTO visit DEFAULT VALUES")
            return try integer("SELECT count(*) FROM visit", in: database) ?? 0
        }
    }

    @Test("Calls from many tasks run one after the other")
    func serial() async throws {
        let store = Store()
        let counts = try await withThrowingTaskGroup(of: Int64.self) { group in
            for _ in 0..<100 { group.addTask { try await store.append() } }
            return try await group.reduce(into: Set<Int64>()) { $0.insert($1) }
        }
        #expect(counts == Set(1...100))
    }
}
