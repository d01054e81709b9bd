import Casework
import Foundation
import SyncProtocol
import Testing
import Web

@testable import CentralServer

/// Hospitals that register children, and central that compares them.
private struct Registry {
    let world: World
    let wards: [Ward]
    private var writers: [Writer]

    init(hospitals: Int = 2) async throws {
        world = try World()
        var wards: [Ward] = []
        for number in 1...hospitals { wards.append(try await world.hospital("H\(number)")) }
        self.wards = wards
        writers = (1...hospitals).map { Writer(UInt64($0)) }
    }

    static let sound: [String: CBOR] = [
        "policyID": .text("gx"), "policyVersion": .unsigned(1), "childName": .text("韦梓涵"),
        "childSex": .text("2"),
        "birthDate": .text("2026-09-09"), "birthTime": .text("08:15"), "birthWeightGrams": .unsigned(3200),
        "plurality": .text("single"), "motherName": .text("覃丽"), "motherIdNo": .text("450326199505051228"),
    ]

    var desk: DuplicateDesk {
        DuplicateDesk(store: world.store, books: world.books, now: world.environment.now)
    }

    /// Writes answers of a case at a hospital, replacing what stands there, and sends them.
    @discardableResult
    mutating func save(
        _ answers: [String: CBOR], on caseID: CaseID? = nil, at hospital: Int = 0
    ) async throws -> CaseID {
        let id = caseID ?? world.newCase()
        let state = caseID == nil ? CaseState() : try await world.state(of: id)
        var writes: [UInt32: ([CBOR], [Dot])] = [:]
        for (group, value) in Answers(answers).groups(in: .standard) {
            guard case .array(let members) = value else { continue }
            writes[group.rawValue] = (members, state.registers[group]?.dots ?? [])
        }
        let first = Int(writers[hospital].length) + 1
        try writers[hospital].write(id, writes, unit: "H\(hospital + 1)")
        try await wards[hospital].push(writers[hospital].run(first))
        return id
    }

    mutating func register(_ changes: [String: CBOR] = [:], at hospital: Int = 0) async throws -> CaseID {
        try await save(Self.sound.merging(changes) { $1 }, at: hospital)
    }

    /// The pairs in one state, with their first rules.
    func pairs(
        _ state: DuplicatePair.State = .open, _ change: (inout DuplicateFilter) -> Void = { _ in }
    ) async throws -> [DuplicatePair] {
        var filter = DuplicateFilter()
        filter.state = state
        change(&filter)
        return try await desk.pairs(filter, in: nil, after: nil, countMax: 100).map(\.pair)
    }

    func merge(_ from: CaseID, into: CaseID, take: [GroupID] = []) async throws {
        try await desk.merge(
            DuplicateDesk.Merge(from: from, into: into, takes: take, reason: "同一名新生儿", user: "desk"))
    }

    func stage(of caseID: CaseID) async throws -> CaseStage {
        CaseProgress(
            try await world.state(of: caseID), policies: world.books.casebook.policies, dictionary: .standard
        ).stage
    }
}

@Suite("The same child in two cases, at central")
struct DuplicateTests {
    @Test("A delivery that two hospitals register is a pair; other families and twins are none")
    func found() async throws {
        var registry = try await Registry()
        let first = try await registry.register()
        _ = try await registry.register([
            "motherName": .text("黄敏"), "motherIdNo": .text("450225199601011244"), "childName": .text("李一诺"),
            "birthTime": .text("21:00"), "birthWeightGrams": .unsigned(2900),
        ])
        #expect(try await registry.pairs().isEmpty)
        let second = try await registry.register(["childName": .text("韦子晗")], at: 1)
        let pair = try #require(try await registry.pairs().first)
        #expect(pair.cases == CasePair(first, second) && pair.codes.first == "DC-03")
        let listed = try await registry.desk.pairs(
            DuplicateFilter(), in: "H2", after: nil, countMax: 9)
        #expect(listed.map { $0.first.hospitals.map(\.code) + $0.second.hospitals.map(\.code) }.count == 1)
    }

