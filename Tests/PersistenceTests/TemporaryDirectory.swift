import Foundation
import Persistence

/// A directory of one test, removed with it.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "persistence-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }  // what stays is only litter

    func file(_ name: String) -> String { path + "/" + name }
}

/// What the tests mark their files with.
let testApplication: Int32 = 7

func memoryDatabase() throws -> Database {
    try Database(path: "memory.db", mode: .memory, applicationID: testApplication)
}

func bytes(of path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

/// The one integer that a query yields.
func integer(_ sql: StaticString, in database: Database) throws -> Int64? {
    try database.first(sql) { row throws(DatabaseError) in try row.integer(0) }
}

func numbers(in database: Database) throws -> [Int64] {
    try database.rows("SELECT number FROM visit ORDER BY number") { row throws(DatabaseError) in
        try row.integer(0)
    }
}

/// The kind of the database error that the body throws; nil if it throws none.
func kind(of body: () throws -> Void) throws -> DatabaseError.Kind? {
    do {
        try body()
        return nil
    } catch let error as DatabaseError {
        return error.kind
    }
}

func write(_ bytes: [UInt8], to path: String) throws { try Data(bytes).write(to: URL(filePath: path)) }
