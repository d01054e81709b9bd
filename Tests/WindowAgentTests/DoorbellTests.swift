import Testing

@testable import WindowAgent

@Suite("Waiting for what happens", .timeLimit(.minutes(4)))
struct DoorbellTests {
    private let bell = Doorbell()

    @Test("A ring before the wait ends it at once, and only that wait")
    func early() async {
        bell.ring()
        bell.ring()
        #expect(await bell.wait(until: nil, now: 0) == .rung)
        #expect(await bell.wait(until: 0, now: 0) == .timePassed)
    }

    @Test("A ring that was silenced ends nothing")
    func silenced() async {
        bell.ring()
        bell.silence()
        #expect(await bell.wait(until: 5, now: 9) == .timePassed)
    }

    @Test("A ring ends a wait that has begun, and is used up by it")
    func rings() async {
        let waiting = Task { await bell.wait(until: nil, now: 0) }
        // Whether it has begun or not: it ends.
        await Task.yield()
        bell.ring()
        #expect(await waiting.value == .rung)
        #expect(await bell.wait(until: 1, now: 1) == .timePassed)
    }

    @Test("Cancelling ends a wait, before it has begun or after, and no later one")
    func cancelled() async {
        let waiting = Task { await bell.wait(until: nil, now: 0) }
        waiting.cancel()
        #expect(await waiting.value == .cancelled)
        let begun = Task { await bell.wait(until: nil, now: 0) }
        await Task.yield()
        begun.cancel()
        #expect(await begun.value == .cancelled)
        #expect(await bell.wait(until: 0, now: 0) == .timePassed)
    }

    @Test("Waits follow each other while somebody rings beside each, and no ring is lost", arguments: 1...100)
    func many(round: Int) async {
        let ringing = Task { [bell] in bell.ring() }
        #expect(await bell.wait(until: nil, now: 0) == .rung)
        await ringing.value
        #expect(await bell.wait(until: 0, now: 0) == .timePassed)
    }
}
