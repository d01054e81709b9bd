import Cryptography
import Foundation
import Persistence
import SyncProtocol
import Testing

@testable import WindowAgent

@Suite("Writing the second copy", .timeLimit(.minutes(3)))
struct JournalWriterTests {
    @Test(
        "Everything saved is in the journal, whatever the medium does in between; then it can be recovered",
        arguments: 0..<12)
    func random(seed: Int) async throws {
        var random = SeededGenerator(seed: seed)
        let fixture = try await SecondCopyFixture(seed: seed)
        try await fixture.writer.choose(SecondCopyFixture.place)
        for _ in 0..<8 {
            var saver = random
            try await fixture.store.work(Int.random(in: 1...12, using: &random), using: &saver)
            random = saver
            _ = try fixture.attachments.put(
                SecureRandom.bytes(Int.random(in: 1...90_000, using: &random)), now: 1)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: fixture.medium.change { $0.failure = .absent }
            case 1:
                let room = Int.random(in: 0...3000, using: &random)
                let failure: MediumError = random.chance(1, in: 2) ? .full : .system(5)
                fixture.medium.change { ($0.room, $0.failureWhenFull) = (room, failure) }
            default: break
            }
            try await fixture.catchUp()
            fixture.medium.change { ($0.failure, $0.room) = (nil, .max) }
        }
        for _ in 0..<10 { try await fixture.catchUp() }
        let told = "SEED \(seed)"
        let status = try await fixture.writer.status()
        #expect(status.notice.state == "whole" && status.lackingChanges == 0, "\(told): \(status)")
        let (report, store) = try await fixture.recover(on: TestMachine(seed: seed + 1000))
        #expect(report.isWhole, "\(told): \(report)")
        let (lost, found) = (try await fixture.store.holdings(), try await store.holdings())
        #expect(found.changes == lost.changes && found.drafts == lost.drafts, "\(told)")
        try await store.expectSound(told)
        #expect(report.attachments == 8, "\(told)")
    }

    @Test("A save, a read and the status wait for nothing while the medium hangs")
    func hanging() async throws {
        let fixture = try await SecondCopyFixture()
        try await fixture.writer.choose(SecondCopyFixture.place)
        try await fixture.catchUp()
        fixture.medium.hang()
        _ = try await fixture.store.newCase()
        await fixture.writer.post(.saved)
        fixture.machine.pass(milliseconds: 2000)
        await fixture.writer.post(.timePassed)
        // An append is held up in the medium, and stays so until this test lets go: whatever returns did not wait for it.
        let id = try await fixture.store.newCase()
        _ = try await fixture.store.edit(id, ["note": .text("记")], .clerk)
        fixture.machine.pass(milliseconds: 70_000)
        let status = try await fixture.writer.status()
        #expect(status.notice.level == .red && status.lackingChanges == 3)
        #expect(await fixture.writer.isAppending)
        // Another place is not held up by the one that hangs.
        fixture.medium.goOn()
        try await fixture.catchUp()
        try await fixture.catchUp()
        #expect(try await fixture.writer.status().notice.level == .green)
    }

    @Test(
        "A stick that was away catches up; an empty one gets everything; a second journal goes on where it was"
    )
    func sticks() async throws {
        let fixture = try await SecondCopyFixture()
        var random = SeededGenerator(seed: 3)
        try await fixture.writer.choose(SecondCopyFixture.place)
        try await fixture.store.work(10, using: &random)
        try await fixture.catchUp()
        let first = fixture.medium.files
        fixture.medium.change { ($0.files, $0.folders) = ([:], []) }  // an empty stick in its place
        try await fixture.store.work(5, using: &random)
        try await fixture.catchUp()
        #expect(try await fixture.writer.status().lackingChanges == 0)
        let second = try await fixture.recover(on: TestMachine(seed: 4))
        #expect(try await second.store.holdings().changes == fixture.store.holdings().changes)
        fixture.medium.change { ($0.files, $0.folders) = (first, []) }  // the first one again
        try await fixture.catchUp()
        #expect(fixture.medium.segments.count == 2)
        let third = try await fixture.recover(on: TestMachine(seed: 5))
        #expect(third.report.isWhole)
        #expect(try await third.store.holdings().changes == fixture.store.holdings().changes)
    }

    @Test("A journal of another agent, and of this one before a recovery, is left as it is, and told")
    func foreign() async throws {
        let medium = MemoryMedium()
        let other = try await SecondCopyFixture(seed: 1, medium: medium)
        _ = try await other.store.newCase()
        try await other.writer.choose(SecondCopyFixture.place)
        try await other.catchUp()
        let before = medium.files
        let fixture = try await SecondCopyFixture(seed: 2, medium: medium)
        _ = try await fixture.store.newCase()
        try await fixture.writer.choose(SecondCopyFixture.place)
        try await fixture.catchUp()
        #expect(medium.files.filter { before[$0.key] != nil } == before)
        #expect(try await fixture.writer.status().otherJournals == 1)
        #expect(throws: JournalReader.Fault.self) { try JournalReader(medium) }
    }

    @Test(
        "A store that was put back from a backup goes on beside what the later one wrote, and nothing of that is lost"
    )
    func restored() async throws {
        let fixture = try await SecondCopyFixture()
        try await fixture.writer.choose(SecondCopyFixture.place)
        _ = try await fixture.store.newCase()
        try await fixture.catchUp()
        try fixture.machine.copy(to: "backup.sqlite")
        let late = try await fixture.store.newCase(["childName": .text("备份之后")])
        try await fixture.catchUp()
        let store = try await fixture.machine.open("backup.sqlite")
        let medium = fixture.medium
        let writer = JournalWriter(
            store: store, key: fixture.key, directory: AgentDirectory(path: fixture.machine.directory),
            environment: fixture.machine.environment, makeMedium: { _ in medium })
        let next = try await store.newCase(["childName": .text("恢复之后")])
        try await writer.choose(SecondCopyFixture.place)
        while await writer.isAppending { await Task.yield() }
        let (report, recovered) = try await fixture.recover(on: TestMachine(seed: 9))
        #expect(report.isWhole && report.cases == 3)
        for id in [late, next] { _ = try await recovered.state(of: id) }
        try await recovered.expectSound()
    }

    @Test("Nothing personal is on the medium, in no file's name and in no file")
    func sealed() async throws {
        let fixture = try await SecondCopyFixture()
        let names = ["张三丰", "13800138000", "草稿里的名字", "form-personal"]
        _ = try await fixture.store.newCase(["childName": .text(names[0]), "motherPhone": .text(names[1])])
        try await fixture.store.keepDraft(names[3], Array(names[2].utf8))
        _ = try fixture.attachments.put(Array("\(names[0])的照片".utf8), now: 1)
        try await fixture.writer.choose(SecondCopyFixture.place)
        try await fixture.catchUp()
        #expect(fixture.medium.files.count > 6)
        for (path, bytes) in fixture.medium.files {
            for name in names + ["YF01", "测试卫生院"] {
                #expect(
                    !path.contains(name) && !bytes.hexadecimal.contains(Array(name.utf8).hexadecimal),
                    "\(path)")
            }
        }
    }

    @Test("A damaged change is not copied: the second copy says that the store is damaged")
    func damagedStore() async throws {
        let fixture = try await SecondCopyFixture()
        _ = try await fixture.store.newCase()
        try await fixture.store.execute(
            "UPDATE change SET body = CAST(substr(body, 1, length(body) - 1) || x'00' AS BLOB)")
        try await fixture.writer.choose(SecondCopyFixture.place)
        try await fixture.catchUp()
        #expect(try await fixture.writer.status().failure == .store)
        #expect(fixture.medium.segments.isEmpty)
    }

    @Test(
        "The tail of a fork, written anew under numbers that were given back, is appended though the mark was beyond"
    )
    func renamed() async throws {
        let fixture = try await SecondCopyFixture()
        try await fixture.writer.choose(SecondCopyFixture.place)
        for _ in 0..<3 { _ = try await fixture.store.newCase() }
        try await fixture.catchUp()
        try await fixture.store.renameLast()
        #expect(try await fixture.writer.status().lackingChanges > 0)
        try await fixture.catchUp()
        let (_, recovered) = try await fixture.recover(on: TestMachine(seed: 9))
        let (lost, found) = (try await fixture.store.holdings(), try await recovered.holdings())
        #expect(lost.changes.isSubset(of: found.changes))
    }
}

extension WindowStore {
    /// What central's word of a fork after the first change does.
    fileprivate func renameLast() throws {
        let id = try #require(
            try database.first("SELECT id FROM replica ORDER BY number LIMIT 1") {
                row throws(DatabaseError) in
                try row.replicaID(0)
            })
        try write { try renameTail(of: #require(try ownReplica(id)), after: 1) }
    }
}
