import Casework
import CentralServer
import Cryptography
import Foundation
import Persistence
import SyncProtocol
import Web

/// Central as it is, short of the socket: its directory with keys and lock, its store, its addresses.
final class CentralSite {
    static let file = "central.sqlite"
    /// A copy of the file, and what central had acknowledged or written itself by then.
    struct Backup {
        let file: String
        let held: Set<Act>
    }

    private let disk: Disk
    private let clock: WallClock
    private let dice: Dice
    private var running: (central: Central, router: Router)?
    /// What central acknowledged or wrote, and must hold unless it is restored.
    var held: Set<Act> = []
    var backups: [Backup] = []

    init(disk: Disk, clock: WallClock, dice: Dice) throws {
        (self.disk, self.clock, self.dice) = (disk, clock, dice)
        // Keys that the seed repeats; the receipt key lies outside every backup.
        try KeyFile.write(SecretBytes(dice.bytes(32)), to: disk.file("receipt.key"))
        try start()
    }

    func start() throws {
        let (clock, dice) = (clock, dice)
        let central = try Central.open(
            directory: disk.path, exchangeDictionary: ExchangeDictionary.bytes,
            environment: CentralServer.Environment(now: { clock.now }, randomBytes: { dice.bytes($0) }))
        running = (central, central.router())
    }

    func stop() { running = nil }

    /// Carries out a request as the HTTP server would hand it over.
    func respond(to request: Request) async throws -> Response {
        guard let running else { throw Broken("central does not run") }
        return await running.router.respond(to: request)
    }

    /// What central's own people do through its API.
    func staff(_ method: Web.Method, _ target: String, _ body: JSON = .null, as user: String = "staff")
        async throws -> Response
    {
        let bytes = body == .null ? [] : Array(try JSONEncoder().encode(body))
        return try await staff(method, target, bytes: bytes, as: user)
    }

    func staff(_ method: Web.Method, _ target: String, bytes: [UInt8], as user: String = "staff")
        async throws -> Response
    {
        guard let running else { throw Broken("central does not run") }
        let request = Request(
            method, target,
            headers: ["Authorization": "Bearer \(running.central.staffToken)", "Operator": user],
            body: bytes)
        return await running.router.respond(to: request)
    }

    func read<Result: Sendable>(
        _ body: @Sendable (any CentralTransaction) throws(CentralError) -> Result
    ) async throws -> Result {
        guard let running else { throw Broken("central does not run") }
        return try await running.central.store.read(body)
    }

    func rebuild() async throws {
        guard let running else { throw Broken("central does not run") }
        try await running.central.rebuild.run()
    }

    /// Copies the store: by the program, or by a file manager while nothing is written.
    func backUp(to file: String, byProgram: Bool) async throws {
        if byProgram {
            // "BWcn": central's mark in the file.
            try Database(path: disk.file(Self.file), mode: .readOnly, applicationID: 0x4257_636E)
                .backup(to: disk.file(file))
        } else {
            try disk.copy(Self.file, to: file)
        }
        backups.append(Backup(file: file, held: held))
    }

    /// Puts a copy in the store's place: while central is stopped, or under the running program.
    func restore(_ backup: Backup, whileRunning: Bool) throws {
        held = backup.held
        if whileRunning {
            // One file, as `cp` and `mv` leave it: the log of the old one is gone.
            try disk.copy(backup.file, to: "restored.sqlite")
            guard disk.logBytes(of: "restored.sqlite") == 0 else { return try replace(by: "restored.sqlite") }
            for suffix in ["-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: disk.file(Self.file + suffix))  // may be absent
            }
            try disk.rename("restored.sqlite", to: Self.file)
            disk.remove("restored.sqlite")
        } else {
            try disk.copy(backup.file, to: "restored.sqlite")
            try replace(by: "restored.sqlite")
        }
    }

    /// The power goes: what had reached the disk is all there is.
    func crash(logBytes: Int? = nil) throws {
        try disk.copy(Self.file, to: "crashed.sqlite", logBytes: logBytes)
        try replace(by: "crashed.sqlite")
    }

    private func replace(by file: String) throws {
        stop()
        try disk.copy(file, to: Self.file)
        disk.remove(file)
        try start()
    }
}
