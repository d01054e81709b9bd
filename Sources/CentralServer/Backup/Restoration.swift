import Foundation
import Persistence
import SyncProtocol

/// Puts a backup in the place of central's present store, which is kept aside.
///
/// All that is new is made beside the present store, in a folder with another name. Renaming that folder is the one step that
/// counts: before it the old store is the store, after it the new one. What is left to do then, ``finish(in:)`` does, here or at
/// the next opening. Attachments are added first: they are named by their content, so more of them change nothing.
package struct Restoration {
    package let backup: BackupFolder
    /// Central's directory.
    let directory: String
    let environment: Environment

    /// What a restore does, or would do.
    package struct Outcome: Hashable, Sendable {
        package internal(set) var backup: String
        /// Changes that the present store has and the backup lacks; nil if the present store cannot be read or there is none.
        package internal(set) var changesAhead: UInt64?
        /// Whether there is a present store, and it is sound.
        package internal(set) var isPresentSound = false
        package internal(set) var attachmentsBrought = 0
        /// Where the old store is now; nil if there was none.
        package internal(set) var keptAside: String?
        /// The label of the feeds' new life.
        package internal(set) var epoch = ""
    }

    /// Names in central's directory.
    enum Name {
        static let preparing = "restoring.unfinished"
        static let restoring = "restoring"
        static let store = BackupFolder.store
        static let fresh = "central.sqlite.fresh"
        static let logs = ["-wal", "-shm"]
    }

    /// The caller holds the lock of central's directory.
    package init(_ backup: BackupFolder, into directory: String, environment: Environment) {
        (self.backup, self.directory, self.environment) = (backup, directory, environment)
    }

    /// - Parameters:
    ///   - keys: the present store's and the backup's; a backup of before stores were sealed is sealed under them.
    ///   - isForced: also over a store that is sound and has more than the backup.
    package func perform(_ keys: StoreKeys, isDryRun: Bool, isForced: Bool) throws(BackupError)
        -> Outcome
    {
        if !isDryRun { try Self.finish(in: directory) }
        try backup.verify(keys)
        var outcome = Outcome(backup: backup.name)
        (outcome.changesAhead, outcome.isPresentSound) = lookAtPresent(keys)
        if let ahead = outcome.changesAhead, ahead > 0, outcome.isPresentSound, !isForced, !isDryRun {
            throw .storeIsAhead(changes: ahead)
        }
        outcome.attachmentsBrought = try bringAttachments(isDryRun: isDryRun)
        if isDryRun { return outcome }
        outcome.epoch = try prepare(keys)
        try BackupError.files { () throws(FileError) in
            try Files.move(directory + "/" + Name.preparing, to: directory + "/" + Name.restoring)
            try Files.syncFolder(directory)
        }
        outcome.keptAside = try Self.finish(in: directory)
        return outcome
    }

    /// How much the present store is ahead of the backup, as far as it can be read, and whether it is sound.
    private func lookAtPresent(_ keys: StoreKeys) -> (ahead: UInt64?, isSound: Bool) {
        let path = directory + "/" + Name.store
        // What cannot be read has nothing to tell.
        guard FileIdentity(path: path) != nil,
            let report = try? StoreAudit.report(ofFile: path, keys: keys),
            let present = try? Database(path: path, mode: .readOnly, applicationID: Schema.applicationID),
            let lengths = try? present.rows("SELECT id, length FROM replica", decode: Self.length)
        else { return (nil, false) }
        var held: [ReplicaID: UInt64] = [:]
        for watermark in backup.manifest.watermarks { held[watermark.replica] = watermark.sequence }
        let ahead = lengths.reduce(UInt64(0)) { sum, one in
            sum + (one.sequence - min(one.sequence, held[one.replica, default: 0]))
        }
        return (ahead, !report.isDamaged)
    }

    private static func length(_ row: borrowing Row) throws(DatabaseError) -> Watermark {
        Watermark(replica: try row.replica(0), sequence: try row.number(1))
    }

    /// Adds the attachments that are missing or altered; answers how many. Those that came after the backup stay.
    private func bringAttachments(isDryRun: Bool) throws(BackupError) -> Int {
        let entries = try backup.list().entries.filter { $0.path != BackupFolder.store }
        let incoming = directory + "/attachments/incoming"
        return try BackupError.files { () throws(FileError) in
            if !entries.isEmpty, !isDryRun {
                for part in ["/attachments", "/" + BackupFolder.attachments] {
                    try Files.makeFolder(directory + part)
                }
            }
            var count = 0
            for entry in entries {
                let path = directory + "/" + entry.path
                // One that cannot be read is replaced like one that is missing.
                if let sum = try? Files.sum(of: path), sum == entry.sum { continue }
                count += 1
                guard !isDryRun else { continue }
                try? FileManager.default.removeItem(atPath: incoming)  // of a restore that was cut off
                _ = try Files.copy(backup.path + "/" + entry.path, to: incoming)
                try Files.move(incoming, to: path)
            }
            if count > 0, !isDryRun { try Files.syncFolder(directory + "/" + BackupFolder.attachments) }
            return count
        }
    }

    /// Makes the new store beside the present one: the backup's, with another epoch; all that it holds is in a verified backup.
    private func prepare(_ keys: StoreKeys) throws(BackupError) -> String {
        let folder = directory + "/" + Name.preparing
        try? FileManager.default.removeItem(atPath: folder)  // of a restore that was cut off
        let fresh = folder + "/" + Name.fresh
        let wanted = try backup.list().entries.first { $0.path == BackupFolder.store }?.sum
        let copied = try BackupError.files { () throws(FileError) in
            try Files.makeFolder(folder)
            return try Files.copy(backup.path + "/" + BackupFolder.store, to: fresh)
        }
        guard copied == wanted else {
            throw .unsound(
                backup: backup.name, problems: ["the store was not read as it was written"], count: 1)
        }
        let epoch = Epoch(rawValue: environment.randomNumber())
        try BackupError.store { () throws(DatabaseError) in try renew(fresh, epoch, keys) }
        for suffix in Name.logs { try? FileManager.default.removeItem(atPath: fresh + suffix) }  // empty
        try BackupError.files { () throws(FileError) in try Files.syncFolder(folder) }
        return epoch.description
    }

    private func renew(_ path: String, _ epoch: Epoch, _ keys: StoreKeys) throws(DatabaseError) {
        let database = try Database(path: path, mode: .open, applicationID: Schema.applicationID)
        try Schema.migrator.migrate(database, secret: keys.seal)
        try database.execute("UPDATE meta SET value = ? WHERE name = 'epoch'", SQLiteValue(epoch.rawValue))
        try database.execute("UPDATE replica SET backed_up = length")
        try database.execute(
            """
            INSERT INTO verified_backup (id, name, made, verified) VALUES (1, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, made = excluded.made, verified = excluded.verified
            """,
            .text(backup.name), SQLiteValue(backup.manifest.madeMilliseconds), SQLiteValue(environment.now()))
        try database.checkpoint()
    }
}