    @Test("A pair goes when a correction takes its reason away, and comes with the next")
    func corrected() async throws {
        var registry = try await Registry()
        let one = try await registry.register()
        _ = try await registry.register(at: 1)
        #expect(try await registry.pairs().count == 1)
        let other: [String: CBOR] = [
            "motherName": .text("黄敏"), "motherIdNo": .text("450225199601011244"), "childName": .text("李一诺"),
        ]
        try await registry.save(other, on: one)
        #expect(try await registry.pairs().isEmpty)
        try await registry.save(["motherIdNo": .text("450326199505051228")], on: one)
        #expect(try await registry.pairs().first?.codes.first == "DC-03")
        try await registry.save(["withdrawalDate": .text("2026-09-20")], on: one)
        #expect(try await registry.pairs().isEmpty, "who applies once more is no duplicate")
    }

    @Test("A pair waits at the merge desk until somebody decides, or a correction of either case ends it")
    func queue() async throws {
        var registry = try await Registry()
        let (first, second) = (try await registry.register(), try await registry.register(at: 1))
        let cases = CasePair(first, second)
        func waiting() async throws -> [DeskEntry] {
            var query = DeskQueue.Query()
            query.filter.kind = .duplicate
            return try await registry.world.deskQueue.page(query).map(\.entry)
        }
        let entry = try #require(try await waiting().first)
        #expect(entry.caseID == cases.second && entry.subject == cases.first.bytes)
        try await Rebuild(store: registry.world.store, books: registry.world.books).run()
        #expect(try await waiting() == [entry])
        try await registry.desk.dismiss(cases, reason: "r", user: "desk")
        #expect(try await waiting().isEmpty)
        try await registry.desk.undo(cases, reason: "r", user: "desk")
        #expect(try await waiting() == [entry])
        try await registry.save(["withdrawalDate": .text("2026-09-20")], on: cases.first)
        #expect(try await waiting().isEmpty)
    }

    @Test("A change of nothing that is compared compares nothing")
    func cheap() async throws {
        var registry = try await Registry()
        let one = try await registry.register()
        let known = try await registry.world.store.read { transaction throws(CentralError) in
            try transaction.duplicateCase(one)
        }
        try await registry.save(["note": .text("n")], on: one)
        let after = try await registry.world.store.read { transaction throws(CentralError) in
            try transaction.duplicateCase(one)
        }
        #expect(known != nil && known == after)
        try await registry.save(["motherPhone": .text("13800000000")], on: one)
        let compared = try await registry.world.store.read { transaction throws(CentralError) in
            try transaction.duplicateCase(one)
        }
        #expect(compared != after)
    }

    @Test("A key that more cases share than a block holds is passed over; others still find the pair")
    func blocks() async throws {
        var registry = try await Registry(hospitals: 1)
        func changes(_ number: Int) -> [String: CBOR] {
            [
                "motherPhone": .text("13800000000"), "motherName": .text("覃丽"), "childName": .null,
                "motherIdNo": .null, "birthTime": .null,
                "birthWeightGrams": .unsigned(UInt64(2_000 + number * 60)),
                "birthDate": .text("2026-01-01"), "childSex": .null,
            ]
        }
        for number in 0...Ledger.blockMax { _ = try await registry.register(changes(number)) }
        // The first 64 find each other by telephone and by the mother's name; the last two find nobody.
        let open = try await registry.pairs().count
        #expect(open == 100, "a page of the list")
        let last = try await registry.register(changes(1))
        let pairs = try await registry.world.store.read { transaction throws(CentralError) in
            try transaction.duplicatePairs(of: last, countMax: 100)
        }
        #expect(pairs.isEmpty)
        let certificate: [String: CBOR] = ["birthCertNo": .text("Z459990001")]
        _ = try await registry.register(changes(3).merging(certificate) { $1 })
        let same = try await registry.register(changes(4).merging(certificate) { $1 })
        let found = try await registry.world.store.read { transaction throws(CentralError) in
            try transaction.duplicatePairs(of: same, countMax: 100)
        }
        #expect(found.count == 1 && found[0].codes.first == "DC-01")
    }

