import Accounts
package import Casework
package import Cryptography
package import Persistence
package import SyncProtocol

/// A window's records on disk: the log, the outbox, the place in the feed, and the caches that show cases.
///
/// One connection, owned by this actor on a queue of its own. Each call that writes is one transaction: when it returns,
/// everything of it is on disk; when it throws, nothing of it has happened.
package actor WindowStore {
    private(set) var database: Database
    let dictionary: FieldDictionary
    /// The policies that came with the program.
    let shipped: PolicyLibrary
    let environment: Environment
    /// Makes the tokens by which the same child is found in two cases; nil looks for none.
    let duplicates: MessageAuthentication?
    /// Seals the values in the database.
    private let sealKey: SecretBytes
    /// Links the lines of the audit log.
    let auditChain: AuditChain
    private let executor: QueueExecutor
    nonisolated let path: String
    /// What is known only while the store is open; it goes back with a transaction that fails.
    var memory: Memory
    /// The medium failed: the file is opened anew before anything else is written.
    private var isConnectionLost = false
    /// What is damaged; from then on nothing is written. Nil if nothing is known to be.
    private var foundDamage: String?
    /// The work list in memory; nil until somebody looks, or when it has to be read anew.
    var work: WorkIndex?
    /// Summaries are read down to this case, and so many are left.
    var (workRead, workUnread): ([UInt8], Int) = ([], 0)
    /// Hears of everything that was committed.
    private var onSaved: (@Sendable () -> Void)?

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

    /// What one opening remembers.
    struct Memory {
        /// The replica that this opening writes with; nil until its first write.
        var replica: OpenReplica?
        var clock: HybridClock
        /// Changes with everything that makes an answer to an earlier request stale: other answers, orders, enrolments.
        var generation: UInt64
        /// Own replicas whose last change in common with central is being looked for.
        var forks: [ReplicaID: ForkSearch] = [:]
        /// Counted at the first look and kept from then on; nil before.
        var tally: Tally?
        /// What of the outbox was counted at the last look.
        var outboxSize: OutboxSize?
        /// What the hospital's record says; read at the first look and kept until it changes. Nil before.
        var rules: Rules?
        /// The accounts that the record says there are, likewise.
        var accounts: AccountBook?
        /// The own replica that central was last asked about for its backups, by its number here.
        var askedOfBackup: Int64 = 0
        /// Cases whose cache was written since the work list was looked at last.
        var changedCases: Set<CaseID> = []
        /// The mismatch that was verified last in this opening.
        var verifiedMismatch: UInt64?
        var audit = AuditMemory()
    }

    struct OpenReplica: Hashable, Sendable {
        let id: ReplicaID
        let number: Int64
        /// Its last change as this opening wrote it. If the file says otherwise, another state was put back under it.
        var sequence: UInt64
        var chain: Chain
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        // The executor lives as long as this actor, which is what "unowned" asks for.
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Opens the store, or makes it. Every opening writes as another replica.
    ///
    /// - Parameters:
    ///   - sealKey: one and the same at every opening, from outside the file: nothing of it can be read with another.
    ///   - duplicatesKey: the same; nil does not look for the same child in two cases.
    /// - Throws: ``Persistence/DatabaseError``: a newer file, another application's, one that was sealed under another key, a damaged
    ///   one, no room.
    package init(
        path: String, mode: Database.Mode = .create, sealKey: SecretBytes, dictionary: FieldDictionary,
        shipped: PolicyLibrary = .standard, duplicatesKey: SecretBytes? = nil, environment: Environment
    ) throws {
        let database = try Database(path: path, mode: mode, applicationID: WindowSchema.applicationID)
        try WindowSchema.migrations.migrate(database, secret: sealKey)
        try SQLConnection.file(database).openSeals(sealKey)
        self.sealKey = sealKey
        auditChain = AuditChain(key: KeyDerivation.key(for: "store chains", from: sealKey))
        try Self.noteCacheMaker(CacheMaker(dictionary, shipped), in: database)
        self.database = database
        self.dictionary = dictionary
        self.shipped = shipped
        self.environment = environment
        self.path = path
        duplicates = duplicatesKey.map { MessageAuthentication(key: $0) }
        executor = QueueExecutor(label: "birthwindow.store")
        memory = Memory(
            clock: HybridClock(last: try Self.lastTime(in: database)), generation: environment.random())
    }

    /// Runs the body in one transaction and commits it.
    ///
    /// If the path names another file by now, somebody has put another store in this one's place: nothing is written.
    @discardableResult
    func write<Result>(_ body: () throws -> Result) throws -> Result {
        let result = try writeQuietly(body)
        onSaved?()
        return result
    }

    /// Tells what was committed from now on.
    func tellSaved(_ body: @escaping @Sendable () -> Void) { onSaved = body }

    /// Writes what the second copy need not hear of.
    @discardableResult
    func writeQuietly<Result>(_ body: () throws -> Result) throws -> Result {
        guard let note = AuditNote.current else { return try writeUnwitnessed(body) }
        var isWitnessed = false
        let result = try writeUnwitnessed {
            let result = try body()
            isWitnessed = try witness(note)
            return result
        }
        if isWitnessed { note.noteWritten() }
        return result
    }

    /// Writes without the line of the request that is being answered.
    @discardableResult
    func writeUnwitnessed<Result>(_ body: () throws -> Result) throws -> Result {
        if let damage { throw StoreError.damaged(damage) }
        guard database.isAtItsPath else { throw StoreError.replaced }
        if isConnectionLost { try openAnew() }
        _ = try rules()  // what they were before this transaction tells whether it changes them
        let before = memory
        do {
            return try database.transaction(.immediate, body)
        } catch {
            memory = before
            if let error = error as? DatabaseError, error.kind == .io { loseConnection() }
            if case StoreError.damaged(let what)? = error as? StoreError { noteDamage(what) }
            throw error
        }
    }

    /// A check of all that is stored, over a connection of its own.
    nonisolated var check: StoreCheck { StoreCheck(path: path, sealKey: sealKey) }

    /// What is known to be damaged, in a technician's words; nil if nothing is.
    package var damage: String? { foundDamage ?? database.damage?.description }

    /// Notes that something is damaged: nothing is written from now on, so that the damage does not spread.
    func noteDamage(_ what: String) { foundDamage = foundDamage ?? what }

    /// What was committed last may or may not be on the disk: nobody writes on under the same name (DESIGN section 4).
    func loseConnection() { isConnectionLost = database.fileIdentity != nil }

    private func openAnew() throws {
        let opened = try Database(path: path, mode: .open, applicationID: WindowSchema.applicationID)
        try SQLConnection.file(opened).openSeals(sealKey)
        database = opened
        memory = Memory(clock: memory.clock, generation: environment.random())
        work = nil
        isConnectionLost = false
    }
}

/// Why the store refuses a call.
package enum StoreError: Error, Hashable, Sendable {
    /// The database file was exchanged while it was open: the program must be started again.
    case replaced
    /// The store belongs to no hospital yet.
    case notEnrolled
    case unknownCase(CaseID)
    /// The case belongs to another hospital by now.
    case departed(CaseID)
    /// The case goes on as another one.
    case merged(CaseMerger)
    /// The case was erased.
    case erased(CaseID)
    /// The case cannot be wiped as things stand.
    case notWiped(WipeRefusal)
    /// A stored row is not what this program writes; the row and what is wrong with it.
    case damaged(String)
    /// The store holds the records of the hospital with this code, and is never bound to another.
    case otherHospital(String)
    /// Case numbers cannot be made from this hospital code.
    case badHospitalCode
    /// The change is larger than the protocol allows.
    case changeTooLarge
    /// The page says that it showed what nobody has written.
    case unknownDots
    /// Somebody else has changed the case since the page was shown.
    case moved
    /// The save ID was used for something else: nothing of this call was saved.
    case saveIDReused
    /// The draft, or its name, is larger than ``WindowStore/draftBytesMax`` or ``Saving/saveIDBytesMax``.
    case draftTooLarge
    /// There are ``WindowStore/draftsMax`` drafts already.
    case tooManyDrafts
    /// The case has ``Casework/CasePage/perCaseMax`` pages already.
    case tooManyPages
    /// The case shows no such page.
    case unknownPage
    /// The certificate's number may not be used.
    case certificate(CertificateRefusal)
}
