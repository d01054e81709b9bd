import Casework
import Testing

@testable import WindowAgent

@Suite("Waiting, paid links and budgets in the schedule")
struct LinkScheduleTests {
    /// 2026-11-21 10:00 in China.
    private static let morning: UInt64 = 1_795_226_400_000
    private static let midnight = morning + 14 * 3_600_000

    private func progress(
        _ bytes: Int = 900, _ milliseconds: UInt64 = 100, more: Bool = false, down: Int = 400,
        news: Bool = false
    ) -> SyncSchedule.Event {
        .succeeded(
            SyncSchedule.Progress(
                hasMore: more, bytes: bytes, milliseconds: milliseconds, bytesDown: down, isNews: news))
    }

    private func tell(
        _ event: SyncSchedule.Event, _ schedule: inout SyncSchedule, at now: UInt64 = morning
    ) -> SyncSchedule.Action {
        schedule.handle(event, now: now, random: 0)
    }

    private func rules(_ change: (inout LinkRules) -> Void) -> LinkRules {
        var rules = LinkRules()
        change(&rules)
        return rules
    }

    /// One whose day's bytes are spent.
    private func spent(_ minutes: UInt64? = nil, isMetered: Bool = true) -> SyncSchedule {
        var schedule = SyncSchedule(
            waits: true,
            rules: rules {
                ($0.isMetered, $0.bytesPerDayMax, $0.scheduleMinutes) = (isMetered, 100_000, minutes)
            })
        let day = schedule.rules.day(of: Self.morning)
        schedule.traffic = DayTraffic(day: day, exchanges: 60_000, photos: 40_000)
        return schedule
    }

    @Test("With nothing left it waits at central, on an unmetered link only")
    func polls() {
        var schedule = SyncSchedule(waits: true)
        #expect(tell(progress(), &schedule) == .poll(seconds: 240))
        #expect(schedule.nextTry == Self.morning + 240_000)
        var metered = SyncSchedule(waits: true, rules: rules { $0.isMetered = true })
        #expect(tell(progress(), &metered) == .rest)
        #expect(metered.nextTry == 0, "nothing goes by itself")
    }

    @Test("On a metered link nothing ever goes by itself, whatever happened before", arguments: 0..<64)
    func meteredIsSilent(seed: Int) {
        var random = SeededGenerator(seed: seed)
        var schedule = SyncSchedule(waits: true, rules: rules { $0.isMetered = true })
        var now = Self.morning
        for _ in 0..<60 {
            now += UInt64.random(in: 0...500_000, using: &random)
            let events: [SyncSchedule.Event] = [
                .saved, .asked, .failed, .lost(bytes: 90_000), progress(), progress(news: true),
            ]
            let action = schedule.handle(
                events[Int.random(in: 0..<events.count, using: &random)], now: now, random: random.next())
            if case .poll = action { Issue.record("seed \(seed): it polls") }
        }
        #expect(tell(progress(), &schedule, at: now) == .rest, "seed \(seed)")
    }

    @Test(
        "A save goes within one step, while it waits, rests or has just failed to wait",
        arguments: [true, false])
    func savesGoAtOnce(isMetered: Bool) {
        var schedule = SyncSchedule(waits: true, rules: rules { $0.isMetered = isMetered })
        _ = tell(progress(), &schedule)
        guard case .exchange(let bytes) = tell(.saved, &schedule), bytes > 0 else {
            Issue.record("a save waits")
            return
        }
        _ = tell(progress(), &schedule)
        if !isMetered { _ = tell(.failed, &schedule) }
        guard case .exchange = tell(.saved, &schedule) else {
            Issue.record("a save waits for a poll that died")
            return
        }
    }

