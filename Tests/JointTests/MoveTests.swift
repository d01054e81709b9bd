import Casework
import SyncProtocol
import Testing

@testable import CentralServer
@testable import WindowAgent

@Suite("A case moves from one hospital to another")
struct MoveTests {
    @Test(
        "Both edit while it moves: nothing is lost, the new hospital gets what the old one had not sent, and both are told",
        arguments: 1...6)
    func bothEdit(seed: UInt64) async throws {
        let town = try Town(seed: seed)
        let (old, new) = (try await town.hospital("YF"), try await town.hospital("CZ"))
        let id = try await old.store.register()
        try await town.settleAll()
        // Offline, the old hospital goes on.
        try await old.store.note("转出前未发", on: id)
        let unsent = try #require(try await old.store.wholeLog().last)
        try await town.move(id, to: new)
        try await town.settle(new)
        #expect(try await new.store.cases(limit: 9).map(\.id) == [id])
        try await new.store.note("新院", on: id)
        var random = SeededGenerator(seed: seed)
        try await town.settle(old) { _ in
            Town.Fate.allCases.randomElement(using: &random) ?? .arrives
        }
        try await town.settleAll()
        #expect(try await town.faults() == [])
        #expect(try await old.store.cases(limit: 9).isEmpty)
        #expect(try await old.store.departedCases(limit: 9).map(\.id) == [id])
        let departure = try #require(try await old.store.departure(of: id))
        #expect(departure == Departure(hospitalCode: "CZ", unsentCount: 0))
        #expect(departure.chinese == "该办件已转出本院，现由编码为 CZ 的医院办理，本院不能再修改。")
        #expect(try await new.store.departure(of: id) == nil)
        #expect(try await new.store.wholeLog().contains { $0.id == unsent.id })
        let notes = try group("notes")
        #expect(try await town.state(of: id).registers[notes]?.standing.count == 2)
        await #expect(throws: StoreError.departed(id)) { try await old.store.note("x", on: id) }
    }

    @Test("A clerk saves between the move and hearing of it: told as unsent, then taken")
    func savedBeforeHearing() async throws {
        let town = try Town()
        let (old, new) = (try await town.hospital("YF"), try await town.hospital("CZ"))
        let id = try await old.store.register()
        try await town.settleAll()
        try await town.move(id, to: new)
        // The answer brings the leaving; the request was put together before the save.
        let outgoing = try await old.store.compose(bytesMax: 1, budget: 1 << 20)
        let response = try await town.answer(outgoing.request.encoded, from: old)
        try await old.store.note("刚保存", on: id)
        _ = try await old.store.take(response, for: outgoing)
        #expect(try await old.store.departure(of: id)?.unsentCount == 1)
        try await town.settleAll()
        #expect(try await town.faults() == [])
        #expect(try await old.store.departure(of: id)?.unsentCount == 0)
        let last = try #require(try await old.store.wholeLog().last { $0.caseID == id && $0.edition > 1 })
        #expect(try await new.store.wholeLog().contains { $0.id == last.id })
    }

    @Test(
        "A verdict on a change of a case that left reaches its author, before the change, and so does taking it up again"
    )
    func verdictReachesAuthor() async throws {
        let town = try Town()
        let (old, new) = (try await town.hospital("YF"), try await town.hospital("CZ"))
        let second = try await town.secondWindow(of: old)
        let id = try await old.store.register()
        try await town.settleAll()
        let result = try #require(FieldDictionary.standard.groups.first { $0.name.contains("Result") })
        let target = try await old.store.forge(
            [result.id: .init(value: result.members.map { _ in .null }, replaces: [])], on: id)
        try await town.move(id, to: new)
        try await town.settleAll()
        #expect(try await town.faults() == [])
        for window in [old, second, new] {
            let aside = try await window.store.state(of: id).asides[target.id]
            #expect(aside?.isAside == true, "\(window.code)")
        }
        let entries = try await town.feed(of: old).suffix(3)
        #expect(entries.map(\.kind) == ["leaves", "late", "late"])
        #expect(entries.last?.change == target.id, "the verdict precedes its target")
        let seen = try await town.state(of: id).asides[target.id]?.dots ?? []
        try await town.mergeDesk.give(
            MergeDesk.Verdict(
                caseID: id, target: target.id, isTakenUp: true, seen: seen, reason: "误判", user: "desk"))
        try await town.settleAll()
        #expect(try await town.faults() == [])
        #expect(try await old.store.state(of: id).asides[target.id]?.isAside == false)
        #expect(try await town.state(of: id) == new.store.state(of: id))
    }

