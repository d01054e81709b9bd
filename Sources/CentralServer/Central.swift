import Bundles
import Cryptography
import Foundation
import Persistence
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

    package let fleet: Fleet
    package let mergeDesk: MergeDesk
    package let caseDesk: CaseDesk
    package let departmentDesk: DepartmentDesk
    package let rebuild: Rebuild
    package let bundles: CentralBundles
    package let store: SQLiteCentralStore
    /// What the staff's commands and programs present.
    package let staffToken: String
    private let api: CentralAPI
    private let lock: FileLock

    /// Opens central's directory, which must exist, and makes what is not there yet: the store, the receipt key, and the
    /// staff token (a file of 64 hexadecimal digits, mode 0600).
    ///
    /// - Parameter exchangeDictionary: the zstd dictionary that the protocol names; nil compresses without one.
    package static func open(
        directory: String, exchangeDictionary: [UInt8]? = nil, environment: Environment = .system
    ) throws -> Central {
        let lock = try FileLock(path: directory + "/" + File.lock)
        let keys = try CentralKeys(
            directory: directory, hasStore: FileIdentity(path: directory + "/" + File.store) != nil,
            hasAttachments: AttachmentFiles.isInUse(directory + "/" + File.attachments),
            newStaffToken: Token(environment))
        let store = try SQLiteCentralStore(path: directory + "/" + File.store) { environment.randomNumber() }
        let attachments = try AttachmentStore(
            directory: directory + "/" + File.attachments, key: keys.attachment, environment: environment
        ) { id throws(CentralError) in
            try await store.read { transaction throws(CentralError) in
                try transaction.device(id)?.isRevoked ?? true
            }
        }
        let dictionary = try exchangeDictionary.map { bytes in try ZstandardDictionary(bytes) }
        return Central(
            store: store, keys: keys, dictionary: dictionary, environment: environment,
            attachments: attachments,
            shelf: try BundleShelf(directory: directory + "/" + File.bundles), lock: lock)
    }

    private init(
        store: SQLiteCentralStore, keys: CentralKeys, dictionary: ZstandardDictionary?,
        environment: Environment, attachments: AttachmentStore, shelf: BundleShelf, lock: FileLock
    ) {
        let books = Books(casebook: Casebook(), receipts: Receipts(key: keys.receipt))
        let staffToken = String(decoding: keys.staffToken.copy(), as: UTF8.self)
        api = CentralAPI(
            store: store, books: books, environment: environment, intake: Intake(store: store, books: books),
            gate: DeviceGate(store: store, environment: environment),
            staffTokenHash: SHA256.hash(Array(staffToken.utf8)).bytes,
            dictionary: dictionary, attachments: attachments, identity: keys.identity,
            bundleShelf: shelf)
        fleet = api.fleet
        mergeDesk = api.mergeDesk
        caseDesk = api.caseDesk
        departmentDesk = api.departmentDesk
        bundles = api.bundles
        rebuild = Rebuild(store: store, books: books)
        self.store = store
        self.staffToken = staffToken
        self.lock = lock
    }

    /// All addresses. `onError` hears of errors of which the other end is told nothing.
    package func router(
        onError: @escaping @Sendable (any Error, Request) -> Void = { _, _ in }
    ) -> Router {
        api.router(onError: onError)
    }
}

extension Environment {
    /// The system's clock and source of randomness.
    package static let system = Environment(
        now: { UInt64(max(0, Date().timeIntervalSince1970 * 1000)) }, randomBytes: { SecureRandom.bytes($0) })
}
