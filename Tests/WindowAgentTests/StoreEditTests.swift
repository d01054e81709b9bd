import Casework
import SyncProtocol
import Testing

@testable import WindowAgent

@Suite("Editing a case")
struct StoreEditTests {
    private let machine: TestMachine
    init() throws { machine = try TestMachine() }

    private func seen(_ store: WindowStore, _ id: CaseID) async throws -> [GroupID: [Dot]] {
        try await store.state(of: id).registers.mapValues(\.dots)
    }

    private func written(_ store: WindowStore) async throws -> Set<GroupID> {
        Set(try #require(try await store.log().last?.content?.writes.keys))
    }

    @Test("Only the groups that differ are written")
    func differingGroups() async throws {
        let store = try await machine.open()
        let id = try await store.newCase([
            "childName": .text("甲"), "motherPhone": .text("19900000001"), "note": .text("一"),
        ])
        let saved = try await store.edit(
            id, ["childName": .text("甲"), "motherPhone": .text("19900000002"), "note": .text("一")], .clerk)
        #expect(saved.cases.map(\.isChanged) == [true])
        #expect(try await written(store) == [try group("motherPhone")])
        let again = try await store.edit(id, ["motherPhone": .text("19900000002")], .clerk)
        #expect(again.cases.map(\.isChanged) == [false])
        #expect(try await store.figures().changes == 2)
    }

    @Test("An answer to one member of a group keeps the others")
    func members() async throws {
        let store = try await machine.open()
        let id = try await store.newCase([
            "birthWeightGrams": .unsigned(3200), "birthLengthCm": .unsigned(50),
        ])
        _ = try await store.edit(id, ["birthLengthCm": .unsigned(51)], .clerk)
        let value = try await store.state(of: id).registers[try group("birthMeasures")]?.standing.map(\.value)
        #expect(value == [[.unsigned(3200), .unsigned(51), .null, .null]])
    }

    @Test("Two clerks who edit what both saw leave both values, in conflict where no rule decides")
    func concurrentClerks() async throws {
        let store = try await machine.open()
        let id = try await store.newCase(["childName": .text("甲")])
        let page = try await seen(store, id)
        _ = try await store.edit(id, ["childName": .text("乙")], seen: page, .clerk)
        _ = try await store.edit(id, ["childName": .text("丙")], seen: page, .clerk)
        let name = try group("childName")
        let state = try await store.state(of: id)
        #expect(state.registers[name]?.standing.map(\.value) == [[.text("乙")], [.text("丙")]])
        #expect(state.conflicts(by: FieldDictionary.standard.mergeRules) == [name])
        #expect(try await store.figures().conflicts == 1)
        #expect(try await store.cases(limit: 1).map(\.conflicts) == [1])
    }

    @Test(
        "A page that sends back what it showed changes nothing, though another clerk has changed it meanwhile"
    )
    func untouchedFields() async throws {
        let store = try await machine.open()
        let id = try await store.newCase(["childName": .text("甲"), "note": .text("一")])
        let page = try await seen(store, id)
        _ = try await store.edit(id, ["childName": .text("乙")], seen: page, .clerk)
        _ = try await store.edit(id, ["childName": .text("甲"), "note": .text("二")], seen: page, .clerk)
        #expect(try await written(store) == [try group("notes")])
        #expect(try await store.view(of: id).text("childName") == "乙")
        #expect(try await store.figures().conflicts == 0)
    }

    @Test("The other members of a group are kept as the page showed them, not as they stand by now")
    func staleMembers() async throws {
        let store = try await machine.open()
        let id = try await store.newCase([
            "birthWeightGrams": .unsigned(3200), "birthLengthCm": .unsigned(50),
        ])
        let page = try await seen(store, id)
        _ = try await store.edit(id, ["birthWeightGrams": .unsigned(3300)], seen: page, .clerk)
        _ = try await store.edit(id, ["birthLengthCm": .unsigned(51)], seen: page, .clerk)
        let standing = try await store.state(of: id).registers[try group("birthMeasures")]?.standing.map(
            \.value)
        #expect(
            standing == [
                [.unsigned(3300), .unsigned(50), .null, .null],
                [.unsigned(3200), .unsigned(51), .null, .null],
            ])
    }