    @Test("The list is filtered by state, score, rule and hospital, and goes on where a page ended")
    func filters() async throws {
        var registry = try await Registry(hospitals: 3)
        for number in 0..<5 {
            let own: [String: CBOR] = [
                "motherIdNo": .text("45032619950505122\(number)"), "motherName": .text("覃\(number)"),
                "childName": .text("韦\(number)"), "birthTime": .text("0\(number):15"),
                "birthWeightGrams": .unsigned(UInt64(2_000 + 300 * number)),
            ]
            _ = try await registry.register(own)
            _ = try await registry.register(own, at: number < 3 ? 1 : 2)
        }
        #expect(try await registry.pairs().count == 5)
        #expect(try await registry.pairs { $0.scoreMin = 101 }.isEmpty)
        #expect(try await registry.pairs { $0.code = "DC-03" }.count == 5)
        #expect(try await registry.pairs { $0.code = "DC-01" }.isEmpty)
        #expect(try await registry.pairs(.dismissed).isEmpty)
        func page(_ code: String?, _ after: DuplicatePlace?, _ count: Int) async throws -> [DuplicatePair] {
            try await registry.desk.pairs(DuplicateFilter(), in: code, after: after, countMax: count).map(
                \.pair)
        }
        #expect(try await page("H1", nil, 9).count == 5)
        #expect(try await page("H2", nil, 9).count == 3)
        #expect(try await page("H3", nil, 9).count == 2)
        var seen: [DuplicatePair] = []
        while let next = try await page(nil, seen.last?.place, 2).first { seen.append(next) }
        #expect(seen == (try await registry.pairs()))
        await #expect(throws: CentralError.refused(.unknownHospital)) { try await page("H9", nil, 9) }
    }

    @Test("Two children stay two children, whichever case is changed; taking it back shows the pair again")
    func dismissed() async throws {
        var registry = try await Registry()
        let (one, other) = (try await registry.register(), try await registry.register(at: 1))
        let cases = CasePair(other, one)
        try await registry.desk.dismiss(cases, reason: "双胞胎", user: "desk")
        #expect(try await registry.pairs().isEmpty)
        try await registry.save(["motherPhone": .text("13800000000")], on: one)
        try await registry.save(["motherPhone": .text("13800000000")], on: other, at: 1)
        #expect(try await registry.pairs().isEmpty)
        #expect(try await registry.pairs(.dismissed).map(\.cases) == [cases])
        await #expect(throws: CentralError.refused(.duplicates(.alreadyDecided))) {
            try await registry.desk.dismiss(cases, reason: "r", user: "desk")
        }
        try await registry.desk.undo(cases, reason: "看错", user: "desk")
        #expect(try await registry.pairs().count == 1)
        await #expect(throws: CentralError.refused(.duplicates(.nothingToUndo))) {
            try await registry.desk.undo(cases, reason: "r", user: "desk")
        }
    }

    @Test("All of it is made of the log: a rebuild gives the same pairs")
    func rebuilt() async throws {
        var registry = try await Registry(hospitals: 3)
        var cases: [CaseID] = []
        for number in 0..<6 {
            cases.append(
                try await registry.register(["birthWeightGrams": .unsigned(3_000)], at: number % 3))
        }
        try await registry.desk.dismiss(CasePair(cases[0], cases[1]), reason: "r", user: "desk")
        try await registry.merge(cases[2], into: cases[3])
        try await registry.merge(cases[3], into: cases[4])
        var before: [[DuplicatePair]] = []
        for state in DuplicatePair.State.allCases { before.append(try await registry.pairs(state)) }
        #expect(before.map(\.count) == [5, 1, 9, 0])
        try await Rebuild(store: registry.world.store, books: registry.world.books).run()
        var after: [[DuplicatePair]] = []
        for state in DuplicatePair.State.allCases { after.append(try await registry.pairs(state)) }
        #expect(after == before)
    }

    @Test("Tokens differ from central to central, and hold nothing of a case")
    func tokens() {
        let traits = ChildTraits(caseID: .centralRecord, [.motherID: ["450326199505051228"]])
        let (one, other) = (
            DuplicateTokens(secret: World.receiptKey), DuplicateTokens(secret: .init([1, 2, 3]))
        )
        #expect(
            one.tokens(of: traits).count == 1 && one.tokens(of: traits)[0].count == DuplicateTokens.byteCount)
        #expect(one.tokens(of: traits) == one.tokens(of: traits))
        #expect(one.tokens(of: traits) != other.tokens(of: traits))
    }
}

@Suite("Merging two cases")
struct CaseMergeTests {
    private let name = GroupID(rawValue: 20)
    private let measures = GroupID(rawValue: 23)

    private func pair() async throws -> (Registry, CaseID, CaseID) {
        var registry = try await Registry()
        let one = try await registry.register(["caseNumber": .text("H1-1")])
        let other = try await registry.register(
            [
                "caseNumber": .text("H2-1"), "childName": .text("韦子晗"), "birthWeightGrams": .unsigned(3250),
                "decisionKind": .text("accept"), "decisionDate": .text("2026-09-10"),
                "items": .array([.text("birthCert")]),
            ], at: 1)
        return (registry, one, other)
    }

