import Foundation
import Persistence
import Web

/// A database outside central's directory, which several processes may share. The keys, the staff token and the attachments
/// stay in the directory.
package struct SharedDatabase: Sendable {
    /// What a store is given when it is opened.
    package struct Surroundings: Sendable {
        /// The key that the values are sealed under.
        package let seal: SealKey
        package let announce: StoreSession.Announce
        /// To be called when something may have been missed that others announced.
        package let doubt: @Sendable () -> Void
        package let random: StoreSession.RandomNumber
        package let onDamage: @Sendable (StoreFailure) -> Void
    }

    /// What is there once it is open.
    package struct Opened: Sendable {
        let store: any CentralStore
        let isInUse: Bool
        let duties: any Duties
        let listen: @Sendable () async -> Void

        /// - Parameters:
        ///   - isInUse: whether it held a central's records before.
        ///   - duties: shared with the other processes.
        ///   - listen: hears what the others announce, until the task is cancelled.
        package init(
            store: any CentralStore, isInUse: Bool, duties: any Duties,
            listen: @escaping @Sendable () async -> Void
        ) {
            (self.store, self.isInUse, self.duties, self.listen) = (store, isInUse, duties, listen)
        }
    }

    let open: @Sendable (Surroundings) throws(CentralError) -> Opened
    let agree: @Sendable ([KeyMark]) throws(CentralError) -> [String]
    let copy: @Sendable (String, StoreKeys) throws(CentralError) -> Void

    /// - Parameters:
    ///   - open: connects; brings the database to the newest schema.
    ///   - agree: compares this process's keys with the database's; see ``SharingTransaction/agree(on:)``.
    ///   - copy: writes all that it holds at one moment into a new SQLite file of this path, for a backup.
    package init(
        open: @escaping @Sendable (Surroundings) throws(CentralError) -> Opened,
        agree: @escaping @Sendable ([KeyMark]) throws(CentralError) -> [String],
        copy: @escaping @Sendable (String, StoreKeys) throws(CentralError) -> Void
    ) {
        (self.open, self.agree, self.copy) = (open, agree, copy)
    }
}

extension Central {
    /// The file that says that the records are in a shared database: a later start without its name would begin anew beside it.
    private static let mark = "database.shared"

    /// Opens the store where it is, and nowhere else than last time.
    ///
    /// - Parameters:
    ///   - seal: the key that the values are sealed under.
    ///   - keys: reads the other keys, or makes them, by whether the store is in use.
    static func open(
        _ database: SharedDatabase?, in directory: String, seal: SealKey, environment: Environment,
        news: LocalFeedNews, keys: (Bool) throws -> CentralKeys
    ) throws -> (SharedDatabase.Opened, CentralKeys) {
        let log = environment.log
        let (file, mark) = (storePath(in: directory), directory + "/" + Central.mark)
        let hasMark = FileIdentity(path: mark) != nil
        guard let database else {
            if hasMark { throw CentralStartError.isShared }
            try Restoration.finish(in: directory)
            try Restoration.putForeignLogAside(in: directory)
            let keys = try keys(FileIdentity(path: file) != nil)
            let store = try SQLiteCentralStore(
                path: file, seal: seal, announce: { news.announce($0, $1) },
                random: { environment.randomNumber() },
                onDamage: { log(Self.damage(of: file, $0, damageAdvice)) })
            let opened = SharedDatabase.Opened(
                store: store, isInUse: true, duties: SoleDuties(), listen: {})
            return (opened, keys)
        }
        if FileIdentity(path: file) != nil, !hasMark { throw CentralStartError.hasFile }
        let opened = try database.open(
            SharedDatabase.Surroundings(
                seal: seal, announce: { news.announce($0, $1) }, doubt: { news.doubt() },
                random: { environment.randomNumber() },
                onDamage: { log(Self.damage(of: "the database", $0, "")) }))
        let keys = try keys(opened.isInUse)
        let others = try database.agree(keys.marks)
        guard others.isEmpty else { throw CentralStartError.otherKeys(others) }
        if !hasMark { try Files.write([], to: mark) }
        return (opened, keys)
    }

    private static func damage(of what: String, _ failure: StoreFailure, _ advice: String) -> LogEvent {
        let sentence = "\(what) is damaged: \(failure.description) \(advice)"
        return LogEvent(
            .error, "store.damaged", sentence.trimmingCharacters(in: .whitespaces),
            ["store": .text(what), "error": .text(failure.description)])
    }
}