extension Restoration {
    /// Finishes a restore that was cut off after the step that counts; without one it does nothing. The caller holds the lock.
    ///
    /// - Returns: where the old store is now; nil if nothing was restored, or there was no old store.
    @discardableResult
    package static func finish(in directory: String) throws(BackupError) -> String? {
        let restoring = directory + "/" + Name.restoring
        return try BackupError.files { () throws(FileError) in
            guard try Files.byteCount(of: restoring) != nil else { return nil }
            if try Files.byteCount(of: restoring + "/" + Name.fresh) != nil {
                // A log that stayed would be taken for the new store's; so the old store goes first, its log before it.
                for name in Name.logs.map({ Name.store + $0 }) + [Name.store]
                where try Files.byteCount(of: directory + "/" + name) != nil {
                    try Files.move(directory + "/" + name, to: restoring + "/" + name)
                }
                try Files.syncFolder(restoring)
                try Files.syncFolder(directory)
                try Files.move(restoring + "/" + Name.fresh, to: directory + "/" + Name.store)
                try Files.syncFolder(directory)
            }
            return try setAside(restoring, in: directory)
        }
    }

    /// Gives the folder with the old store a name that says so.
    static func setAside(_ restoring: String, in directory: String) throws(FileError) -> String? {
        guard try !Files.names(in: restoring).isEmpty else {
            try? FileManager.default.removeItem(atPath: restoring)  // an empty folder
            return nil
        }
        var number = 1
        while try Files.byteCount(of: "\(directory)/replaced-\(number)") != nil { number += 1 }
        let kept = "\(directory)/replaced-\(number)"
        try Files.move(restoring, to: kept)
        try Files.syncFolder(directory)
        return kept
    }
}
