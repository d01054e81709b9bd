import Casework
import Cryptography
import Foundation
import Persistence
import SyncProtocol
import Testing

@testable import WindowAgent

@Suite("Who writes: replicas, chains and dots")
struct StoreReplicaTests {
    private let machine: TestMachine
    init() throws { machine = try TestMachine() }

    @Test("Two openings are two replicas; an opening that writes nothing is none")
    func openings() async throws {
        let first = try await machine.open()
        let id = try await first.newCase()
        _ = try await machine.open()
        let third = try await machine.open()
        _ = try await third.edit(id, ["note": .text("x")], .clerk)
        let log = try await third.log()
        #expect(log.map(\.sequence) == [1, 1])
        #expect(Set(log.map(\.replica)).count == 2)
        #expect(try await third.count("SELECT count(*) FROM replica") == 2)
    }

    @Test("A chain has every change, in sequence, without a gap, over several cases and openings")
    func chain() async throws {
        for _ in 0..<3 {
            let store = try await machine.open()
            let ids = [try await store.newCase(), try await store.newCase()]
            for text in ["a", "b", "c"] {
                for id in ids { _ = try await store.edit(id, ["note": .text(text)], .clerk) }
            }
        }
        let store = try await machine.open()
        try await store.expectSound()
        let editions = try await store.log().map { "\($0.caseID) \($0.edition)" }
        #expect(Set(editions).count == 24, "editions go 1, 2, 3 … in each case")
        #expect(try await store.log().map(\.edition).max() == 4)
    }

