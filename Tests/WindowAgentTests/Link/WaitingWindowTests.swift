import Casework
import SyncProtocol
import Testing

@testable import WindowAgent

@Suite("A window that waits at central", .timeLimit(.minutes(4)))
struct WaitingWindowTests {
    private let machine: TestMachine
    private let link = FakeLink()
    init() throws { machine = try TestMachine() }

    /// Runs a window that waits, from its first poll on.
    private func waiting(
        _ store: WindowStore, _ body: (Exchanger) async throws -> Void
    ) async throws {
        let exchanger = Exchanger(
            store: store, link: link, environment: machine.environment, schedule: SyncSchedule(waits: true))
        let run = Task { await exchanger.run() }
        defer { run.cancel() }
        await poll()
        try await body(exchanger)
        run.cancel()
        await run.value
    }

    /// The next request.
    private func next() async -> ExchangeRequest? {
        for await request in link.requests { return request }
        return nil
    }

    /// The next request that waits.
    @discardableResult
    private func poll() async -> ExchangeRequest? {
        for await request in link.requests where request.waitSeconds != nil { return request }
        return nil
    }

    @Test("What comes into the feed is here though nobody asks, and then it waits on")
    func news() async throws {
        let store = try await machine.open()
        let id = try await store.newCase()
        let notes = try group("notes")
        try await waiting(store) { exchanger in
            #expect(await exchanger.linkProgress.activity == .waiting)
            for number in 1...3 {
                try await link.withCentral {
                    _ = try $0.write([notes: .init(value: [.text("\(number)")], replaces: [])], on: id)
                }
                let next = await poll()
                #expect(next?.waitSeconds == SyncSchedule.pollSecondsMax)
                #expect(try await store.state(of: id).count == 1 + number)
            }
            #expect(await link.abandoned == 0)
        }
        try await link.central.expectSettled(with: store)
    }

    @Test(
        "A save goes at once while it waits, on its own; a poll's answer that comes late does no harm",
        arguments: [false, true])
    func save(isLate: Bool) async throws {
        let store = try await machine.open()
        if isLate { await link.answerLate() }
        try await waiting(store) { exchanger in
            for number in 1...5 {
                _ = try await store.newCase(saveID: "s\(number)")
                await exchanger.noteSaved()
                let request = await next()
                #expect(request?.pushes.isEmpty == false && request?.waitSeconds == nil)
                await poll()
                #expect(await link.abandoned == number)
                #expect(try await store.figures().outbox == 0)
            }
            let status = await exchanger.current
            #expect(status.lastError == nil && status.failures == 0)
        }
        try await link.central.expectSettled(with: store)
        #expect(await link.central.changes.values.allSatisfy { $0.count == 1 })
    }

    @Test("Who asks while it waits is answered, and then it waits on")
    func asked() async throws {
        try await waiting(try await machine.open()) { exchanger in
            let report = await exchanger.exchangeNow()
            #expect(report.error == nil && report.exchanges >= 1)
            await poll()
        }
    }

    @Test("A poll that dies is no failure of the window: nothing is noted, and a save goes at once")
    func pollDies() async throws {
        await link.forgetWaits()
        let store = try await machine.open()
        try await waiting(store) { exchanger in
            _ = try await store.newCase()
            await exchanger.noteSaved()
            for await request in link.requests where !request.pushes.isEmpty { break }
            #expect(await exchanger.exchangeNow().error == nil)
            #expect(await exchanger.current.failures == 0)
        }
        #expect(try await store.figures().outbox == 0)
    }

