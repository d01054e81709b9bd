import Foundation
import Persistence
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("Central is restored from a backup", .timeLimit(.minutes(3)))
struct RestoreTests {
    private func epoch(_ site: Site) async throws -> Epoch {
        try await site.world.store.read { transaction throws(CentralError) in try transaction.epoch() }
    }

    private func backedUp(_ site: Site, _ replica: ReplicaID) async throws -> UInt64 {
        try await site.world.store.read { transaction throws(CentralError) in
            try transaction.backedUp(replica)
        }
    }

    /// A site with a backup, and a change that came after it.
    private func ahead() async throws -> (
        site: Site, ward: Ward, writer: Writer, backup: BackupFolder, seen: FeedPoint
    ) {
        let site = try Site()
        let (ward, first) = try await site.world.livelyHospital("H1")
        var writer = first
        let backup = try await site.backUp()
        try writer.write(site.world.newCase(), [20: (CBOR.name("later"), [])])
        let seen = try await ward.push(writer.run(Int(writer.length))).head
        return (site, ward, writer, backup, seen)
    }

    @Test(
        "The backup takes the store's place, in another life of the feeds; the old store is kept, and what it had more is told"
    )
    func restored() async throws {
        let (site, _, writer, backup, _) = try await ahead()
        let before = try await epoch(site)
        let outcome = try site.restore(backup)
        #expect(outcome.changesAhead == 1 && outcome.isPresentSound)
        let kept = try #require(outcome.keptAside)
        #expect(try FileManager.default.contentsOfDirectory(atPath: kept).contains("central.sqlite"))
        #expect(
            try StoreAudit.report(ofFile: kept + "/central.sqlite", keys: site.world.keys)
                .problemCount == 0)
        let restored = try site.reopened(seed: 9)
        #expect(try await epoch(restored) != before)
        #expect(try restored.audit().problemCount == 0)
        #expect(
            try await restored.world.store.read { transaction throws(CentralError) in
                try transaction.replica(writer.replica)?.length
            } == writer.length - 1)
    }

    @Test(
        "All that a restored store holds is in a verified backup; a plain copy claims no more than it holds")
    func watermark() async throws {
        let (site, _, writer, first, _) = try await ahead()
        let second = try await site.backUp()
        #expect(try await backedUp(site, writer.replica) == writer.length)
        // The second backup itself says only what was known when it was taken.
        let copied = try Database(
            path: second.path + "/central.sqlite", mode: .readOnly, applicationID: Schema.applicationID)
        let claim = try copied.first(
            "SELECT backed_up, length FROM replica WHERE id = ?", SQLiteValue(writer.replica)
        ) {
            row throws(DatabaseError) in (try row.number(0), try row.number(1))
        }
        #expect(claim?.0 == writer.length - 1 && claim?.1 == writer.length)
        for backup in [second, first] {
            _ = try site.restore(backup)
            let restored = try site.reopened(seed: 9)
            let length = backup == second ? writer.length : writer.length - 1
            #expect(try await backedUp(restored, writer.replica) == length)
        }
    }

    @Test("A sound store that is ahead is replaced by force only; a trial changes nothing")
    func force() async throws {
        let (site, _, _, backup, _) = try await ahead()
        let before = try FileManager.default.subpathsOfDirectory(atPath: site.central).sorted()
        #expect(throws: BackupError.storeIsAhead(changes: 1)) { try site.restore(backup, isForced: false) }
        let outcome = try site.restore(backup, isDryRun: true, isForced: false)
        #expect(outcome.changesAhead == 1 && outcome.keptAside == nil)
        #expect(try FileManager.default.subpathsOfDirectory(atPath: site.central).sorted() == before)
        // One that is damaged, or gone, is not in the way.
        try site.rest()
        try alterFile(site.storePath) { $0.replaceSubrange(0..<16, with: [UInt8](repeating: 0, count: 16)) }
        let second = try site.restore(backup, isForced: false)
        #expect(second.changesAhead == nil && !second.isPresentSound && second.keptAside != nil)
        try FileManager.default.removeItem(atPath: site.storePath)
        let third = try site.restore(backup, isForced: false)
        #expect(third.changesAhead == nil && third.keptAside == nil)
        #expect(try site.audit().problemCount == 0)
    }

    @Test("Attachments that are missing or altered come back, and those that came later stay")
    func attachments() async throws {
        let site = try Site()
        for name in ["aa", "bb", "cc"] { try site.attach(name, "content of " + name) }
        let backup = try await site.backUp()
        try site.attach("dd", "later")
        try site.attach("bb", "altered")
        try FileManager.default.removeItem(atPath: site.central + "/attachments/whole/cc")
        #expect(try site.restore(backup, isDryRun: true).attachmentsBrought == 2)
        #expect(try site.restore(backup).attachmentsBrought == 2)
        for (name, content) in [
            ("aa", "content of aa"), ("bb", "content of bb"), ("cc", "content of cc"), ("dd", "later"),
        ] {
            #expect(
                try String(contentsOfFile: site.central + "/attachments/whole/" + name, encoding: .utf8)
                    == content)
        }
    }

    @Test("A backup that is not sound is not put in place, whatever is said")
    func unsound() async throws {
        let (site, _, _, backup, _) = try await ahead()
        try alterFile(backup.path + "/central.sqlite") { $0[$0.count / 2] ^= 1 }
        let before = try FileManager.default.subpathsOfDirectory(atPath: site.central).sorted()
        #expect(throws: BackupError.self) { try site.restore(backup) }
        #expect(try FileManager.default.subpathsOfDirectory(atPath: site.central).sorted() == before)
    }

    /// The places at which a restore can be cut off, as the files then lie.
    @Test("Cut off at any step, the next opening finds the old store or the new one, whole", arguments: 0...6)
    func cutOff(step: Int) async throws {
        let (site, _, _, backup, _) = try await ahead()
        // The old store has a log beside it, as after a kill.
        try Data("a log that belongs to the old store".utf8).write(
            to: URL(filePath: site.directory.path + "/log"))
        let old = site.directory.path + "/old.sqlite"
        try copyStore(site.storePath, to: old)
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: site.storePath + suffix)
        }
        _ = try site.restore(backup)
        let new = try Data(contentsOf: URL(filePath: site.storePath))
        // From here the files are laid as they lie between two steps.
        let files = FileManager.default
        try files.removeItem(atPath: site.storePath)
        let restoring = site.central + (step == 0 ? "/restoring.unfinished" : "/restoring")
        try files.createDirectory(atPath: restoring, withIntermediateDirectories: true)
        func lay(_ source: String, _ target: String) throws {
            try files.copyItem(atPath: source, toPath: target)
        }
        let log = site.directory.path + "/log"
        switch step {
        case 0:  // not all of the new store is there
            try new.prefix(5_000).write(to: URL(filePath: restoring + "/central.sqlite.fresh"))
            try lay(old, site.storePath)
        case 1...4:
            try new.write(to: URL(filePath: restoring + "/central.sqlite.fresh"))
            try lay(log, step >= 2 ? restoring + "/central.sqlite-wal" : site.storePath + "-wal")
            if step <= 2 { try lay(old, site.storePath) }
            if step >= 3 { try lay(old, restoring + "/central.sqlite") }
            if step == 4 { try lay(log, restoring + "/central.sqlite-shm") }
        default:
            try new.write(to: URL(filePath: site.storePath))
            if step == 5 { try lay(old, restoring + "/central.sqlite") }
        }
        let kept = try Restoration.finish(in: site.central)
        #expect((kept != nil) == (1...5).contains(step))
        let isOld = step == 0
        #expect(
            try Data(contentsOf: URL(filePath: site.storePath))
                == (isOld ? Data(contentsOf: URL(filePath: old)) : new))
        #expect(!files.fileExists(atPath: site.storePath + "-wal"))
        #expect(!files.fileExists(atPath: site.central + "/restoring"))
        #expect(try site.audit().problemCount == 0)
        #expect(try Restoration.finish(in: site.central) == nil)
    }

    @Test(
        "By command or by plain copy, to any older backup, twice, with writes before the first contact: all comes back",
        arguments: 0..<8)
    func comesBack(seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var site = try Site()
        let (ward, first) = try await site.world.livelyHospital("H1")
        var writer = first
        var backups = [try await site.backUp()]
        for number in 0..<3 {
            try writer.write(site.world.newCase(), [20: (CBOR.name("\(number)"), [])])
            try await ward.push(writer.run(Int(writer.length)))
            backups.append(try await site.backUp())
        }
        try writer.write(site.world.newCase(), [20: (CBOR.name("last"), [])])
        let seen = try await ward.push(writer.run(Int(writer.length))).head
        // What an agent holds: every change of its feed with its receipt.
        let held = try await site.world.feed(of: ward.hospital.id)
        for round in 0..<2 {
            let backup = try #require(backups.randomElement(using: &random))
            if Bool.random(using: &random) {
                _ = try site.restore(backup)
            } else {
                for suffix in ["", "-wal", "-shm"] {
                    try? FileManager.default.removeItem(atPath: site.storePath + suffix)
                }
                try FileManager.default.copyItem(
                    atPath: backup.path + "/central.sqlite", toPath: site.storePath)
            }
            site = try site.reopened(seed: UInt64(100 * seed + round))
            if Bool.random(using: &random) {
                _ = try await site.world.caseDesk.edit(
                    CaseDesk.Edit(
                        caseID: first.changes[0].caseID, answers: ["childName": .text("\(round + 1)")],
                        user: "s"))
            }
        }
        let back = Ward(world: site.world, hospital: ward.hospital, device: ward.device)
        var request = back.request(heads: [writer.head])
        request.witness = seen
        #expect(try await back.exchange(request).isRepairNeeded)
        request.isRepair = true
        request.pushes = [writer.run()]
        for entry in held {
            guard let change = try entry.change, case .change(_, _, _, let receipt, _) = entry.item.subject,
                change.replica != writer.replica
            else { continue }
            request.pushes.append(.foreign(change, receipt))
        }
        let answer = try await back.exchange(request)
        #expect(answer.stored == [Watermark(replica: writer.replica, sequence: writer.length)])
        #expect(answer.forks.isEmpty)
        for change in writer.changes {
            #expect(try await site.world.state(of: change.caseID).seen.contains(change.dot))
        }
        for entry in held {
            guard let change = try entry.change else { continue }
            #expect(try await site.world.state(of: change.caseID).seen.contains(change.dot))
        }
        #expect(try site.audit().problems == [])
    }
}