    @Test(
        "Moved on, back, and back and forth while the old hospital is offline: one holder, and sums and verifies agree",
        arguments: [["CZ", "LZ"], ["CZ", "YF"], ["CZ", "YF", "CZ"], ["CZ", "YF", "LZ", "YF"]], [false, true])
    func movedOften(route: [String], isEditing: Bool) async throws {
        let town = try Town()
        let windows = [
            try await town.hospital("YF"), try await town.hospital("CZ"), try await town.hospital("LZ"),
        ]
        let (id, other) = (try await windows[0].store.register(), try await windows[0].store.register("乙"))
        try await town.settleAll()
        try await windows[0].store.note("离线", on: id)
        for code in route {
            let window = try #require(windows.first { $0.code == code })
            try await town.move(id, to: window)
            if code != "YF" {
                try await town.settle(window)
                if isEditing { try await window.store.note(code, on: id) }
                try await town.settle(window)
            }
            town.pass(milliseconds: 1000)
        }
        try await town.settleAll()
        #expect(try await town.faults() == [])
        let holder = try #require(windows.first { $0.code == route.last })
        #expect(try await town.openScopes()[id] == [holder.hospital])
        for window in windows {
            let listed = try await window.store.cases(limit: 9).map(\.id).contains(id)
            #expect(listed == (window.code == holder.code), "\(window.code)")
        }
        #expect(try await windows[0].store.state(of: other).count == 1)
        try await holder.store.note("现在", on: id)
        try await town.settleAll()
        #expect(try await town.faults() == [])
        try await windows[0].store.orderRepair(.pull)
        try await town.settleAll()
        #expect(try await town.faults() == [], "read anew")
    }