    @Test("Polls that die are asked for half as long, and grow slowly again; each death costs one exchange")
    func pollsAdapt() {
        var schedule = SyncSchedule(waits: true)
        _ = tell(progress(), &schedule)
        var seconds = SyncSchedule.pollSecondsMax
        for death in 0..<8 {
            guard case .wait(let until) = tell(.failed, &schedule) else {
                Issue.record("a poll that died is repeated at once")
                return
            }
            #expect(until == Self.morning + min(UInt64(300), 1 << UInt64(death)) * 500)
            #expect(schedule.failures == 0, "it says nothing of the link")
            seconds = max(seconds / 2, SyncSchedule.pollSecondsMin)
            guard case .exchange = tell(.timePassed, &schedule) else {
                Issue.record("nobody finds out")
                return
            }
            #expect(tell(progress(), &schedule) == .poll(seconds: seconds))
        }
        #expect(seconds == SyncSchedule.pollSecondsMin)
        for _ in 0..<40 {
            guard case .poll(let next) = tell(progress(900, seconds * 1000), &schedule) else {
                Issue.record("it does not go on")
                return
            }
            #expect(next == min(seconds + seconds / 8, SyncSchedule.pollSecondsMax))
            seconds = next
        }
        #expect(seconds == SyncSchedule.pollSecondsMax)
    }

    @Test("News is followed by another poll; an answer that was not held is followed by a pause")
    func notHeld() {
        var schedule = SyncSchedule(idleSeconds: 30, waits: true)
        _ = tell(progress(), &schedule)
        #expect(tell(progress(900, 5, news: true), &schedule) == .poll(seconds: 240))
        #expect(tell(progress(900, 5), &schedule) == .wait(until: Self.morning + 15_000))
        #expect(tell(.timePassed, &schedule) == .exchange(bytesMax: schedule.batchBytes))
        #expect(tell(progress(), &schedule) == .poll(seconds: 240))
        guard case .exchange = tell(progress(900, 5, more: true, news: true), &schedule) else {
            Issue.record("what is left waits")
            return
        }
    }

    @Test("A poll tells nothing of the link's speed")
    func pollIsNoMeasure() {
        var schedule = SyncSchedule(waits: true)
        _ = tell(progress(40_000, 1_000, down: 20_000), &schedule)
        let (batch, entries, speed) = (schedule.batchBytes, schedule.entryBytes, schedule.bytesPerSecond)
        #expect(speed == 40_000)
        _ = tell(progress(60_000, 200_000, down: 59_000, news: true), &schedule)
        #expect((schedule.batchBytes, schedule.entryBytes) == (batch, entries))
        #expect(schedule.bytesPerSecond == speed)
    }

    @Test("On a metered link the schedule brings the next exchange")
    func scheduled() {
        var schedule = SyncSchedule(
            waits: true, rules: rules { ($0.isMetered, $0.scheduleMinutes) = (true, 30) })
        #expect(tell(progress(), &schedule) == .wait(until: Self.morning + 1_800_000))
        #expect(schedule.nextTry == Self.morning + 1_800_000)
        guard case .exchange = tell(.timePassed, &schedule) else {
            Issue.record("the schedule does nothing")
            return
        }
    }

    @Test("When the day's bytes are spent nothing goes by itself till midnight, on any link")
    func spentIsSilent() {
        for isMetered in [true, false] {
            var schedule = spent(30, isMetered: isMetered)
            #expect(tell(progress(), &schedule) == .wait(until: Self.midnight))
            let next = tell(progress(), &schedule, at: Self.midnight)
            #expect(next == (isMetered ? .wait(until: Self.midnight + 1_800_000) : .poll(seconds: 240)))
        }
    }

    @Test(
        "Then what clerks save is gathered for a quarter of an hour at most, and goes; who asks is served at once"
    )
    func gathers() {
        for (minutes, seconds) in [(nil, 900), (5, 300), (60, 900)] as [(UInt64?, UInt64)] {
            var schedule = spent(minutes)
            let until = Self.morning + seconds * 1000
            #expect(tell(.saved, &schedule) == .wait(until: until))
            #expect(tell(.saved, &schedule, at: Self.morning + 60_000) == .wait(until: until))
            guard case .exchange = tell(.timePassed, &schedule, at: until) else {
                Issue.record("it is held back")
                return
            }
            _ = tell(.saved, &schedule, at: until)
            guard case .exchange = tell(.asked, &schedule, at: until) else {
                Issue.record("who asks waits")
                return
            }
        }
    }

