import Casework
import Foundation
import SyncProtocol
import Testing

@testable import WindowAgent

@Suite("The link in the window's API")
struct LinkAPITests {
    private func status(_ api: APIFixture) async throws -> WindowStatus {
        let answer = try await api.call(.get, "/api/v1/status")
        return try JSONDecoder().decode(WindowStatus.self, from: Data(answer.text.utf8))
    }

    @Test("Settings are shown with who set them, set, and set back")
    func settings() async throws {
        let api = try await APIFixture()
        let usual = try await api.call(.get, "/api/v1/link")
        #expect(usual["metered"]?.members?["value"] == .text("no"))
        #expect(usual["budget"]?.members?["from"] == .text("usual"))
        let set = try await api.call(.put, "/api/v1/link", #"{"metered": "yes", "budget": "5MB"}"#)
        #expect(set.status == 200 && set["metered"]?.members?["from"] == .text("here"))
        #expect(try await api.call(.get, "/api/v1/link")["budget"]?.members?["value"] == .text("5MB"))
        #expect(try await api.store.linkRules().isMetered)
        _ = try await api.call(.put, "/api/v1/link", #"{"metered": "auto"}"#)
        #expect(try await api.call(.get, "/api/v1/link")["metered"]?.members?["value"] == .text("no"))
        #expect(try await api.store.linkRules().bytesPerDayMax == 5_000_000, "what is not named stays")
    }

    @Test(
        "What central says for all comes behind what it says for this hospital, and this window's word before both"
    )
    func sources() async throws {
        let api = try await APIFixture()
        var central = ModelCentral.with(.test)
        try central.set(["link.metered": "yes", "link.budget": "5MB"], in: .centralRecord)
        try central.set(["link.metered": "no"], in: HospitalID.test.record)
        try await central.settle(with: api.store)
        func line(_ name: String) async throws -> [JSON?] {
            let line = try await api.call(.get, "/api/v1/link")[name]?.members
            return [line?["value"], line?["from"]]
        }
        #expect(try await line("metered") == [.text("no"), .text("hospital")])
        #expect(try await line("budget") == [.text("5MB"), .text("all")])
        #expect(try await api.store.linkRules().bytesPerDayMax == 5_000_000)
        _ = try await api.call(.put, "/api/v1/link", #"{"budget": "none", "tidy-materials": "9"}"#)
        #expect(try await line("budget") == [.text("none"), .text("here")])
        #expect(try await line("tidy-materials") == [.text("9"), .text("here")])
        let keeping = try #require(try await status(api).keeping)
        #expect(keeping.tidyMaterials == "9" && keeping.wipeDeparted == "never" && keeping.departed == 0)
    }

    @Test(
        "A value that cannot be used is refused with what is taken, and nothing is changed",
        arguments: [#"{"metered": "yes", "schedule": "4"}"#, #"{"metered": "yes", "speed": "9"}"#, "[]", "{"])
    func refused(body: String) async throws {
        let api = try await APIFixture()
        let answer = try await api.call(.put, "/api/v1/link", body)
        #expect((400...422).contains(answer.status))
        #expect(try await api.store.settingSources().here == WindowSettings())
    }

    @Test(
        "The status tells what waits in bytes, the sentence, and that nothing goes by itself on a metered link"
    )
    func statusTells() async throws {
        let api = try await APIFixture()
        _ = try await api.newCase()
        let before = try await status(api)
        #expect(before.outbox == 1 && before.link.outboxBytes > 0)
        #expect(before.link.sentence == "正在连接中心，1 项待发送")
        #expect(before.link.secondsLeft == nil, "nobody has measured")
        _ = try await api.call(.put, "/api/v1/link", #"{"metered": "yes"}"#)
        let run = Task { await api.exchanger.run() }
        _ = await api.exchanger.exchangeNow()
        run.cancel()
        await run.value
        let after = try await status(api)
        #expect(after.link.outboxBytes == 0 && after.link.feedRemaining == 0 && after.link.secondsLeft == 0)
        #expect(after.link.isMetered && after.link.nextTry == nil)
        #expect(after.link.sentence == "按流量计费，全部已发送，保存后随即交换")
        #expect(after.link.exchangeBytesToday > 0 && !after.link.isBudgetSpent)
    }

    @Test("An estimate is the bytes over the speed, rounded up")
    func estimate() {
        #expect(LinkStatus.secondsLeft(bytes: 0, bytesPerSecond: nil) == 0)
        #expect(LinkStatus.secondsLeft(bytes: 1, bytesPerSecond: nil) == nil)
        #expect(LinkStatus.secondsLeft(bytes: 6001, bytesPerSecond: 3000) == 3)
        #expect(LinkStatus.secondsLeft(bytes: 1, bytesPerSecond: 1_000_000) == 1)
    }

    @Test("A watch says what goes up, why it fails, and that it is done; each thing once")
    func watch() async throws {
        let api = try await APIFixture()
        for _ in 0..<2 { _ = try await api.newCase() }
        let now = api.machine.now
        var watch = SyncWatch(began: now)
        let waiting = try await status(api)
        let line = watch.see(waiting, now: now)
        #expect(line == "changes up 0 of 2 (\(waiting.link.outboxBytes) B left)")
        let again = watch.see(waiting, now: now)
        #expect(again == nil && !watch.isDone(waiting))
        await api.link.behave(.fails(.network("no route to host")))
        let run = Task { await api.exchanger.run() }
        _ = await api.exchanger.exchangeNow()
        var failing = try await status(api)
        // It tries again by itself.
        while failing.link.activity == .exchanging { failing = try await status(api) }
        let failed = watch.see(failing, now: now)
        #expect(failed?.hasPrefix("failed: no route to host Next try in ") == true)
        await api.link.behave(.answers)
        while await api.exchanger.exchangeNow().error != nil {}
        let done = try await status(api)
        #expect(watch.isDone(done))
        let last = watch.see(done, now: now)
        #expect(last == "done: nothing is left")
        run.cancel()
        await run.value
    }

    @Test("Sizes are said shortly")
    func sizes() {
        for (bytes, words) in [(0, "0 B"), (999, "999 B"), (12_345, "12 kB"), (3_456_789, "3.4 MB")] {
            #expect(SyncWatch.size(UInt64(bytes)) == words)
        }
    }
}
