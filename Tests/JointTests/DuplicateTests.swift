import Casework
import SyncProtocol
import Testing

@testable import CentralServer
@testable import WindowAgent

@Suite("Duplicates of two hospitals, over the wire")
struct DuplicateTests {
    private static let newborn = Answers([
        "childName": .text("韦梓涵"), "childSex": .text("2"), "birthDate": .text("2026-09-09"),
        "birthTime": .text("08:15"), "plurality": .text("single"), "motherName": .text("覃丽"),
        "motherIdNo": .text("450326199505051228"),
    ])

    private func register(_ window: Town.Window) async throws -> CaseID {
        let policy = try #require(PolicyLibrary.standard["gx-yongfu"])
        let saved = try await window.store.newCases([Self.newborn], policy: policy, .clerk)
        return try #require(saved.cases.first.flatMap { CaseID($0.id) })
    }

    private func states(_ town: Town) async throws -> [DuplicatePair.State] {
        var states: [DuplicatePair.State] = []
        for state in DuplicatePair.State.allCases {
            var filter = DuplicateFilter()
            filter.state = state
            states += try await town.duplicateDesk.pairs(filter, in: nil, after: nil, countMax: 9).map(
                \.pair.state)
        }
        return states
    }

    private func merge(_ town: Town, _ from: CaseID, _ into: CaseID) async throws {
        try await town.duplicateDesk.merge(
            DuplicateDesk.Merge(from: from, into: into, takes: [], reason: "同一名新生儿", user: "desk"))
    }

    @Test(
        "The window of the merged case is told by number and hospital, and can edit it no more until it is taken back"
    )
    func closed() async throws {
        let town = try Town()
        let (old, new) = (try await town.hospital("YF"), try await town.hospital("CZ"))
        let (one, other) = (try await register(old), try await register(new))
        try await town.settleAll()
        #expect(try await states(town) == [.open])
        try await merge(town, one, other)
        try await town.settleAll()
        let state = try await old.store.state(of: one)
        let number = try await new.store.state(of: other).text("caseNumber", in: .standard)
        let merger = try #require(CaseMerger(state, dictionary: .standard))
        #expect(merger.target == other && merger.number == number && merger.hospital == "医院CZ")
        #expect(merger.chinese == "已并入办件 \(number ?? "")（医院CZ）。")
        let life = try await old.store.life(of: state)
        #expect(life.stage == .merged && life.word + "。" == merger.chinese)
        await #expect(throws: StoreError.merged(merger)) { try await old.store.note("x", on: one) }
        #expect(try await old.store.wholeLog().allSatisfy { $0.caseID != other })
        #expect(try await new.store.wholeLog().allSatisfy { $0.caseID != one })
        try await new.store.note("继续办理", on: other)
        try await town.duplicateDesk.undo(CasePair(one, other), reason: "不是同一名", user: "desk")
        try await town.settleAll()
        try await old.store.note("y", on: one)
        try await town.settleAll()
        #expect(try await town.faults() == [])
        #expect(try await states(town) == [.open])
    }

    @Test("A restored central gets back from the windows that two cases are two children")
    func dismissedAndRestored() async throws {
        let town = try Town()
        let (old, new) = (try await town.hospital("YF"), try await town.hospital("CZ"))
        let (one, other) = (try await register(old), try await register(new))
        try await town.settleAll()
        let backup = try town.backup()
        try await town.duplicateDesk.dismiss(CasePair(one, other), reason: "双胞胎", user: "desk")
        try await town.settle(new)
        try town.restore(backup)
        #expect(try await states(town) == [.open])
        try await town.settle(new)
        #expect(try await states(town) == [.dismissed], "one of the two windows is enough")
    }

    @Test(
        "Two merges that did not know of each other both stand: a circle, which is shown until one is taken back"
    )
    func circle() async throws {
        let town = try Town()
        let (old, new) = (try await town.hospital("YF"), try await town.hospital("CZ"))
        let (one, other) = (try await register(old), try await register(new))
        try await town.settleAll()
        let backup = try town.backup()
        try await merge(town, one, other)
        try await town.settleAll()
        try town.restore(backup)
        try await merge(town, other, one)
        #expect(try await states(town) == [.merged])
        try await town.settleAll()
        #expect(try await states(town) == [.circular])
        for (window, id) in [(old, one), (new, other)] {
            #expect(try await window.store.life(of: window.store.state(of: id)).stage == .merged)
        }
        try await town.duplicateDesk.undo(CasePair(one, other), reason: "重新核对", user: "desk")
        try await town.settleAll()
        #expect(try await states(town) == [.open])
        #expect(try await town.faults() == [])
    }
}
