import Casework
import SyncProtocol
import Testing

@Suite("Writes of steps")
struct StepWritesTests {
    private let window = Author(role: .window, unit: "YF", user: "clerk")

    @Test("A value is added to a group beside all that stands there, once, and replaces nothing")
    func additions() throws {
        var desk = try Desk("01")
        let group = try desk.group("notice")
        func notice(_ number: String) -> [String: CBOR] {
            ["noticeKind": .text("correction"), "noticeNumber": .text(number)]
        }
        let first = try CaseEdit(desk.state, dictionary: Desk.dictionary).additions(notice("1"))
        #expect(
            first[group]?.replaces == [] && first[group]?.value == [.text("correction"), .text("1"), .null])
        try desk.save(notice("1"))
        let edit = CaseEdit(desk.state, dictionary: Desk.dictionary)
        #expect(try edit.additions(notice("1")).isEmpty)
        #expect(try edit.additions(notice("2"))[group]?.replaces == [])
    }

    @Test("Only a group with the rule union takes additions")
    func onlyUnion() throws {
        let edit = CaseEdit(dictionary: Desk.dictionary)
        for key in ["decisionKind", "motherPhone", "nothing"] {
            #expect(throws: EditError.self) { try edit.additions([key: .text("x")]) }
        }
    }

    @Test("A group that is renewed is written though nothing in it differs; others are not")
    func renewed() throws {
        var desk = try Desk("01")
        try desk.take(.submit)
        let group = try desk.group("submission")
        let dots = try #require(desk.state.registers[group]).dots
        let edit = CaseEdit(desk.state, history: desk.log, dictionary: Desk.dictionary)
        let same: [String: CBOR] = ["submissionDate": .text(desk.now.date.description)]
        #expect(try edit.writes(same, by: window).isEmpty)
        let writes = try edit.writes(same, by: window, renewed: ["submission"])
        #expect(writes[group]?.replaces == dots)
    }

    @Test("A decision's basis names every answer and the submission, and nothing that it writes itself")
    func basis() throws {
        var desk = try Desk("01")
        try desk.take(.submit)
        try desk.take(.accept)
        let decision = try #require(desk.log.last?.content)
        let names = Set(decision.basis.keys.compactMap { Desk.dictionary[$0]?.name })
        #expect(names.isSuperset(of: ["submission", "childName", "application", "materials", "items"]))
        #expect(names.isDisjoint(with: ["decision", "acceptance", "caseNumber", "notice"]))
        #expect(try #require(desk.log.first?.content).basis.isEmpty)
    }
}
