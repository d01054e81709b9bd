import Testing

@testable import WindowAgent

@Suite("Waiting for what happens", .timeLimit(.minutes(1)))
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

    @Test("Waits follow each other a thousand times while somebody rings, and none is lost")
    func many() async {
        let ringer = Task { [bell] in
            while !Task.isCancelled {
                bell.ring()
                await Task.yield()
            }
        }
        for round in 0..<1000 {
            // Now and then one whose time is over already.
            let end = await bell.wait(until: round % 3 == 0 ? 0 : nil, now: 0)
            #expect(end != .cancelled)
        }
        ringer.cancel()
    }
}
