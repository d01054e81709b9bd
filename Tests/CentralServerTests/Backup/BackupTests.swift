import Casework
import Cryptography
import Foundation
import Persistence
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("Backups of central", .timeLimit(.minutes(3)))
struct BackupTests {
    private func inode(_ path: String) -> FileIdentity? { FileIdentity(path: path) }

    @Test("A backup holds the store and the attachments as sha256sum reads them, and no key")
    func whole() async throws {
        let site = try Site()
        _ = try await site.world.livelyHospital("H1")
        try site.attach("aa", "one")
        for key in ["receipt.key", "attachment.key", "staff.token"] {
            try Data("k".utf8).write(to: URL(filePath: site.central + "/" + key))
        }
        let backup = try await site.backUp()
        let found = try FileManager.default.subpathsOfDirectory(atPath: backup.path).sorted()
        #expect(
            found == [
                "SHA256SUMS", "attachments", "attachments/whole", "attachments/whole/aa", "central.sqlite",
                "manifest.json",
            ])
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["sha256sum", "--quiet", "--check", "SHA256SUMS"]
        process.currentDirectoryURL = URL(filePath: backup.path)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let report = try backup.verify(site.world.keys)
        #expect(report.problemCount == 0 && report.changeCount > 10 && report.caseCount > 5)
        #expect(try BackupFolder.all(in: site.backups) == [backup])
    }

    @Test("What a verified backup holds is told as backed up, and nothing more")
    func watermark() async throws {
        let site = try Site()
        var (ward, writer) = try await site.world.livelyHospital("H1")
        #expect(try await ward.exchange(ward.request(heads: [writer.head])).backedUp == [])
        let first = Watermark(replica: writer.replica, sequence: writer.length)
        _ = try await site.backUp()
        #expect(try await ward.exchange(ward.request(heads: [writer.head])).backedUp == [first])
        try writer.write(site.world.newCase(), [20: (CBOR.name("n"), [])])
        let answer = try await ward.push(writer.run(Int(writer.length)))
        #expect(answer.stored == [Watermark(replica: writer.replica, sequence: writer.length)])
        #expect(answer.backedUp == [first])
        _ = try await site.backUp()
        let second = Watermark(replica: writer.replica, sequence: writer.length)
        #expect(try await ward.exchange(ward.request(heads: [writer.head])).backedUp == [second])
    }

    @Test("Of the feed is told up to where a verified backup holds it, and never less")
    func position() async throws {
        let site = try Site()
        let (ward, writer) = try await site.world.livelyHospital("H1")
        func told() async throws -> UInt64 {
            try await ward.exchange(ward.request(heads: [writer.head])).backedUpPosition
        }
        #expect(try await told() == 0)
        _ = try await site.backUp()
        let head = try #require(try await site.world.feed(of: ward.hospital.id).last).head
        #expect(try await told() == head.position)
        try await site.world.publish(policyFile(version: 2))
        #expect(try await told() == head.position)
        for point in [
            FeedPoint(position: head.position + 1, chain: head.chain),
            FeedPoint(position: 1, chain: head.chain),
        ] {
            try await site.world.store.write { transaction throws(CentralError) in
                try transaction.noteBackup(of: ward.hospital.id, through: point)
            }
        }
        #expect(try await told() == head.position, "neither is a point of this feed")
        var repair = ward.request(heads: [writer.head])
        repair.isRepair = true
        #expect(try await ward.exchange(repair).backedUpPosition == 0)
    }

    @Test(
        "An attachment counts while it is in the last verified backup, and only a hospital that has its case is told"
    )
    func attachments() async throws {
        let site = try Site()
        let ward = try await site.world.hospital("H1")
        let hashes = (0..<3).map { SHA256.hash([UInt8($0)]) }
        var writer = Writer(1)
        let pages = hashes.map {
            CasePage(hash: $0.bytes, format: .jpg, byteCount: 5, material: "M", part: "正面").cbor
        }
        try writer.write(site.world.newCase(), [11: ([.array(pages)], [])])
        try await ward.push(writer.run())
        func told(_ ward: Ward) async throws -> [Digest] {
            var request = ward.request()
            request.backupQuestions = hashes
            return try await ward.exchange(request).backedUpAttachments
        }
        try site.attach(hashes[0].bytes.hexadecimal, "one")
        #expect(try await told(ward) == [])
        _ = try await site.backUp()
        #expect(try await told(ward) == [hashes[0]])
        try site.attach(hashes[1].bytes.hexadecimal, "two")
        #expect(try await told(ward) == [hashes[0]])
        try FileManager.default.removeItem(
            atPath: site.central + "/attachments/whole/" + hashes[0].bytes.hexadecimal)
        _ = try await site.backUp()
        #expect(try await told(ward) == [hashes[1]])
        let stranger = try await site.world.hospital("H2")
        #expect(try await told(stranger) == [])
    }

    @Test("An attachment is written to a medium once; if that copy is lost or altered, it is written again")
    func incremental() async throws {
        let site = try Site()
        try site.attach("aa", "one")
        let first = try await site.backUp()
        try site.attach("bb", "two")
        let second = try await site.backUp()
        let path = "/attachments/whole/aa"
        #expect(inode(first.path + path) == inode(second.path + path))
        #expect(inode(second.path + path) != inode(site.central + path))
        // The medium forgets: both names show it.
        let file = try FileHandle(forWritingTo: URL(filePath: first.path + path))
        try file.write(contentsOf: Data("X".utf8))
        try file.close()
        #expect(throws: BackupError.self) { try second.verify(StoreKeys(receipts: nil, seal: .testDatabase)) }
        let third = try await site.backUp()
        #expect(try Data(contentsOf: URL(filePath: third.path + path)) == Data("one".utf8))
        #expect(try third.verify(StoreKeys(receipts: nil, seal: .testDatabase)).problemCount == 0)
    }

    @Test(
        "A backup of which anything was altered, cut or lost is found out",
        arguments: ["manifest.json", "SHA256SUMS", "central.sqlite", "attachments/whole/aa"], 0..<4)
    func altered(file: String, how: Int) async throws {
        let site = try Site()
        _ = try await site.world.livelyHospital("H1")
        try site.attach("aa", "some content")
        let backup = try await site.backUp()
        let path = backup.path + "/" + file
        switch how {
        case 0: try FileManager.default.removeItem(atPath: path)
        case 1: try alterFile(path) { $0.removeLast() }
        case 2: try alterFile(path) { $0[$0.count / 2] ^= 0x10 }
        default: try alterFile(path) { $0.append(0) }
        }
        // A manifest that still reads, with other figures, is no danger: the files are held against SHA256SUMS.
        let isHarmless = file == "manifest.json" && (how == 2 || how == 3)
        do throws(BackupError) {
            try BackupFolder(path: backup.path).verify(site.world.keys)
            #expect(isHarmless)
        } catch {}  // found out
    }

    @Test("A sound file with a store that is not sound is no sound backup")
    func unsoundStore() async throws {
        let site = try Site()
        _ = try await site.world.livelyHospital("H1")
        try site.alter(
            "UPDATE change SET body = CAST(substr(body, 1, length(body) - 1) || 'q' AS BLOB) WHERE number = 4"
        )
        await #expect(throws: BackupError.self) { try await site.backUp() }
        #expect(try BackupFolder.all(in: site.backups) == [])
        let status = try await site.desk.status()
        #expect(status.verified == nil && status.beganMilliseconds == nil)
    }

    @Test("A folder that is not there is not made, and a second process there is refused")
    func refused() async throws {
        let site = try Site()
        let desk = site.desk
        await #expect(throws: BackupError.self) { try await desk.backUp(to: site.directory.path + "/none") }
        let status = try await desk.status()
        #expect(status.fault?.contains("no such file or directory") == true)
        #expect(!FileManager.default.fileExists(atPath: site.directory.path + "/none"))
        let lock = try BackupMaker.lock(site.backups)
        await #expect(throws: BackupError.inUse(site.backups)) { try await desk.backUp(to: site.backups) }
        withExtendedLifetime(lock) {}
    }

    @Test("What was not finished is no backup, and is gone after the next one")
    func unfinished() async throws {
        let site = try Site()
        let first = try await site.backUp()
        let partial = site.backups + "/.unfinished-1"
        try FileManager.default.copyItem(atPath: first.path, toPath: partial)
        #expect(try BackupFolder.all(in: site.backups) == [first])
        let second = try await site.backUp()
        #expect(try BackupFolder.all(in: site.backups) == [first, second])
        #expect(!FileManager.default.fileExists(atPath: partial))
    }

    @Test("Pruning keeps the newest, and says beforehand what it would remove")
    func prune() async throws {
        let site = try Site()
        try site.attach("aa", "one")
        var made: [BackupFolder] = []
        for _ in 0..<4 { made.append(try await site.backUp()) }
        let names = made.map(\.name)
        #expect(try BackupFolder.prune(site.backups, keep: 2, isDryRun: true) == Array(names[..<2]))
        #expect(try BackupFolder.all(in: site.backups) == made)
        #expect(try BackupFolder.prune(site.backups, keep: 2, isDryRun: false) == Array(names[..<2]))
        #expect(try BackupFolder.all(in: site.backups) == Array(made[2...]))
        for backup in made[2...] {
            #expect(try backup.verify(StoreKeys(receipts: nil, seal: .testDatabase)).problemCount == 0)
        }
        #expect(try BackupFolder.prune(site.backups, keep: 5, isDryRun: false) == [])
    }

    @Test("Exchanges go on while a backup is made")
    func goesOn() async throws {
        let cases = ProcessInfo.processInfo.environment["BACKUP_CASES"].flatMap { Int($0) } ?? 300
        let site = try Site()
        let ward = try await site.world.hospital("H1")
        var writer = Writer(7)
        let filling = String(repeating: "x", count: 3_000)
        for _ in 0..<cases {
            let first = Int(writer.length) + 1
            for _ in 0..<10 {
                try writer.write(site.world.newCase(), [20: (CBOR.name(filling), [])])
            }
            try await ward.push(writer.run(first))
        }
        let desk = site.desk
        let running = Task { try await desk.backUp(to: site.backups) }
        var pauses: [Duration] = []
        while try await desk.status().verified == nil, pauses.count < 1_000_000 {
            let first = Int(writer.length) + 1
            try writer.write(site.world.newCase(), [20: (CBOR.name("n"), [])])
            let began = ContinuousClock.now
            let answer = try await ward.push(writer.run(first))
            pauses.append(ContinuousClock.now - began)
            #expect(answer.stored.last?.sequence == writer.length)
        }
        let backup = try await running.value
        #expect(!pauses.isEmpty)
        print(
            "backup of \(backup.manifest.byteCount) bytes: \(pauses.count) exchanges meanwhile,",
            "longest \(pauses.max() ?? .zero), median \(pauses.sorted()[pauses.count / 2])")
        #expect(try site.audit().problemCount == 0)
    }
}

