import Persistence

/// A database outside central's directory, which several processes may share. The keys, the staff token and the attachments
/// stay in the directory.
package struct SharedDatabase: Sendable {
    /// What a store is given when it is opened.
    package struct Surroundings: Sendable {
        /// The key that the values are sealed under.
        package let seal: SealKey
        package let announce: StoreSession.Announce
        package let random: StoreSession.RandomNumber
        package let onDamage: @Sendable (StoreFailure) -> Void
    }

    /// A store, and whether it held anything before.
    package typealias Opened = (store: any CentralStore, isInUse: Bool)

    let open: @Sendable (Surroundings) throws(CentralError) -> Opened
    let copy: @Sendable (String, StoreKeys) throws(CentralError) -> Void

    /// - Parameters:
    ///   - open: connects; brings the database to the newest schema.
    ///   - copy: writes all that it holds at one moment into a new SQLite file of this path, for a backup.
    package init(
        open: @escaping @Sendable (Surroundings) throws(CentralError) -> Opened,
        copy: @escaping @Sendable (String, StoreKeys) throws(CentralError) -> Void
    ) {
        (self.open, self.copy) = (open, copy)
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
        announce: @escaping StoreSession.Announce, keys: (Bool) throws -> CentralKeys
    ) throws -> (any CentralStore, CentralKeys) {
        let log = environment.log
        let (file, mark) = (storePath(in: directory), directory + "/" + Central.mark)
        let hasMark = FileIdentity(path: mark) != nil
        guard let database else {
            if hasMark { throw CentralStartError.isShared }
            try Restoration.finish(in: directory)
            try Restoration.putForeignLogAside(in: directory)
            let keys = try keys(FileIdentity(path: file) != nil)
            let store = try SQLiteCentralStore(
                path: file, seal: seal, announce: announce, random: { environment.randomNumber() },
                onDamage: { log("\(file) is damaged: \($0.description) \(damageAdvice)") })
            return (store, keys)
        }
        if FileIdentity(path: file) != nil, !hasMark { throw CentralStartError.hasFile }
        let opened = try database.open(
            SharedDatabase.Surroundings(
                seal: seal, announce: announce, random: { environment.randomNumber() },
                onDamage: { log("the database is damaged: \($0.description)") }))
        let keys = try keys(opened.isInUse)
        if !hasMark { try Files.write([], to: mark) }
        return (opened.store, keys)
    }
}
