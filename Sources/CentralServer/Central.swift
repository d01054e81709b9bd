import Bundles
package import Cryptography
import Foundation
package import Persistence
import SyncProtocol
package import Web

/// Central: one directory with the store, its keys and its lock; the HTTP interface; and what the commands use.
package struct Central: Sendable {
    /// The version that `--version` tells.
    package static let version = "0.1.0"

    /// Names of the files in central's directory.
    private enum File {
        static let store = "central.sqlite"
        static let lock = "central.lock"
        static let attachments = "attachments"
        static let bundles = "bundles"
    }

    /// What a technician does about a damaged store.
    package static let damageAdvice = "Next: birthcentral check; stop central; birthcentral restore BACKUP"

    package let fleet: Fleet
    package let mergeDesk: MergeDesk
    package let caseDesk: CaseDesk
    package let scopeDesk: ScopeDesk
    package let departmentDesk: DepartmentDesk
    package let rebuild: Rebuild
    package let backupDesk: BackupDesk
    package let bundles: CentralBundles
    package let store: any CentralStore
    /// What the staff's commands and programs present.
    package let staffToken: String
    private let api: CentralAPI
    private let listen: @Sendable () async -> Void
    private let lock: FileLock

    /// Opens central's directory, which must exist, and makes what is not there yet: the store, the receipt key, and the
    /// staff token (a file of 64 hexadecimal digits, mode 0600).
    ///
    /// - Parameters:
    ///   - passphrase: opens the file of the sealing key, where that is sealed itself.
    ///   - database: where the records are; nil is a file in the directory.
    ///   - exchangeDictionary: the zstd dictionary that the protocol names; nil compresses without one.
    ///   - versions: the versions of the protocol that it speaks.
    package static func open(
        directory: String, passphrase: SecretBytes? = nil, database: SharedDatabase? = nil,
        exchangeDictionary: [UInt8]? = nil, environment: Environment = .system,
        versions: ClosedRange<UInt64> = ExchangeRequest.versions
    ) throws -> Central {
        let lock = try FileLock(path: directory + "/" + File.lock)
        let news = LocalFeedNews()
        let isShared = database != nil
        let seal = SealKey(SealKey.ring(in: directory, passphrase: passphrase))
        let (opened, keys) = try open(
            database, in: directory, seal: seal, environment: environment, news: news
        ) { isInUse in
            let hasAttachments = AttachmentFiles.isInUse(directory + "/" + File.attachments)
            return try CentralKeys(
                directory: directory, hasStore: isInUse,
                hasAttachments: isShared && isInUse || hasAttachments, newStaffToken: Token(environment))
        }
        let store = opened.store
        let attachments = try AttachmentStore(
            directory: directory + "/" + File.attachments, key: keys.attachment, isShared: isShared,
            environment: environment
        ) { id throws(CentralError) in
            try await store.read { transaction throws(CentralError) in
                try transaction.device(id)?.isRevoked ?? true
            }
        }
        let dictionary = try exchangeDictionary.map { bytes in try ZstandardDictionary(bytes) }
        let storeKeys = StoreKeys(
            receipts: Receipts(key: keys.receipt), seal: try seal.secret(isSealed: true))
        var copyStore: BackupMaker.CopyStore?
        if let database {
            copyStore = { path throws(CentralError) in try database.copy(path, storeKeys) }
        }
        let backupDesk = BackupDesk(
            directory: directory, store: store, keys: storeKeys, environment: environment,
            attachmentName: { attachments.name(of: $0) }, duties: opened.duties, copyStore: copyStore)
        return Central(
            opened: opened, isShared: isShared, keys: keys, backupDesk: backupDesk, dictionary: dictionary,
            environment: environment, attachments: attachments,
            waitingRoom: WaitingRoom(news: isShared ? SharedFeedNews(store: store, heard: news) : news),
            shelf: try BundleShelf(directory: directory + "/" + File.bundles), lock: lock, versions: versions,
            storeBytes: { Self.byteCount(of: directory + "/" + File.store) })
    }

    private init(
        opened: SharedDatabase.Opened, isShared: Bool, keys: CentralKeys, backupDesk: BackupDesk,
        dictionary: ZstandardDictionary?, environment: Environment, attachments: AttachmentStore,
        waitingRoom: WaitingRoom, shelf: BundleShelf, lock: FileLock, versions: ClosedRange<UInt64>,
        storeBytes: @escaping @Sendable () -> UInt64?
    ) {
        let store = opened.store
        let books = Books(
            casebook: Casebook(), receipts: Receipts(key: keys.receipt), versions: versions,
            isShared: isShared)
        let staffToken = String(decoding: keys.staffToken.copy(), as: UTF8.self)
        var api = CentralAPI(
            store: store, books: books, environment: environment, intake: Intake(store: store, books: books),
            gate: DeviceGate(store: store, environment: environment),
            staffTokenHash: SHA256.hash(Array(staffToken.utf8)).bytes,
            dictionary: dictionary, attachments: attachments, backupDesk: backupDesk,
            identity: keys.identity, waitingRoom: waitingRoom,
            scrub: AttachmentScrub(store: store, attachments: attachments, duties: opened.duties),
            bundleShelf: shelf)
        api.storeBytes = storeBytes
        api.browserKey = SecretBytes(
            SHA256.hash(Array("birthcentral browsers \(staffToken)".utf8)).bytes)
        self.api = api
        self.backupDesk = backupDesk
        fleet = api.fleet
        mergeDesk = api.mergeDesk
        caseDesk = api.caseDesk
        scopeDesk = api.scopeDesk
        departmentDesk = api.departmentDesk
        bundles = api.bundles
        rebuild = Rebuild(store: store, books: books)
        self.store = store
        listen = opened.listen
        self.staffToken = staffToken
        self.lock = lock
    }

    /// All addresses. `onError` hears of errors of which the other end is told nothing.
    package func router(
        onError: @escaping @Sendable (any Error, Request) -> Void = { _, _ in }
    ) -> Router {
        api.router(onError: onError)
    }

    /// What goes on beside the requests, until the task is cancelled; then nobody waits here any more, so that a server that
    /// stops waits for nobody.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await listen() }
            group.addTask { await api.scrub?.run() }
            group.addTask { await api.auditKeeper.run() }
            group.addTask { await api.erasureKeeper.run() }
            group.addTask { await FleetSampler(store: api.store, environment: api.environment).run() }
            group.addTask {
                // A hundred years: only cancelling ends it.
                try? await Task.sleep(for: .seconds(3_155_760_000))
                await api.waitingRoom?.close()
            }
        }
    }

    /// The key of a central's receipts, for who only reads; nil if it is not there.
    package static func receiptKey(in directory: String) -> SecretBytes? {
        CentralKeys.receiptKey(in: directory)
    }

    /// The keys that a restored central needs and a directory does not have.
    package static func missingKeys(in directory: String, hasAttachments: Bool) -> [String] {
        CentralKeys.missing(in: directory, hasAttachments: hasAttachments)
    }

    /// By which key the store's file is sealed; nil if it is not, or is not there. Without the key.
    package static func sealMark(in directory: String) throws(CentralError) -> [UInt8]? {
        let path = storePath(in: directory)
        guard FileIdentity(path: path) != nil else { return nil }
        do throws(DatabaseError) {
            let store = SQLConnection.file(
                try Database(path: path, mode: .readOnly, applicationID: Schema.applicationID))
            return try store.isSealed() ? try store.sealMark() : nil
        } catch { throw CentralError(error) }
    }

    /// Bytes of a store's file and of its log.
    private static func byteCount(of path: String) -> UInt64? {
        let sizes = ["", "-wal"].compactMap {
            try? FileManager.default.attributesOfItem(atPath: path + $0)[.size] as? UInt64
        }
        return sizes.isEmpty ? nil : sizes.reduce(0, +)
    }

    /// Where the store lies.
    package static func storePath(in directory: String) -> String { directory + "/" + File.store }

    /// Whether a central was ever opened on the directory.
    package static func isDirectory(_ directory: String) -> Bool {
        FileIdentity(path: directory + "/" + File.lock) != nil
    }

    /// Holds a central's directory; it must not be open.
    package static func lock(_ directory: String) throws(FileLockError) -> FileLock {
        try FileLock(path: directory + "/" + File.lock)
    }
}

extension Environment {
    /// The system's clock and source of randomness.
    package static let system = Environment(
        now: { UInt64(max(0, Date().timeIntervalSince1970 * 1000)) }, randomBytes: { SecureRandom.bytes($0) })
}