    @Test("A save that fails takes no number and no name")
    func failedSave() async throws {
        let store = try await machine.open()
        let huge = String(repeating: "x", count: Limits.bodyBytesMax)
        await #expect(throws: StoreError.changeTooLarge) { try await store.newCase(["note": .text(huge)]) }
        let id = try await store.newCase()
        await #expect(throws: StoreError.changeTooLarge) {
            try await store.edit(id, ["note": .text(huge)], .clerk)
        }
        _ = try await store.edit(id, ["note": .text("x")], .clerk)
        #expect(try await store.log().map(\.sequence) == [1, 2])
        try await store.expectSound()
    }

    @Test("A copied file is another replica, and no dot is used twice", arguments: 0..<8)
    func copies(seed: Int) async throws {
        var random = SeededGenerator(seed: seed)
        let machine = try TestMachine(seed: seed)
        let original = try await machine.open()
        let id = try await original.newCase()
        try machine.copy(to: "copy.sqlite")
        let copy = try await machine.open("copy.sqlite")
        for store in [original, copy] {
            for text in 0..<Int.random(in: 1...5, using: &random) {
                _ = try await store.edit(id, ["note": .text("\(text)")], .clerk)
            }
        }
        let (one, other) = (try await original.log(), try await copy.log())
        let shared = Set(one.map(\.id)).intersection(other.map(\.id))
        #expect(shared.count == 1, "seed \(seed): only what was written before is in both")
        let dots = Set(one.map(\.dot)).intersection(other.map(\.dot))
        #expect(dots.count == 1, "seed \(seed)")
        try await copy.expectSound()
    }

    @Test("An older state that is put back into the open file makes another replica at the next save")
    func restoredInPlace() async throws {
        let store = try await machine.open()
        let id = try await store.newCase()
        try await store.backup(to: machine.path("backup.sqlite"))
        _ = try await store.edit(id, ["note": .text("lost")], .clerk)
        let lost = try #require(try await store.log().last)
        try await store.restoreInPlace(from: machine.path("backup.sqlite"))
        _ = try await store.edit(id, ["note": .text("new")], .clerk)
        let new = try #require(try await store.log().last)
        #expect(new.dot != lost.dot)
        #expect(new.replica != lost.replica)
        try await store.expectSound()
    }

    @Test("A store whose file was exchanged writes nothing any more, and says so")
    func replaced() async throws {
        let store = try await machine.open()
        let id = try await store.newCase()
        try await store.backup(to: machine.path("backup.sqlite"))
        try FileManager.default.removeItem(atPath: machine.path())
        try FileManager.default.moveItem(atPath: machine.path("backup.sqlite"), toPath: machine.path())
        await #expect(throws: StoreError.replaced) {
            try await store.edit(id, ["note": .text("x")], .clerk)
        }
        await #expect(throws: StoreError.replaced) { try await store.keepDraft("form", [1]) }
    }

    @Test("After the medium failed the file is opened anew and written by another replica")
    func lostConnection() async throws {
        let store = try await machine.open()
        let id = try await store.newCase()
        let outgoing = try await store.compose(bytesMax: 1000, budget: 1000)
        await store.loseConnection()
        _ = try await store.edit(id, ["note": .text("x")], .clerk)
        let log = try await store.log()
        #expect(log.map(\.sequence) == [1, 1])
        #expect(Set(log.map(\.replica)).count == 2)
        try await store.expectSound()
        var central = ModelCentral.with(.test)
        #expect(try await store.take(try central.answer(outgoing), for: outgoing).confirmed == 0)
    }

    @Test("Case numbers count up within a day, and do not repeat after an old copy was restored")
    func caseNumbers() async throws {
        let store = try await machine.open()
        var numbers = [try await number(store), try await number(store)]
        try machine.copy(to: "old.sqlite")
        numbers.append(try await number(store))
        numbers.append(try await number(try await machine.open("old.sqlite")))
        machine.pass(milliseconds: 24 * 3600 * 1000)
        numbers.append(try await number(store))
        #expect(Set(numbers.map(\.description)).count == 5)
        #expect(numbers.map(\.counter) == [1, 2, 3, 3, 1])
        #expect(numbers.allSatisfy { $0.hospital == "YF01" })
    }

    private func number(_ store: WindowStore) async throws -> CaseNumber {
        let saved = try await store.newCases(
            [Answers(["childName": .text("甲")])], policy: try testPolicy(), .clerk)
        return try #require(saved.cases.first?.number.flatMap { CaseNumber($0) })
    }

    @Test("Changes are marked as of a doubtful time while the clock is in doubt, also after a restart")
    func clockDoubt() async throws {
        var store = try await machine.open()
        let id = try await store.newCase()
        #expect(try await doubts(store) == [false])
        machine.set(now: machine.now - 365 * 24 * 3600 * 1000)
        store = try await machine.open()
        _ = try await store.edit(id, ["note": .text("1")], .clerk)
        _ = try await store.edit(id, ["note": .text("2")], .clerk)
        store = try await machine.open()
        _ = try await store.edit(id, ["note": .text("3")], .clerk)
        #expect(try await doubts(store) == [false, true, true, true])
        #expect(try await store.isClockDoubtful())
        var central = ModelCentral.with(.test)
        central.milliseconds = machine.now
        try await central.settle(with: store)
        _ = try await store.edit(id, ["note": .text("4")], .clerk)
        #expect(try await doubts(store).last == false, "central agrees with the clock")
        central.milliseconds = machine.now + 3_600_000
        try await central.settle(with: store)
        _ = try await store.edit(id, ["note": .text("5")], .clerk)
        #expect(try await doubts(store).last == true, "central told another time")
    }

    private func doubts(_ store: WindowStore) async throws -> [Bool] {
        try await store.log().compactMap { $0.content?.isDoubtful }
    }

    @Test("A change is later than all that its case showed, also when another machine's clock is ahead")
    func times() async throws {
        let store = try await machine.open()
        let id = try await store.newCase()
        var central = ModelCentral.with(.test)
        try await central.settle(with: store)
        central.milliseconds += 60_000
        let theirs = try central.write([try group("notes"): .init(value: [.text("x")], replaces: [])], on: id)
        try await central.settle(with: store)
        let again = try await machine.open()
        _ = try await again.edit(id, ["note": .text("y")], .clerk)
        let ours = try #require(try await again.log().last?.content?.time)
        #expect(try #require(theirs.content?.time) < ours)
    }

    @Test("A window is bound to one hospital for good, and to a code from which case numbers can be made")
    func enrolment() async throws {
        let store = try await machine.open(isEnrolled: false)
        await #expect(throws: StoreError.badHospitalCode) { try await store.enrol(.test(code: "测试")) }
        try await store.enrol(.test())
        let other = HospitalID(record: CaseID(milliseconds: 2, random: (2, 2)))
        await #expect(throws: StoreError.otherHospital("YF01")) { try await store.enrol(.test(other)) }
        try await store.enrol(.test())
        #expect(try await store.loadEnrolment() == .test())
    }
}

extension WindowStore {
    func backup(to path: String) throws { try database.backup(to: path) }

    /// Puts the rows of a backup back without exchanging the file, as SQLite's `.restore` does.
    func restoreInPlace(from path: String) throws {
        try database.execute("ATTACH ? AS old", .text(path))
        try database.transaction(.immediate) {
            try database.execute("DELETE FROM outbox")
            try database.execute("DELETE FROM case_cache")
            try database.execute("DELETE FROM change")
            try database.execute("DELETE FROM replica")
            try database.execute("INSERT INTO replica SELECT * FROM old.replica")
            try database.execute("INSERT INTO change SELECT * FROM old.change")
            try database.execute("INSERT INTO case_cache SELECT * FROM old.case_cache")
            try database.execute("INSERT INTO outbox SELECT * FROM old.outbox")
        }
        try database.execute("DETACH old")
    }
}
