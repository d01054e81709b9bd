import Casework
import SyncProtocol
import Testing

@testable import WindowAgent

@Suite("Keeping in step with central", .timeLimit(.minutes(4)))
struct ExchangerTests {
    private let machine: TestMachine
    private let link = FakeLink()
    init() throws { machine = try TestMachine() }

    private func exchanger(_ store: WindowStore, idleSeconds: UInt64 = 3600) -> Exchanger {
        Exchanger(
            store: store, link: link, environment: machine.environment,
            schedule: SyncSchedule(idleSeconds: idleSeconds))
    }

    /// Runs while the body does, and then sees it end.
    private func running<Result>(
        _ exchanger: Exchanger, _ body: () async throws -> Result
    ) async throws -> Result {
        let run = Task { await exchanger.run() }
        defer { run.cancel() }
        let result = try await body()
        run.cancel()
        await run.value
        return result
    }

    @Test("Who asks hears what came of it: what was confirmed and received, in how many bytes")
    func asker() async throws {
        let store = try await machine.open()
        let id = try await store.newCase()
        let exchanger = exchanger(store)
        try await running(exchanger) {
            let report = await exchanger.exchangeNow()
            #expect(report.error == nil)
            #expect(try await store.figures().outbox == 0)
            let notes = try group("notes")
            try await link.withCentral {
                _ = try $0.write([notes: .init(value: [.text("x")], replaces: [])], on: id)
            }
            _ = try await store.edit(id, ["childName": .text("乙")], .clerk)
            let second = await exchanger.exchangeNow()
            #expect((second.confirmed, second.received, second.error) == (1, 1, nil))
            #expect(second.exchanges >= 1 && second.bytesUp > 0 && second.bytesDown > 0)
            let status = await exchanger.current
            #expect(status.lastContact == machine.now && status.lastError == nil && status.failures == 0)
        }
    }

    @Test("Everybody who asks is answered, however many at a time")
    func askers() async throws {
        let exchanger = exchanger(try await machine.open())
        try await running(exchanger) {
            let answered = await withTaskGroup { group in
                for _ in 0..<20 { group.addTask { await exchanger.exchangeNow().error == nil } }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(answered == 20)
        }
    }

    @Test(
        "A failure is told, noted with its reason at each change that was under way, and tried again",
        arguments: [
            (FakeLink.Behaviour.fails(.network("no route to host")), "no route to host"),
            (.fails(.refused(status: 401, reason: "the key is revoked")), "the key is revoked"),
            (.fails(.notCentral(status: 302)), "HTTP 302"), (.talks([0xFF]), "cannot be read"),
            (.talks([]), "cannot be read"),
        ])
    func failure(behaviour: FakeLink.Behaviour, words: String) async throws {
        let store = try await machine.open()
        _ = try await store.newCase()
        await link.behave(behaviour)
        let exchanger = exchanger(store)
        try await running(exchanger) {
            for asked in 1...2 {
                let report = await exchanger.exchangeNow()
                #expect(report.error?.contains(words) == true)
                let line = try #require(try await store.outbox(limit: 9).first)
                #expect(line.tries >= asked && line.triedAt == machine.now)
                #expect(line.lastError?.contains(words) == true)
            }
            let status = await exchanger.current
            #expect(status.failures >= 2 && status.lastError?.contains(words) == true)
            #expect(status.nextTry > machine.now && status.nextTry <= machine.now + 300_000)
            await link.behave(.answers)
            #expect(await exchanger.exchangeNow().error == nil)
            #expect(await exchanger.current.failures == 0)
        }
        #expect(try await store.outbox(limit: 9) == [])
    }

    @Test("A save goes to central by itself")
    func saved() async throws {
        let store = try await machine.open()
        let exchanger = exchanger(store)
        try await running(exchanger) {
            _ = await exchanger.exchangeNow()
            let id = try await store.newCase()
            await exchanger.noteSaved()
            for await request in link.requests where !request.pushes.isEmpty { break }
            _ = await exchanger.exchangeNow()
            #expect(await link.withCentral { $0.changes[id]?.count } == 1)
        }
    }

    @Test("With nothing to do it looks again when the idle time is over")
    func idle() async throws {
        let exchanger = exchanger(try await machine.open(), idleSeconds: 0)
        try await running(exchanger) {
            var seen = 0
            for await _ in link.requests {
                seen += 1
                if seen == 5 { break }
            }
            #expect(seen == 5)
        }
    }

    @Test("Cancelling ends it also in the middle of an exchange, which then counts as no try")
    func cancelled() async throws {
        let store = try await machine.open()
        _ = try await store.newCase()
        await link.behave(.hangs)
        let exchanger = exchanger(store)
        let run = Task { await exchanger.run() }
        for await _ in link.requests { break }
        let asker = Task { await exchanger.exchangeNow() }
        while await exchanger.askerCount == 0 { await Task.yield() }
        run.cancel()
        await run.value
        #expect(await asker.value.error != nil, "who asked is not left waiting")
        #expect(await exchanger.exchangeNow().error != nil, "nor who asks afterwards")
        #expect(try await store.outbox(limit: 1).map(\.tries) == [0])
    }

    @Test("Before the enrolment nothing is sent and who asks is told; after it the exchange begins at once")
    func notEnrolled() async throws {
        let store = try await machine.open(isEnrolled: false)
        let exchanger = exchanger(store)
        try await running(exchanger) {
            #expect(await exchanger.exchangeNow().error?.contains("not enrolled") == true)
            #expect(await exchanger.current.failures == 0)
            try await store.enrol(.test())
            await exchanger.noteReachable()
            for await _ in link.requests { break }
            #expect(await exchanger.exchangeNow().error == nil)
        }
    }

    @Test("A full disk stops no exchange for good")
    func fullDisk() async throws {
        let store = try await machine.open()
        let id = try await store.newCase()
        let exchanger = exchanger(store)
        try await running(exchanger) {
            _ = await exchanger.exchangeNow()
            let notes = try group("notes")
            try await link.withCentral { central in
                let text = String(repeating: "x", count: 60_000)
                _ = try central.write([notes: .init(value: [.text(text)], replaces: [])], on: id)
            }
            try await store.limitPages(more: 0)
            #expect(await exchanger.exchangeNow().error?.contains("disk is full") == true)
            try await store.limitPages(more: nil)
            #expect(await exchanger.exchangeNow().error == nil)
        }
        #expect(try await store.state(of: id).count == 2)
    }
}