    @Test("What a technician sets holds at once: the poll ends, and nothing goes by itself any more")
    func ruled() async throws {
        let store = try await machine.open()
        try await waiting(store) { exchanger in
            var settings = WindowSettings()
            try settings.set(.metered, to: "yes")
            try await store.save(settings)
            try await exchanger.noteSettings()
            while await link.abandoned == 0 { await Task.yield() }
            while await exchanger.linkProgress.activity != .resting { await Task.yield() }
            #expect(await exchanger.linkProgress.rules.isMetered)
            while await exchanger.current.nextTry != 0 { await Task.yield() }
            try await store.save(WindowSettings())
            try await exchanger.noteSettings()
            await poll()
        }
    }

    @Test("Central's settings come with the feed, and hold at once; local ones come before them")
    func centralRules() async throws {
        let store = try await machine.open()
        try await waiting(store) { exchanger in
            try await link.withCentral {
                try $0.record(
                    ["hospitalSettings": .object(["link.metered": .text("yes")])], in: "hospitalSettings")
            }
            while await !exchanger.linkProgress.rules.isMetered { await Task.yield() }
            while await exchanger.current.nextTry != 0 { await Task.yield() }
            var local = WindowSettings()
            try local.set(.metered, to: "no")
            try await store.save(local)
            try await exchanger.noteSettings()
            await poll()
            #expect(await !exchanger.linkProgress.rules.isMetered)
        }
    }
}

@Suite("What is known to have arrived is not sent again", .timeLimit(.minutes(4)))
struct LostReplyTests {
    private let machine: TestMachine
    private let link = FakeLink()
    init() throws { machine = try TestMachine() }

    @Test("After a lost reply to a large batch its changes go over the link once")
    func sentOnce() async throws {
        let store = try await machine.open()
        for number in 0..<12 {
            let id = try await store.newCase(saveID: "s\(number)")
            _ = try await store.edit(id, ["note": .text(String(repeating: "长", count: 300))], .clerk)
        }
        let bytes = try await store.outboxBytes()
        let exchanger = Exchanger(
            store: store, link: link, environment: machine.environment,
            schedule: SyncSchedule(idleSeconds: 3600))
        await link.behave(.losesReplies)
        let run = Task { await exchanger.run() }
        defer { run.cancel() }
        #expect(await exchanger.exchangeNow().error?.contains("the reply was lost") == true)
        #expect(try await store.outboxBytes() == bytes, "nobody has told that they arrived")
        await link.behave(.answers)
        #expect(await exchanger.exchangeNow().error == nil)
        #expect(try await store.figures().outbox == 0)
        run.cancel()
        await run.value
        link.tell.finish()
        var sent = 0
        var asked = 0
        for await request in link.requests {
            sent += request.pushes.reduce(0) { $0 + $1.bodyBytes }
            if request.pushes.isEmpty { asked += 1 }
        }
        print("lost reply: \(bytes) bytes of changes, \(sent) sent, \(asked) requests without changes")
        #expect(sent == Int(bytes))
        try await link.central.expectSettled(with: store)
    }

    @Test(
        "Lost replies at random, large and small: everything arrives, and it comes to rest", arguments: 0..<3)
    func random(seed: Int) async throws {
        var random = SeededGenerator(seed: seed)
        let store = try await machine.open()
        let exchanger = Exchanger(
            store: store, link: link, environment: machine.environment,
            schedule: SyncSchedule(idleSeconds: 3600))
        let run = Task { await exchanger.run() }
        defer { run.cancel() }
        for round in 0..<10 {
            for number in 0..<Int.random(in: 1...4, using: &random) {
                let id = try await store.newCase(saveID: "s\(round).\(number)")
                let text = String(repeating: "长", count: Int.random(in: 1...600, using: &random))
                _ = try await store.edit(id, ["note": .text(text)], .clerk)
            }
            await link.behave(random.chance(1, in: 2) ? .losesReplies : .answers)
            _ = await exchanger.exchangeNow()
        }
        await link.behave(.answers)
        while await exchanger.exchangeNow().error != nil {}
        #expect(try await store.figures().outbox == 0, "seed \(seed)")
        try await link.central.expectSettled(with: store, "seed \(seed)")
    }
}
