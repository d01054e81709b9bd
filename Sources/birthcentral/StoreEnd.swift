import CentralServer
import Commands
import Persistence

#if Postgres
    import CentralPostgres
#endif

/// A store that `migrate` and `check` name: `sqlite:FILE` or `postgres:CONNINFO`.
enum StoreEnd {
    case file(StoreFile)
    #if Postgres
        case postgres(PostgresStoreEnd)
    #endif

    /// - Throws: a sentence that quotes nothing of the text, which may hold a password.
    init(_ text: String) throws(CommandError) {
        let scheme = "sqlite:"
        if text.hasPrefix(scheme) {
            self = .file(StoreFile(path: Command.absolute(String(text.dropFirst(scheme.count)))))
            return
        }
        #if Postgres
            if let address = PostgresAddress(text) {
                self = .postgres(PostgresStoreEnd(address))
                return
            }
        #else
            if text.hasPrefix("postgres:") { throw CentralDatabase.notBuilt }
        #endif
        throw CommandError("a store is sqlite:FILE or postgres:CONNINFO", status: .usage)
    }

    /// How it is called in sentences.
    var name: String {
        switch self {
        case .file(let file): file.path
        #if Postgres
            case .postgres: "the PostgreSQL database"
        #endif
        }
    }

    /// Holds the directory of a central's file, so that no central writes there; nil for a server, and for a backup.
    func lock() throws -> FileLock? {
        guard case .file(let file) = self, let slash = file.path.lastIndex(of: "/") else { return nil }
        let directory = String(file.path[..<slash])
        return Central.isDirectory(directory) ? try Central.lock(directory) : nil
    }

    /// Looks at the whole store for damage, whether central works or not.
    func report(keys: StoreKeys) throws -> AuditReport {
        do throws(CentralError) {
            switch self {
            case .file(let file): return try StoreAudit.report(ofFile: file.path, keys: keys)
            #if Postgres
                case .postgres(let end): return try end.report(keys: keys)
            #endif
            }
        } catch { throw CommandError(error, at: name) }
    }

    func read<R>(_ body: (any TableSource) throws -> R) throws -> R {
        try told {
            switch self {
            case .file(let file): try file.read(body)
            #if Postgres
                case .postgres(let end): try end.read(body)
            #endif
            }
        }
    }

    func make(_ copy: StoreCopy, from source: any TableSource) throws -> StoreCopy.Outcome {
        try told {
            switch self {
            case .file(let file):
                try file.make { try copy.perform(from: source, to: $0, $1) }
            #if Postgres
                case .postgres(let end): try end.make { try copy.perform(from: source, to: $0, $1) }
            #endif
            }
        }
    }

    /// Tells in a sentence why the store cannot be read or filled.
    private func told<R>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch let fault as StoreFile.Fault {
            throw told(fault)
        } catch let error as DatabaseError {
            throw CommandError(error, at: name)
        } catch {
            #if Postgres
                if let fault = error as? PostgresStoreEnd.Fault { throw told(fault) }
            #endif
            throw error
        }
    }

    private func told(_ fault: StoreFile.Fault) -> CommandError {
        switch fault {
        case .absent: CommandError("\(name) does not exist", status: .noInput)
        case .taken: CommandError("\(name) exists already: name a new file", status: .cannotCreate)
        case .older: older
        }
    }

    #if Postgres
        private func told(_ fault: PostgresStoreEnd.Fault) -> CommandError {
            switch fault {
            case .taken:
                CommandError("\(name) is not empty: make a new one with createdb", status: .cannotCreate)
            case .older: older
            }
        }
    #endif

    private var older: CommandError {
        CommandError(
            "\(name) holds no store of this version: start this version of central on it once, stop it, and try again",
            status: .configuration)
    }
}