    @Test(
        "A budget never holds case data back for longer than that, whatever the clock does", arguments: 0..<64
    )
    func neverHeldBack(seed: Int) {
        var random = SeededGenerator(seed: seed)
        var schedule = spent(seed % 2 == 0 ? nil : 45)
        var now = Self.morning
        for _ in 0..<50 {
            now =
                random.chance(1, in: 5)
                ? now - 7_200_000 : now + UInt64.random(in: 0...400_000, using: &random)
            schedule.traffic.day = schedule.rules.day(of: now)
            switch schedule.handle(.saved, now: now, random: random.next()) {
            case .exchange: break
            case .wait(let until): #expect(until <= now + SyncSchedule.gatherSeconds * 1000, "seed \(seed)")
            case .rest, .poll: Issue.record("seed \(seed): a save is forgotten")
            }
        }
    }

    @Test("Other rules hold at once: a poll ends, one begins, and what was gathered goes")
    func ruled() {
        var schedule = SyncSchedule(waits: true)
        _ = tell(progress(), &schedule)
        #expect(tell(.ruled(rules { $0.isMetered = true }), &schedule) == .rest)
        #expect(tell(.ruled(LinkRules()), &schedule) == .poll(seconds: 240))
        var gathering = spent()
        _ = tell(.saved, &gathering)
        guard case .exchange = tell(.ruled(LinkRules()), &gathering) else {
            Issue.record("what was gathered stays")
            return
        }
        var failing = SyncSchedule(waits: true)
        _ = tell(.failed, &failing)
        let until = failing.nextTry
        #expect(tell(.ruled(rules { $0.isMetered = true }), &failing) == .wait(until: until))
    }

    @Test("Answers grow and shrink as batches do, down to one entry")
    func entryBudget() {
        var schedule = SyncSchedule()
        #expect(schedule.entryBytes == SyncSchedule.batchBytesFirst)
        _ = tell(progress(3_000, 1_000, more: true, down: 2_900), &schedule)
        #expect(schedule.entryBytes == SyncSchedule.batchBytesFirst, "too little came to tell")
        _ = tell(progress(12_000, 4_000, more: true, down: 11_000), &schedule)
        #expect(schedule.entryBytes == 12_000, "four seconds of 3 kB/s")
        _ = tell(progress(500_000, 100, more: true, down: 400_000), &schedule)
        #expect(schedule.entryBytes == 48_000)
        for _ in 0..<20 { _ = tell(.failed, &schedule) }
        #expect(schedule.entryBytes == SyncSchedule.batchBytesMin)
    }

    @Test(
        "After a large batch that may have arrived it asks first; after a small one, or none, it sends again",
        arguments: [
            (SyncSchedule.Event.lost(bytes: 60_000), true), (.lost(bytes: 1_500), false), (.failed, false),
            (.lost(bytes: 0), false),
        ])
    func asksFirst(event: SyncSchedule.Event, asks: Bool) {
        var schedule = SyncSchedule()
        _ = tell(.started, &schedule)
        _ = tell(event, &schedule)
        #expect((tell(.timePassed, &schedule) == .exchange(bytesMax: 0)) == asks)
        _ = tell(.failed, &schedule)
        #expect((tell(.asked, &schedule) == .exchange(bytesMax: 0)) == asks, "still nobody has told")
        #expect(tell(progress(more: true), &schedule) == .exchange(bytesMax: schedule.batchBytes))
    }

    @Test(
        "On a fast and distant link a round trip costs more than the bytes; where bytes are paid they count alone"
    )
    func roundTripCounts() {
        for isMetered in [false, true] {
            var schedule = SyncSchedule(rules: rules { $0.isMetered = isMetered })
            _ = tell(progress(900, 1_500), &schedule)
            _ = tell(progress(200_000, 1_000, down: 0), &schedule)
            _ = tell(.lost(bytes: 200_000), &schedule)
            #expect((tell(.timePassed, &schedule) == .exchange(bytesMax: 0)) == isMetered)
        }
    }
}
