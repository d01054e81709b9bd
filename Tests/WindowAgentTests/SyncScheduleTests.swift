import Testing

@testable import WindowAgent

@Suite("When to exchange and how much to send")
struct SyncScheduleTests {
    private let start: UInt64 = 1_000_000_000

    private func progress(_ bytes: Int, _ milliseconds: UInt64, more: Bool = false) -> SyncSchedule.Event {
        .succeeded(SyncSchedule.Progress(hasMore: more, bytes: bytes, milliseconds: milliseconds))
    }

    @Test(
        "It exchanges at the start, when something was saved, when somebody asks, and when the wait is over")
    func atOnce() {
        for event in [SyncSchedule.Event.started, .saved, .asked, .timePassed] {
            var schedule = SyncSchedule()
            #expect(
                schedule.handle(event, now: start, random: 0)
                    == .exchange(bytesMax: SyncSchedule.batchBytesFirst), "\(event)")
        }
    }

    @Test("With nothing left it waits for the idle time; with more it goes on at once")
    func idle() {
        var schedule = SyncSchedule(idleSeconds: 45)
        #expect(schedule.handle(progress(100, 10), now: start, random: 7) == .wait(until: start + 45_000))
        #expect(schedule.nextTry == start + 45_000)
        guard case .exchange = schedule.handle(progress(100, 10, more: true), now: start, random: 7) else {
            Issue.record("it waits though there is more")
            return
        }
    }

    @Test("Batches grow with throughput, at most fourfold at a time and to a limit")
    func growth() {
        var schedule = SyncSchedule()
        var last = SyncSchedule.batchBytesFirst
        for _ in 0..<10 {
            _ = schedule.handle(progress(1 << 20, 1, more: true), now: start, random: 0)
            #expect(schedule.batchBytes == min(last * 4, SyncSchedule.batchBytesMax))
            last = schedule.batchBytes
        }
        #expect(last == SyncSchedule.batchBytesMax)
    }

    @Test("On a slow link a batch shrinks to what goes through in the time that one should take")
    func slowLink() {
        var schedule = SyncSchedule()
        _ = schedule.handle(progress(16_000, 16_000), now: start, random: 0)
        #expect(schedule.batchBytes == 4000)
        _ = schedule.handle(progress(90, 3000), now: start, random: 0)
        #expect(schedule.batchBytes == 4000, "an exchange without content tells nothing of the link")
    }

    @Test("Failures halve the batch, down to a single change")
    func halving() {
        var schedule = SyncSchedule()
        var last = schedule.batchBytes
        for _ in 0..<20 {
            _ = schedule.handle(.failed, now: start, random: 0)
            #expect(schedule.batchBytes == max(last / 2, SyncSchedule.batchBytesMin))
            last = schedule.batchBytes
        }
        #expect(last == SyncSchedule.batchBytesMin)
    }

    @Test(
        "Retries wait 1, 2, 4 … seconds, jittered by half, and never more than five minutes",
        arguments: 0..<32)
    func jitter(seed: Int) {
        var random = SeededGenerator(seed: seed)
        var schedule = SyncSchedule()
        for failure in 0..<40 {
            let action = schedule.handle(.failed, now: start, random: random.next())
            let longest = min(UInt64(300), 1 << UInt64(min(failure, 20))) * 1000
            let range = (start + longest / 2)...(start + longest)
            guard case .wait(let until) = action, range.contains(until) else {
                Issue.record("seed \(seed), failure \(failure): \(action)")
                return
            }
            #expect(schedule.nextTry == until)
        }
        #expect(schedule.failures == 40)
    }

    @Test("The jitter reaches both ends of its range")
    func jitterEnds() {
        for (random, wanted) in [(UInt64(0), UInt64(500)), (500, 1000), (501, 500)] {
            var schedule = SyncSchedule()
            #expect(schedule.handle(.failed, now: start, random: random) == .wait(until: start + wanted))
        }
    }

    @Test(
        "After failures a save does not hurry, a person who asks is served at once, and success forgets them")
    func afterFailures() {
        var schedule = SyncSchedule()
        for _ in 0..<9 { _ = schedule.handle(.failed, now: start, random: 0) }
        let until = schedule.nextTry
        #expect(schedule.handle(.saved, now: start + 1, random: 0) == .wait(until: until))
        guard case .exchange = schedule.handle(.asked, now: start + 2, random: 0) else {
            Issue.record("who asks must wait")
            return
        }
        _ = schedule.handle(progress(10, 10), now: start + 3, random: 0)
        #expect(schedule.failures == 0)
        guard case .exchange = schedule.handle(.saved, now: start + 4, random: 0) else {
            Issue.record("a save must wait though the link is good")
            return
        }
    }

    @Test("A clock that was set back never makes it wait longer than the longest retry", arguments: 0..<64)
    func clockSetBack(seed: Int) {
        var random = SeededGenerator(seed: seed)
        var schedule = SyncSchedule(idleSeconds: UInt64.random(in: 1...86_400, using: &random))
        var now = start
        _ = schedule.handle(.failed, now: now, random: random.next())
        for _ in 0..<40 {
            now = random.chance(1, in: 4) ? now / 2 : now + UInt64.random(in: 0...100_000, using: &random)
            let event: SyncSchedule.Event = random.chance(1, in: 3) ? .failed : .saved
            guard case .wait(let until) = schedule.handle(event, now: now, random: random.next()) else {
                Issue.record("seed \(seed): a failing link is tried at every save")
                return
            }
            #expect(until <= now + SyncSchedule.retrySecondsMax * 1000, "seed \(seed)")
        }
    }
}
