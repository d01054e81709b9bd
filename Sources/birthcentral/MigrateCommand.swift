import CentralServer
import Commands
import Foundation
import Persistence

#if Postgres
    import CentralPostgres
#endif

extension Command {
    static let migrate = Command(
        "migrate", "--from STORE --to STORE [--new-epoch]",
        "copy all of central's records into an empty store, and verify the copy",
        discussion: """
            STORE is sqlite:FILE or postgres:CONNINFO. Central must be stopped. Every row is read back and compared, and the copy is
            looked at as by check, before it counts: what fails or is cut off leaves nothing. Keys and attachments stay in DIRECTORY.
            Then serve with --database, and move the old store away: two that live on from one would contradict each other.
            --new-epoch is for a backup (--from sqlite:TO/NAME/central.sqlite) that takes the place of a store which had more.
            """,
        valued: ["--from", "--to"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        guard let from = arguments.option("--from"), let to = arguments.option("--to") else {
            throw UsageError("migrate takes --from STORE and --to STORE")
        }
        let isNew = arguments.flag("--new-epoch")
        try arguments.finish()
        let (source, target) = (try StoreEnd(from), try StoreEnd(to))
        let copy = StoreCopy(
            keys: try central.storeKeys(),
            newEpoch: isNew ? UInt64.random(in: .min ... .max) : nil)
        let outcome: StoreCopy.Outcome
        do {
            let lock = try source.lock()
            defer { withExtendedLifetime(lock) {} }
            outcome = try source.read { try target.make(copy, from: $0) }
        } catch FileLockError.heldByAnother(let process) {
            throw CommandError(
                "central runs on \(source.name)\(process.map { " (process \($0))" } ?? ""): stop it first",
                status: .temporaryFailure)
        } catch let error as StoreCopy.Fault { throw CommandError(error, from: source.name) }
        console.print(
            central.isJSON
                ? String(decoding: try JSONEncoder().encode(MigrateAnswer(outcome)), as: UTF8.self)
                : "copied and verified \(outcome.changeCount) changes and \(outcome.rowCount) rows of \(outcome.counts.count) tables; serve with the new store, and move the old one away"
        )
        return .ok
    }

    private struct MigrateAnswer: Encodable {
        let changes: Int
        let rows: Int
        let tables: [String: Int]
        let epoch: String

        init(_ outcome: StoreCopy.Outcome) {
            (changes, rows, tables) = (outcome.changeCount, outcome.rowCount, outcome.counts)
            epoch = String(outcome.epoch, radix: 16)
        }
    }
}

extension StoreCopy.Outcome {
    fileprivate var rowCount: Int { counts.values.reduce(0, +) }
}

extension CommandError {
    fileprivate init(_ fault: StoreCopy.Fault, from name: String) {
        switch fault {
        case .different(let table):
            self.init(
                "what was read back of \(table) is not what was written; nothing was kept. Try again.",
                status: .ioError)
        case .unsound(let problems):
            self.init(
                ([
                    "\(name) is damaged, and a copy of it would be; nothing was kept. Next: birthcentral check"
                ] + problems.map { "  \($0)" }).joined(separator: "\n"), status: .dataError)
        }
    }
}