@Suite("When a backup is due")
struct BackupScheduleTests {
    @Test(
        "At once without any, then after the pause; a failure is tried again ever later, at most after the pause"
    )
    func law() {
        let hour: UInt64 = 3_600_000
        var schedule = BackupSchedule(everyMilliseconds: 24 * hour, lastMade: nil)
        #expect(schedule.waitMilliseconds(now: 0) == 0)
        schedule.succeed(at: 5 * hour)
        #expect(schedule.waitMilliseconds(now: 6 * hour) == 23 * hour)
        #expect(schedule.waitMilliseconds(now: 29 * hour) == 0)
        var waits: [UInt64] = []
        for _ in 0..<9 {
            schedule.fail(at: 30 * hour)
            waits.append(schedule.waitMilliseconds(now: 30 * hour))
        }
        #expect(waits == waits.sorted() && waits[0] == 60_000 && waits[8] == hour)
        schedule.succeed(at: 31 * hour)
        #expect(schedule.waitMilliseconds(now: 31 * hour) == 24 * hour)
        schedule = BackupSchedule(everyMilliseconds: 30_000, lastMade: 1_000_000)
        schedule.fail(at: 1_000_000)
        #expect(schedule.waitMilliseconds(now: 1_000_000) == 30_000)
    }

    @Test("A clock that was set back puts no backup off")
    func clock() {
        var schedule = BackupSchedule(everyMilliseconds: 1_000, lastMade: 1_000_000)
        #expect(schedule.waitMilliseconds(now: 10) == 0)
        schedule.fail(at: 1_000_000)
        #expect(schedule.waitMilliseconds(now: 10) == 0)
    }
}