    @Test("The same answer from two clerks is no second change")
    func sameAnswer() async throws {
        let store = try await machine.open()
        let id = try await store.newCase(["childName": .text("甲")])
        let page = try await seen(store, id)
        _ = try await store.edit(id, ["childName": .text("乙")], seen: page, .clerk)
        _ = try await store.edit(id, ["childName": .text("乙")], seen: page, .clerk)
        #expect(try await store.figures().changes == 2)
    }

    @Test("What is in conflict is not edited blindly, and settled by who has seen all its values")
    func settling() async throws {
        let store = try await machine.open()
        let id = try await store.newCase(["childName": .text("甲")])
        let page = try await seen(store, id)
        for name in ["乙", "丙"] {
            _ = try await store.edit(id, ["childName": .text(name)], seen: page, .clerk)
        }
        await #expect(throws: EditError.self) { try await store.edit(id, ["childName": .text("丁")], .clerk) }
        #expect(try await store.figures().changes == 3)
        let both = try await seen(store, id)
        _ = try await store.edit(
            id, ["childName": .text("乙")], seen: both, Saving(user: "clerk", reason: "户口簿"))
        #expect(try await store.view(of: id).text("childName") == "乙")
        #expect(try await store.figures().conflicts == 0)
        #expect(try await store.log().last?.content?.reason == "户口簿")
    }

    @Test("A page cannot put aside what nobody here has seen")
    func unknownDots() async throws {
        let store = try await machine.open()
        let id = try await store.newCase(["childName": .text("甲")])
        let dot = Dot(replica: ReplicaID(rawValue: 77), edition: 1)
        let own = Dot(replica: try #require(try await store.log().last?.replica), edition: 2)
        for dot in [dot, own] {
            await #expect(throws: StoreError.unknownDots) {
                try await store.edit(
                    id, ["childName": .text("乙")], seen: [try group("childName"): [dot]], .clerk)
            }
        }
        #expect(try await store.figures().changes == 1)
    }

    @Test(
        "A group that a department owns, and a key that does not exist, are refused, and nothing is written")
    func refusals() async throws {
        let store = try await machine.open()
        let id = try await store.newCase()
        for answers in [
            ["childIdNo": CBOR.text("x"), "note": .text("y")], ["hukouResultStatus": .text("done")],
            ["noSuch": .null],
        ] {
            await #expect(throws: EditError.self) { try await store.edit(id, answers, .clerk) }
        }
        await #expect(throws: StoreError.self) {
            try await store.edit(CaseID(milliseconds: 5, random: (5, 5)), ["note": .text("x")], .clerk)
        }
        #expect(try await store.figures().changes == 1)
    }

    @Test(
        "A decision names all that it relied on, and is stale when any of it changes, until it is made again")
    func decisions() async throws {
        let store = try await machine.open()
        let id = try await store.newCase(["childName": .text("甲"), "note": .text("一")])
        let decide: [String: CBOR] = ["decisionKind": .text("accept"), "decisionDate": .text("2025-09-29")]
        _ = try await store.edit(id, decide, .clerk)
        let basis = try #require(try await store.log().last?.content?.basis)
        let (name, notes, number) = (try group("childName"), try group("notes"), try group("caseNumber"))
        #expect(basis[name] != nil && basis[notes] != nil)
        #expect(basis[number] == nil, "only what clerks fill in")
        #expect(try await changedBasis(store, id) == [])
        _ = try await store.edit(id, ["childName": .text("乙")], .clerk)
        #expect(try await changedBasis(store, id) == [try group("childName")])
        _ = try await store.edit(id, decide.merging(["decisionDate": .text("2025-09-30")]) { $1 }, .clerk)
        #expect(try await changedBasis(store, id) == [])
    }

    private func changedBasis(_ store: WindowStore, _ id: CaseID) async throws -> [GroupID] {
        let state = try await store.state(of: id)
        return (state.registers[try group("decision")]?.standing ?? []).flatMap(state.changedBasis)
    }

    @Test("A case that has left is not edited any more")
    func departed() async throws {
        let store = try await machine.open()
        let id = try await store.newCase()
        var central = ModelCentral.with(.test)
        try await central.settle(with: store)
        central.leave(id, .test)
        try await central.settle(with: store)
        #expect(try await store.cases(limit: 1).isEmpty)
        #expect(try await store.departedCases(limit: 9).map(\.id) == [id])
        await #expect(throws: StoreError.departed(id)) {
            try await store.edit(id, ["note": .text("x")], .clerk)
        }
    }
}
