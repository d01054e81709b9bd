import Casework
import SyncProtocol
import Testing

@Suite("Items that are sent back")
struct ReturnTests {
    @Test(
        "The window sees the sentence, hands the item in again, and the department has it with its limit from that day"
    )
    func comesAgain() throws {
        var desk = try Desk("01")
        try desk.accept()
        try desk.hand(try desk.result("birthCert"))
        let first = try #require(desk.life.items.first { $0.code == "hukou" }?.due)
        #expect(desk.reasons(.resubmit) == ["没有被退回的事项。"])
        try desk.hand(try desk.result("hukou", id: "back", outcome: .returned, note: "请补充落户地址。"))
        let returned = try #require(desk.life.items.first { $0.code == "hukou" })
        #expect(returned.outcome == .returned && returned.status.reasons == ["请补充落户地址。"])
        #expect(desk.life.stage == .accepted && returned.due == nil)
        #expect(desk.tasks.statuses.first { $0.item.code == "ssCard" }?.state == .waiting(for: ["hukou"]))

        let later = try #require(desk.now.date.adding(days: 10))
        desk.now = try #require(Moment(date: later, seconds: 36_000))
        try desk.take(.resubmit) { $0.reasons = ["已补充"] }
        let again = try #require(desk.life.items.first { $0.code == "hukou" })
        #expect(again.status.state == .ready && again.outcome == nil)
        #expect(desk.reasons(.resubmit) == ["没有被退回的事项。"])
        let due = try #require(again.due)
        // Two working days from the day on which it was handed in again (gx-yongfu).
        #expect(due == (try WorkCalendar.standard.due(workingDays: 2, after: desk.now.date)))
        #expect(due > first)
        #expect(try desk.hand(try desk.result("hukou", id: "done")) == .take)
        #expect(desk.life.items.first { $0.code == "hukou" }?.outcome == .done)
    }

    @Test("Sent back once more it waits for the window once more; of several items the window says which")
    func several() throws {
        var desk = try Desk("01")
        try desk.accept()
        for item in ["birthCert", "vaccCert"] {
            try desk.hand(try desk.result(item, id: "\(item)-1", outcome: .returned))
        }
        #expect(desk.reasons(.resubmit).allSatisfy { $0.contains("birthCert") && $0.contains("vaccCert") })
        #expect(!desk.reasons(.resubmit) { $0.item = "hukou" }.isEmpty)
        try desk.take(.resubmit) { $0.item = "birthCert" }
        #expect(desk.life.returned.map(\.code) == ["vaccCert"])
        try desk.hand(try desk.result("birthCert", id: "birthCert-2", outcome: .returned))
        #expect(desk.life.returned.map(\.code) == ["birthCert", "vaccCert"])
        try desk.take(.resubmit) { $0.item = "birthCert" }
        try desk.take(.resubmit)
        #expect(desk.life.returned.isEmpty)
        #expect(desk.tasks.statuses.first { $0.item.code == "birthCert" }?.state == .ready)
    }

    @Test("The order in which changes arrive does not matter")
    func order() throws {
        var desk = try Desk("01")
        try desk.accept()
        try desk.hand(try desk.result("birthCert", id: "1", outcome: .returned))
        try desk.take(.resubmit)
        try desk.hand(try desk.result("birthCert", id: "2", outcome: .returned))
        let whole = desk.tasks.statuses
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            let state = CaseState(folding: desk.log.shuffled(using: &random))
            let progress = CaseProgress(state, policies: .standard, dictionary: Desk.dictionary)
            #expect(
                CaseTasks(state, progress: progress, dictionary: Desk.dictionary).statuses == whole)
        }
    }
}