    @Test("The merged case is closed, its tasks are held with the reason, and chosen values go to the other")
    func merged() async throws {
        let (registry, one, other) = try await pair()
        try await registry.merge(other, into: one, take: [name, measures])
        #expect(try await registry.stage(of: other) == .merged)
        let closed = try await registry.world.caseDesk.view(other)
        #expect(!closed.tasks.isEmpty && closed.tasks.allSatisfy { $0.state == .held })
        #expect(closed.tasks.first?.reason == "已并入办件 H1-1（Hospital H1）。")
        let kept = try await registry.world.state(of: one)
        #expect(kept.text("childName", in: .standard) == "韦子晗")
        #expect(kept.answer("birthWeightGrams", in: .standard) == .unsigned(3250))
        #expect(kept.text("motherName", in: .standard) == "覃丽")
        #expect(try await registry.stage(of: one) == .draft)
        #expect(try await registry.pairs().isEmpty)
        #expect(try await registry.pairs(.merged).count == 1)
        // Each hospital hears it by its feed, and of nobody else's fields.
        let first = try await registry.world.feed(of: registry.wards[0].hospital.id).compactMap {
            try $0.change
        }
        let second = try await registry.world.feed(of: registry.wards[1].hospital.id).compactMap {
            try $0.change
        }
        #expect(first.filter { $0.caseID == other }.isEmpty && second.filter { $0.caseID == one }.isEmpty)
        #expect(first.last?.caseID == one && second.last?.caseID == other)
        #expect(second.last?.content?.writes.keys.map(\.rawValue).sorted() == [7, 9030])
    }

    @Test("Taken back, both are as before; what a window has written since stays")
    func undone() async throws {
        var (registry, one, other) = try await pair()
        try await registry.merge(other, into: one, take: [name, measures])
        try await registry.save(["childName": .text("韦梓晗")], on: one)
        try await registry.desk.undo(CasePair(one, other), reason: "不是同一名", user: "desk")
        #expect(try await registry.stage(of: other) == .accepted)
        #expect(try await registry.world.caseDesk.view(other).tasks.contains { $0.state == .ready })
        let kept = try await registry.world.state(of: one)
        #expect(kept.text("childName", in: .standard) == "韦梓晗")
        #expect(kept.answer("birthWeightGrams", in: .standard) == .unsigned(3200))
        #expect(try await registry.pairs().count == 1)
        try await registry.merge(one, into: other)
        #expect(try await registry.stage(of: one) == .merged)
    }

