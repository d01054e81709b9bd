import Cryptography
import Foundation
import Persistence
import SyncProtocol

@testable import CentralServer

/// Central's directory with a store in it, and a folder for backups beside it.
struct Site {
    let directory: TemporaryDirectory
    let world: World

    init(seed: UInt64 = 1) throws {
        directory = try TemporaryDirectory()
        for name in ["central", "backups"] {
            try FileManager.default.createDirectory(
                atPath: directory.path + "/" + name, withIntermediateDirectories: true)
        }
        world = try World(seed: seed, path: directory.path + "/central/central.sqlite")
    }

    private init(_ directory: TemporaryDirectory, _ world: World) {
        (self.directory, self.world) = (directory, world)
    }

    var central: String { directory.path + "/central" }
    var backups: String { directory.path + "/backups" }
    var storePath: String { central + "/central.sqlite" }

    /// The same directory, opened by another process: the first one's store must not be used any more.
    func reopened(seed: UInt64) throws -> Site { Site(directory, try World(seed: seed, path: storePath)) }

    var desk: BackupDesk {
        BackupDesk(
            directory: central, store: world.store, keys: world.keys,
            environment: world.environment, attachmentName: { $0 })
    }

    /// A backup a minute after the one before it.
    func backUp() async throws -> BackupFolder {
        world.clock.withLock { $0 += 60_000 }
        return try await desk.backUp(to: backups)
    }

    func restore(_ backup: BackupFolder, isDryRun: Bool = false, isForced: Bool = true) throws(BackupError)
        -> Restoration.Outcome
    {
        try Restoration(backup, into: central, environment: world.environment).perform(
            world.keys, isDryRun: isDryRun, isForced: isForced)
    }

    func audit() throws -> AuditReport {
        try StoreAudit.report(ofFile: storePath, keys: world.keys)
    }

    /// Puts all of the store into its one file, as when central has ended in good order; it must not be used any more.
    func rest() throws {
        let copy = directory.path + "/resting.sqlite"
        try copyStore(storePath, to: copy)
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: storePath + suffix) }
        try FileManager.default.moveItem(atPath: copy, toPath: storePath)
    }

    /// Puts a file there as whole attachments lie.
    func attach(_ name: String, _ content: String) throws {
        let folder = central + "/attachments/whole"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(content.utf8).write(to: URL(filePath: folder + "/" + name))
    }

    /// Changes raw rows, as a broken disk or program would; the store must not be in use.
    func alter(_ sql: String...) throws {
        for sql in sql { try Site.alter(storePath, sql) }
    }

    static func alter(_ path: String, _ sql: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()", path,
            sql,
        ]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Broken(what: sql) }
    }
}

/// Copies a store that may be in use, as it is at one moment.
func copyStore(_ path: String, to target: String) throws {
    try Database(path: path, mode: .readOnly, applicationID: Schema.applicationID).backup(to: target)
}

/// A file's bytes, to be altered.
func alterFile(_ path: String, _ body: (inout Data) -> Void) throws {
    var data = try Data(contentsOf: URL(filePath: path))
    body(&data)
    try data.write(to: URL(filePath: path))
}

extension World {
    /// A hospital with a life behind it: cases, a case that left, an unreadable body, a foreign change, central's own.
    func livelyHospital(_ code: String, cases: Int = 5) async throws -> (ward: Ward, writer: Writer) {
        let ward = try await hospital(code)
        var writer = Writer(environment.randomNumber())
        var last = newCase()
        for number in 0..<cases {
            last = newCase()
            try writer.write(last, [20: (CBOR.name("\(code) \(number)"), [])])
            try writer.write(last, [202: ([.text("done")], [])])  // not the window's: set aside
        }
        writer.append([0x01])
        try await ward.push(writer.run())
        _ = try await caseDesk.edit(
            CaseDesk.Edit(caseID: last, answers: ["childName": .text("z")], user: "staff"))
        let left = last
        let books = books
        try await store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: 1)
            try ledger.leave(left, ward.hospital.id)
            try ledger.finish()
        }
        return (ward, writer)
    }
}
