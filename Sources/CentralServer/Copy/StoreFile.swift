import Foundation
package import Persistence

/// A SQLite file as an end of a copy.
package struct StoreFile: Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    /// Why a file cannot be an end of a copy.
    package enum Fault: Error, Hashable, Sendable {
        case absent
        case taken
        /// It is of an older version: central's next start brings it to the newest schema.
        case older
    }

    /// Reads the file as it is at one moment; others may go on writing.
    package func read<R>(_ body: (any TableSource) throws -> R) throws -> R {
        guard FileIdentity(path: path) != nil else { throw Fault.absent }
        let database = try Database(path: path, mode: .readOnly, applicationID: Schema.applicationID)
        guard
            try database.migrationIdentifiers() == Schema.migrator.migrations.map(\.identifier.description)
        else { throw Fault.older }
        return try database.transaction(.deferred) { try body(database) }
    }

    /// Makes the file, which appears whole and synced, or not at all.
    package func make<R>(_ body: (Database, SQLConnection) throws -> R) throws -> R {
        guard FileIdentity(path: path) == nil else { throw Fault.taken }
        let unfinished = path + ".unfinished"
        Self.remove(unfinished)
        defer { Self.remove(unfinished) }
        let database = try Database(path: unfinished, mode: .create, applicationID: Schema.applicationID)
        try Schema.migrator.migrate(database)
        let result = try database.transaction(.immediate) { try body(database, .file(database)) }
        try database.backup(to: path)
        return result
    }

    private static func remove(_ path: String) {
        // Most often there is none.
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }
}
