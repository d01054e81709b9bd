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
        static let receiptKey = "receipt.key"
        static let staffToken = "staff.token"
        static let attachments = "attachments"
        static let attachmentKey = "attachment.key"
    }

    package let fleet: Fleet
    package let mergeDesk: MergeDesk
    package let caseDesk: CaseDesk
    package let departmentDesk: DepartmentDesk
    package let rebuild: Rebuild
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
        let isNew = FileIdentity(path: directory + "/" + File.store) == nil
        guard isNew || FileIdentity(path: directory + "/" + File.receiptKey) != nil else {
            throw CentralStartError.receiptKeyMissing
        }
        let receiptKey = try key(at: directory + "/" + File.receiptKey) {
            SecretBytes(randomCount: Receipts.keyByteCount)
        }
        let staffToken = try key(at: directory + "/" + File.staffToken) {
            SecretBytes(Array(Token(environment).text.utf8))
        }
        let attachmentKeyPath = directory + "/" + File.attachmentKey
        guard
            FileIdentity(path: attachmentKeyPath) != nil
                || !AttachmentFiles.isInUse(directory + "/" + File.attachments)
        else { throw CentralStartError.attachmentKeyMissing }
        let attachmentKey = try key(at: attachmentKeyPath) {
            SecretBytes(randomCount: AttachmentFiles.keyByteCount)
        }
        let store = try SQLiteCentralStore(path: directory + "/" + File.store) { environment.randomNumber() }
        let attachments = try AttachmentStore(
            directory: directory + "/" + File.attachments, key: attachmentKey, environment: environment
        ) { id throws(CentralError) in
            try await store.read { transaction throws(CentralError) in
                try transaction.device(id)?.isRevoked ?? true
            }
        }
        let dictionary = try exchangeDictionary.map { bytes in try ZstandardDictionary(bytes) }
        return Central(
            store: store, receipts: Receipts(key: receiptKey),
            staffToken: String(decoding: staffToken.copy(), as: UTF8.self), dictionary: dictionary,
            environment: environment, attachments: attachments, lock: lock)
    }

    private init(
        store: SQLiteCentralStore, receipts: Receipts, staffToken: String, dictionary: ZstandardDictionary?,
        environment: Environment, attachments: AttachmentStore, lock: FileLock
    ) {
        let books = Books(casebook: Casebook(), receipts: receipts)
        api = CentralAPI(
            store: store, books: books, environment: environment, intake: Intake(store: store, books: books),
            gate: DeviceGate(store: store, environment: environment),
            staffTokenHash: SHA256.hash(Array(staffToken.utf8)).bytes,
            dictionary: dictionary, attachments: attachments,
            scrub: AttachmentScrub(store: store, attachments: attachments))
        fleet = api.fleet
        mergeDesk = api.mergeDesk
        caseDesk = api.caseDesk
        departmentDesk = api.departmentDesk
        rebuild = Rebuild(store: store, books: books)
        self.store = store
        self.staffToken = staffToken
        self.lock = lock
    }

    /// What goes on beside the requests, until the task is cancelled.
    package func run() async { await api.scrub?.run() }

    /// All addresses. `onError` hears of errors of which the other end is told nothing.
    package func router(
        onError: @escaping @Sendable (any Error, Request) -> Void = { _, _ in }
    ) -> Router {
        api.router(onError: onError)
    }

    /// Reads a secret, or makes it at the first start.
    private static func key(at path: String, make: () -> SecretBytes) throws(KeyFileError) -> SecretBytes {
        let new = make()
        do throws(KeyFileError) {
            return try KeyFile.read(path, byteCount: new.count)
        } catch KeyFileError.absent {
            try KeyFile.write(new, to: path)
            return new
        }
    }
}

/// Why central does not start.
package enum CentralStartError: Error, Hashable, Sendable {
    /// The store is there without its receipt key. With another key all receipts that agents hold would be worthless: put
    /// `receipt.key` back from where it is kept.
    case receiptKeyMissing
    /// Attachments are there without their key, and nothing else opens them: put `attachment.key` back.
    case attachmentKeyMissing
}

extension Environment {
    /// The system's clock and source of randomness.
    package static let system = Environment(
        now: { UInt64(max(0, Date().timeIntervalSince1970 * 1000)) }, randomBytes: { SecureRandom.bytes($0) })
}
