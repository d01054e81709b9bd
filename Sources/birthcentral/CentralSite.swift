import CentralServer
import Commands
import Cryptography
import Foundation
import Persistence
import SyncProtocol
import Web

/// Central's records.
struct CentralSite: SealedSite {
    static let program = "birthcentral"

    let path: String
    let isJSON: Bool
    /// Where the records are if not in a file there; what follows `--database`.
    private let database: String?
    private let passphraseFile: String?
    /// What `serve` is to do about backups by itself.
    var backups: BackupPlan?
    /// The folders that `serve` is to look after.
    var folders: FolderPlan?

    init(_ arguments: inout Arguments) {
        path =
            arguments.option("--data") ?? ProcessInfo.processInfo.environment["BIRTHCENTRAL_DATA"]
            ?? "/var/lib/birthcentral"
        database =
            arguments.option("--database") ?? ProcessInfo.processInfo.environment["BIRTHCENTRAL_DATABASE"]
        isJSON = arguments.flag("--json")
        passphraseFile = arguments.option(PassphraseFile.option)
    }

    /// The database that was named; nil is the file in the directory.
    func sharedDatabase() throws -> SharedDatabase? { try database.map(CentralDatabase.shared) }

    private func passphrase() throws -> SecretBytes? {
        try passphraseFile.map { try PassphraseFile.read($0) }
    }

    /// The keys in the directory, as far as they are there.
    func storeKeys() throws -> StoreKeys {
        let passphrase = try passphrase()
        do throws(CentralError) { return try StoreKeys(in: path, passphrase: passphrase) } catch {
            throw CommandError(error, at: path)
        }
    }

    func keyRing() throws -> KeyRing { SealKey.ring(in: path, passphrase: try passphrase()) }

    func sealMark() throws -> [UInt8]? {
        do throws(CentralError) { return try database == nil ? Central.sealMark(in: path) : nil } catch {
            throw CommandError(error, at: path)
        }
    }

    func mark(of secret: SecretBytes) -> [UInt8] { SQLConnection.mark(of: SealKey.database(secret)) }

    func sealNotes() throws -> [String] {
        ["backups are sealed under the same secret and do not hold it: keep both files apart from them"]
    }

    /// For what is done to a file only.
    func requireFile() throws(CommandError) {
        if database == nil { return }
        throw CommandError(
            "a backup comes into an empty database by: birthcentral migrate --from sqlite:BACKUP/central.sqlite --to postgres:CONNINFO --new-epoch",
            status: .unavailable)
    }

    /// The store itself, without a central around it; it must exist.
    func storeEnd() throws -> StoreEnd {
        if let database { return try StoreEnd(database) }
        let path = Central.storePath(in: path)
        guard FileIdentity(path: path) != nil else {
            throw CommandError("\(path) does not exist", status: .noInput)
        }
        return .file(StoreFile(path: path))
    }

    func open(idleSeconds: UInt64?, log: Log) throws -> OpenSite {
        try makeDirectory()
        do {
            var environment = Environment.system
            environment.log = { log($0) }
            let central = try Central.open(
                directory: path, passphrase: try passphrase(), database: try sharedDatabase(),
                exchangeDictionary: ExchangeDictionary.bytes, environment: environment)
            let router = central.router { error, request in log(.failed(request, error)) }
            let (backups, folders) = (backups, folders)
            return OpenSite(router: router, token: central.staffToken, owner: central) {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await central.run() }
                    group.addTask { await backups?.run(central.backupDesk) }
                    group.addTask { await folders?.run(.local(router, token: central.staffToken), log) }
                }
            }
        } catch let error as CentralError {
            throw CommandError(error, at: path)
        } catch let error as BackupError {
            throw CommandError(error, at: path)
        } catch CentralStartError.keyMissing(let name) {
            throw CommandError(
                "\(path) is in use but has no \(name): put the file back from where it is kept; a new key would make worthless what windows or central made with the old one",
                status: .configuration)
        } catch CentralStartError.otherKeys(let names) {
            throw CommandError(
                "\(path): \(names.joined(separator: ", ")): not the keys of the processes that serve this database; copy these files from the --data of one of them",
                status: .configuration)
        } catch CentralStartError.isShared {
            throw CommandError(
                "the records of \(path) are in a database: name it with --database or $BIRTHCENTRAL_DATABASE",
                status: .configuration)
        } catch CentralStartError.hasFile {
            throw CommandError(
                "\(path) holds records in a file: bring them over with birthcentral migrate, and then move \(Central.storePath(in: path)) away",
                status: .configuration)
        } catch let error as AttachmentError {
            throw CommandError("\(path)/attachments: \(error.description)", status: .cannotCreate)
        }
    }
}

/// Where central backs itself up, and how often: options of `serve`.
struct BackupPlan: Hashable, Sendable {
    /// The options that take a value.
    static let valued: Set<String> = ["--backup-to", "--backup-every"]
    /// Hours between two backups at most: a month.
    static let hoursMax = 744

    let folder: String
    let hours: Int

    /// Nil if no backups are asked for.
    init?(_ arguments: inout Arguments) throws(UsageError) {
        let every = arguments.option("--backup-every")
        guard let folder = arguments.option("--backup-to") else {
            if every != nil { throw UsageError("--backup-every needs --backup-to") }
            return nil
        }
        guard let hours = Int(every ?? "24"), 1...Self.hoursMax ~= hours else {
            throw UsageError("--backup-every takes hours from 1 to \(Self.hoursMax)")
        }
        (self.folder, self.hours) = (Command.absolute(folder), hours)
    }

    func run(_ desk: BackupDesk) async {
        await desk.run(to: folder, everyMilliseconds: UInt64(hours) * 3_600_000)
    }
}