    @Test(
        "What is refused: the same case, a hospital's record, a second merge, a circle, another's results, an old page"
    )
    func refused() async throws {
        let (registry, one, other) = try await pair()
        func refusal(_ expected: DuplicateRefusal, _ merge: DuplicateDesk.Merge) async {
            await #expect(throws: CentralError.refused(.duplicates(expected))) {
                try await registry.desk.merge(merge)
            }
        }
        func merge(_ from: CaseID, _ into: CaseID, _ takes: [GroupID] = []) -> DuplicateDesk.Merge {
            DuplicateDesk.Merge(from: from, into: into, takes: takes, reason: "r", user: "desk")
        }
        await refusal(.sameCase, merge(one, one))
        await refusal(.record, merge(one, registry.wards[0].hospital.id.record))
        await #expect(throws: CentralError.refused(.unknownCase)) {
            try await registry.desk.merge(merge(one, registry.world.newCase()))
        }
        for group in [1, 4, 200, 9032] as [UInt32] {
            await refusal(.notTaken(GroupID(rawValue: group)), merge(one, other, [GroupID(rawValue: group)]))
        }
        await refusal(.nothingToTake(GroupID(rawValue: 39)), merge(one, other, [GroupID(rawValue: 39)]))
        var old = merge(one, other)
        old.seen = [one: .empty]
        await refusal(.changedSince(one), old)
        try await registry.merge(one, into: other)
        await refusal(.alreadyMerged(into: other), merge(one, other))
        await refusal(.circle, merge(other, one))
    }

    @Test(
        "Merges follow each other; a circle over others is refused, and who merges into a merged case is told where to"
    )
    func chains() async throws {
        var (registry, one, other) = try await pair()
        let third = try await registry.register()
        let fourth = try await registry.register()
        try await registry.merge(one, into: other)
        try await registry.merge(other, into: third)
        await #expect(throws: CentralError.refused(.duplicates(.targetMerged(into: third)))) {
            try await registry.merge(fourth, into: other)
        }
        await #expect(throws: CentralError.refused(.duplicates(.circle))) {
            try await registry.merge(third, into: one)
        }
        #expect(try await registry.pairs().map(\.cases) == [CasePair(third, fourth)])
        try await registry.desk.undo(CasePair(one, other), reason: "r", user: "desk")
        #expect(try await registry.stage(of: one) == .draft)
        #expect(try await registry.stage(of: other) == .merged)
    }

    @Test(
        "A window that had not heard of it goes on writing: it stays merged and shows as decided on other data"
    )
    func lateWindow() async throws {
        var (registry, one, other) = try await pair()
        try await registry.merge(other, into: one)
        try await registry.save(
            ["motherPhone": .text("13800000000"), "motherName": .text("覃莉")], on: other, at: 1)
        #expect(try await registry.stage(of: other) == .merged)
        let state = try await registry.world.state(of: other)
        let merger = try #require(state.registers[GroupID(rawValue: 7)]?.standing.last)
        #expect(state.changedBasis(of: merger) == [GroupID(rawValue: 50)])
    }

    @Test("A window cannot merge cases or tell them apart: what it writes there is set aside")
    func windowsWord() async throws {
        var (registry, one, other) = try await pair()
        try await registry.save(["mergedInto": .bytes(other.bytes)], on: one)
        try await registry.save(["notDuplicateOf": .array([.bytes(other.bytes)])], on: one)
        #expect(try await registry.stage(of: one) == .draft)
        #expect(try await registry.pairs().count == 1)
        var asides = DeskQueue.Query()
        asides.filter.kind = .aside
        #expect(try await registry.world.deskQueue.page(asides).count == 2)
    }

    @Test("Over the API: list, compare, merge and take back; wrong bodies are refused")
    func api() async throws {
        let (registry, one, other) = try await pair()
        let staff = Token(registry.world.environment)
        let api = registry.world.api(for: staff)
        let router = api.router { _, _ in }
        func call(_ method: Web.Method, _ target: String, _ body: String = "") async -> (Int, JSON?) {
            let response = await router.respondByContract(
                to: Request(
                    method, "/api/v1/duplicates" + target,
                    headers: ["Authorization": "Bearer \(staff.text)"], body: Array(body.utf8)))
            return (response.status, try? JSON(parsing: response.body))
        }
        let (status, list) = await call(.get, "?hospital=H1&rule=DC-03&score=60&limit=1")
        #expect(status == 200)
        let place = try #require(list?.members?["next"])
        guard case .text(let after) = place else { throw Broken(what: "the place") }
        #expect(await call(.get, "?after=\(after)").1 == .object(["duplicates": .list([])]))
        for query in ["?state=shut", "?rule=%25", "?after=x", "?hospital=H9"] {
            #expect(await call(.get, query).0 >= 400, "\(query)")
        }
        let pair = "/\(one)/\(other)"
        let shown = await call(.get, pair).1
        #expect(shown?.members?["fields"] != nil && shown?.members?["history"] != nil)
        #expect(await call(.post, pair + "/merge", #"{"into":"\#(other)","reason":" "}"#).0 == 400)
        let long = String(repeating: "x", count: SyncProtocol.Limits.reasonBytesMax + 1)
        #expect(await call(.post, pair + "/dismissal", #"{"reason":"\#(long)"}"#).0 == 400)
        #expect(
            await call(.post, pair + "/merge", #"{"into":"\#(other)","reason":"r","take":["shoe"]}"#).0 == 400
        )
        #expect(
            await call(.post, pair + "/merge", #"{"into":"\#(registry.world.newCase())","reason":"r"}"#).0
                == 400)
        let merged = await call(
            .post, pair + "/merge", #"{"into":"\#(other)","reason":"r","take":["motherName","20"]}"#)
        #expect(merged.0 == 200 && merged.1?.members?["state"] == .text("merged"))
        #expect(await call(.post, pair + "/merge", #"{"into":"\#(other)","reason":"r"}"#).0 == 409)
        #expect(await call(.post, pair + "/undo", #"{"reason":"r"}"#).1?.members?["state"] == .text("open"))
        #expect(
            await call(.post, pair + "/dismissal", #"{"reason":"r"}"#).1?.members?["state"]
                == .text("dismissed"))
        #expect(await call(.get, "/\(one)/\(one)").0 == 409)
    }
}