    @Test(
        "Refused: to where it is, unknown ones, a hospital's record, without a reason. A dry run only tells")
    func refusals() async throws {
        let town = try Town()
        let (old, new) = (try await town.hospital("YF"), try await town.hospital("CZ"))
        let id = try await old.store.register()
        try await town.settleAll()
        let unknown = CaseID(milliseconds: 5, random: (5, 5))
        for (caseID, code, reason, refusal) in [
            (id, "YF", "r", Refusal.alreadyThere("YF")), (id, "XX", "r", .unknownHospital),
            (unknown, "CZ", "r", .unknownCase), (old.hospital.record, "CZ", "r", .unknownCase),
            (.centralRecord, "CZ", "r", .unknownCase),
        ] {
            await #expect(throws: CentralError.refused(refusal)) {
                try await town.scopeDesk.move(ScopeDesk.Move(caseID, to: code, reason: reason, by: "d"))
            }
        }
        for reason in ["", String(repeating: "x", count: SyncProtocol.Limits.reasonBytesMax + 1)] {
            await #expect(throws: CentralError.self) {
                try await town.scopeDesk.move(ScopeDesk.Move(id, to: "CZ", reason: reason, by: "d"))
            }
        }
        let order = ScopeDesk.Move(id, to: "CZ", reason: "r", by: "d")
        let plan = try await town.scopeDesk.move(order, isDryRun: true)
        #expect(plan == ScopeDesk.Moved(from: ["YF"], to: "CZ", changeCount: 2))
        #expect(try await town.openScopes()[id] == [old.hospital])
        #expect(try await town.scopeDesk.move(order) == plan)
        #expect(try await town.openScopes()[id] == [new.hospital])
    }

    @Test("What a window writes about whose a case is moves nothing")
    func windowsMoveNothing() async throws {
        let town = try Town()
        let (old, new) = (try await town.hospital("YF"), try await town.hospital("CZ"))
        let id = try await old.store.register()
        _ = try await old.store.forge(
            [try group("hospital"): .init(value: [.bytes(new.hospital.record.bytes)], replaces: [])], on: id)
        try await town.settleAll()
        #expect(try await town.openScopes()[id] == [old.hospital])
        #expect(try await town.faults() == [])
    }

    @Test("What was lost and supplied again counts with its case when that leaves")
    func suppliedCounts() async throws {
        let town = try Town()
        let (old, new) = (try await town.hospital("YF"), try await town.hospital("CZ"))
        let id = try await old.store.register()
        try await town.settleAll()
        let notes = try group("notes")
        try await town.caseDesk.edit(
            CaseDesk.Edit(caseID: id, answers: ["note": .text("中心")], user: "desk"))
        try await town.settleAll()
        #expect(try await town.state(of: id).registers[notes] != nil)
        try await old.store.execute(
            "DELETE FROM change WHERE own_replica IS NULL AND number = (SELECT max(number) FROM change)")
        _ = try await old.store.rebuild(only: id)
        try await old.store.orderRepair(of: [id])
        try await town.settleAll()
        #expect(try await town.faults() == [])
        try await town.move(id, to: new)
        try await town.settleAll()
        #expect(try await town.faults() == [])
    }

    @Test(
        "A case that left and came back since the window's cursor is not supplied: the feed brings it, and the sums are right",
        arguments: [1, 1 << 20] as [UInt64])
    func suppliedAcrossMoves(budget: UInt64) async throws {
        let town = try Town()
        let (old, new) = (try await town.hospital("YF"), try await town.hospital("CZ"))
        let id = try await old.store.register()
        try await town.settleAll()
        try await town.move(id, to: new)
        try await town.caseDesk.edit(
            CaseDesk.Edit(caseID: id, answers: ["note": .text("中心")], user: "desk"))
        try await town.move(id, to: old)
        try await old.store.orderRepair(of: [id])
        try await town.settle(old, budget: budget)
        try await town.settleAll()
        #expect(try await town.faults() == [])
        #expect(try await old.store.state(of: id) == town.state(of: id))
    }

    @Test(
        "64 cases are asked for in one exchange, the rest in those that follow, and none is forgotten",
        arguments: [1, 63, 64, 65, 129])
    func wantedBeyondOneRequest(count: Int) async throws {
        let town = try Town()
        let window = try await town.hospital("YF")
        var ids: [CaseID] = []
        for number in 0..<count { ids.append(try await window.store.register("\(number)")) }
        try await town.settleAll()
        // The last in the order in which they are asked for lacks a change.
        let last = try #require(ids.max { $0.bytes.lexicographicallyPrecedes($1.bytes) })
        try await town.caseDesk.edit(
            CaseDesk.Edit(caseID: last, answers: ["note": .text("中心")], user: "desk"))
        try await town.settleAll()
        try await window.store.execute(
            "DELETE FROM change WHERE own_replica IS NULL AND case_id != (SELECT hospital FROM enrolment)")
        try await window.store.execute(
            """
            INSERT INTO wanted (case_id)
            SELECT DISTINCT case_id FROM change WHERE case_id != (SELECT hospital FROM enrolment)
            """)
        var asked: [Int] = []
        while try await window.store.number("SELECT count(*) FROM wanted") > 0, asked.count <= count {
            let outgoing = try await window.store.compose(bytesMax: 16 * 1024, budget: 1 << 20)
            asked.append(outgoing.request.wanted.count)
            let response = try await town.answer(outgoing.request.encoded, from: window)
            _ = try await window.store.take(response, for: outgoing)
        }
        let rest = count % 64
        #expect(asked == Array(repeating: 64, count: count / 64) + (rest > 0 ? [rest] : []))
        #expect(try await town.faults() == [])
    }

    @Test("As many cases are supplied in one exchange as fit, and all come")
    func suppliedTogether() async throws {
        let town = try Town()
        let window = try await town.hospital("YF")
        var ids: [CaseID] = []
        for number in 0..<90 { ids.append(try await window.store.register("\(number)")) }
        try await town.settleAll()
        for id in ids {
            try await town.caseDesk.edit(
                CaseDesk.Edit(caseID: id, answers: ["note": .text("中心")], user: "desk"))
        }
        try await town.settleAll()
        for budget in [1 << 20, 2_000] as [UInt64] {
            try await window.store.execute(
                "DELETE FROM change WHERE own_replica IS NULL AND case_id != (SELECT hospital FROM enrolment)"
            )
            try await window.store.execute("INSERT INTO wanted (case_id) SELECT DISTINCT case_id FROM change")
            var exchanges = 0
            while try await window.store.number("SELECT count(*) FROM wanted") > 0 {
                try await town.exchange(window, budget: budget)
                exchanges += 1
            }
            #expect(exchanges <= (budget > 10_000 ? 2 : 91), "\(exchanges)")
            #expect(try await town.faults() == [])
        }
    }
}

extension Town {
    struct Told: Hashable { let kind: String, change: ContentID? }

    /// What a hospital's feed holds.
    func feed(of window: Window) async throws -> [Told] {
        try await central.read { transaction throws(CentralError) in
            try transaction.feed(of: window.hospital, after: 0, countMax: 10_000).map { item in
                switch item.subject {
                case .enters: Told(kind: "enters", change: nil)
                case .leaves: Told(kind: "leaves", change: nil)
                case .change(let replica, let sequence, let body, _, _):
                    Told(
                        kind: "change",
                        change: ContentID(replica: replica, sequence: sequence, body: body))
                case .late(let replica, let sequence, let body, _):
                    Told(kind: "late", change: ContentID(replica: replica, sequence: sequence, body: body))
                }
            }
        }
    }
}
