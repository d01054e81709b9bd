package import Casework
package import Persistence
package import SyncProtocol

/// A window's records on disk: the log, the outbox, the place in the feed, and the caches that show cases.
///
/// One connection, owned by this actor on a queue of its own. Each call that writes is one transaction: when it returns,
/// everything of it is on disk; when it throws, nothing of it has happened.
package actor WindowStore {
    let database: Database
    let dictionary: FieldDictionary
    let environment: Environment
    private let executor: QueueExecutor
    /// The replica that this opening writes with; nil until its first write.
    var replica: OpenReplica?
    var clock: HybridClock

    /// What the store takes from outside, so that tests and simulations decide it.
    package struct Environment: Sendable {
        /// Milliseconds since 1970, from a clock that may be wrong and may jump.
        package let milliseconds: @Sendable () -> UInt64
        /// 64 random bits.
        package let random: @Sendable () -> UInt64

        package init(
            milliseconds: @escaping @Sendable () -> UInt64, random: @escaping @Sendable () -> UInt64
        ) {
            self.milliseconds = milliseconds
            self.random = random
        }
    }

    struct OpenReplica: Hashable, Sendable {
        let id: ReplicaID
        let number: Int64
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        // The executor lives as long as this actor, which is what "unowned" asks for.
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Opens the store, or makes it. Every opening writes as another replica.
    ///
    /// - Throws: ``Persistence/DatabaseError``: a newer file, another application's, a damaged one, no room.
    package init(
        path: String, mode: Database.Mode = .create, dictionary: FieldDictionary, environment: Environment
    ) throws {
        let database = try Database(path: path, mode: mode, applicationID: WindowSchema.applicationID)
        try WindowSchema.migrations.migrate(database)
        let last = try database.first("SELECT max(saved_at) FROM change") { row throws(DatabaseError) in
            try row.optionalInteger(0)
        }
        self.database = database
        self.dictionary = dictionary
        self.environment = environment
        executor = QueueExecutor(label: "birthwindow.store")
        clock = HybridClock(last: HybridTime(milliseconds: UInt64(max(0, (last ?? nil) ?? 0))))
    }

    /// Runs the body in one transaction and commits it.
    ///
    /// If the path names another file by now, somebody has put another store in this one's place: nothing is written.
    @discardableResult
    func write<Result>(_ body: () throws -> Result) throws -> Result {
        guard database.isAtItsPath else { throw StoreError.replaced }
        let before = (replica, clock)
        do {
            return try database.transaction(.immediate, body)
        } catch {
            (replica, clock) = before
            throw error
        }
    }
}

/// Why the store refuses a call.
package enum StoreError: Error, Hashable, Sendable {
    /// The database file was exchanged while it was open: the program must be started again.
    case replaced
    /// The store belongs to no hospital yet.
    case notEnrolled
    case unknownCase(CaseID)
    /// A stored row is not what this program writes; the row and what is wrong with it.
    case damaged(String)
    /// The store holds the records of the hospital with this code, and is never bound to another.
    case otherHospital(String)
    /// The change is larger than the protocol allows.
    case changeTooLarge
}
