import SyncProtocol
import Testing

@Suite("The hybrid clock")
struct HybridClockTests {
    @Test("Times rise, stay near the wall clock, and fall only with a doubt mark", arguments: 0..<200)
    func laws(seed: Int) {
        var random = SeededGenerator(seed: seed)
        var clock = HybridClock()
        var wall: UInt64 = 1_750_000_000_000
        var last = HybridTime(rawValue: 0)
        for _ in 0..<200 {
            switch Int.random(in: 0..<12, using: &random) {
            case 0: wall -= UInt64.random(in: 0...10_000_000, using: &random)
            case 1: wall += UInt64.random(in: 0...10_000_000, using: &random)
            case 2, 3: wall += UInt64.random(in: 0...3, using: &random)
            case 4: clock.receive(HybridTime(rawValue: random.magnitude()), wallMilliseconds: wall)
            case 5:
                let ahead = UInt64.random(in: 0...600_000, using: &random)
                clock.receive(HybridTime(milliseconds: wall + ahead, counter: 9), wallMilliseconds: wall)
            default:
                let before = clock.last
                let (time, isDoubtful) = clock.tick(wallMilliseconds: wall)
                #expect(time.milliseconds <= wall + HybridClock.driftMillisecondsMax, "seed \(seed)")
                #expect(time.milliseconds >= wall, "seed \(seed)")
                #expect(isDoubtful == (time < before), "seed \(seed)")
                #expect(isDoubtful || time > last, "seed \(seed)")
                #expect(clock.last == time, "seed \(seed)")
                last = time
            }
        }
    }

    @Test("A time from elsewhere moves the clock, but never beyond the bound")
    func receiving() {
        var clock = HybridClock()
        let near = HybridTime(milliseconds: 1000 + HybridClock.driftMillisecondsMax - 1, counter: 7)
        clock.receive(near, wallMilliseconds: 1000)
        let next = clock.tick(wallMilliseconds: 1000).time
        #expect(next > near)
        clock.receive(HybridTime(rawValue: Limits.counterMax), wallMilliseconds: 1000)
        #expect(clock.last.milliseconds == 1000 + HybridClock.driftMillisecondsMax)
    }

    @Test("Somebody else's wrong clock puts no doubt on our changes, however many we write at once")
    func noDoubtFromElsewhere() {
        var clock = HybridClock()
        clock.receive(HybridTime(rawValue: Limits.counterMax), wallMilliseconds: 1000)
        let doubtful = (0..<1000).filter { _ in clock.tick(wallMilliseconds: 1000).isDoubtful }
        #expect(doubtful.isEmpty)
    }

    @Test("A clock set back by more than the bound is followed at once and marked")
    func steppingBack() {
        var clock = HybridClock()
        _ = clock.tick(wallMilliseconds: 10_000_000)
        let small = clock.tick(wallMilliseconds: 10_000_000 - HybridClock.driftMillisecondsMax)
        #expect(!small.isDoubtful && small.time.milliseconds == 10_000_000)
        let far = clock.tick(wallMilliseconds: 5000)
        #expect(far.isDoubtful && far.time == HybridTime(milliseconds: 5000))
        let next = clock.tick(wallMilliseconds: 5000)
        #expect(!next.isDoubtful && next.time > far.time)
    }

    @Test("No wall clock overflows it", arguments: [0, 1 << 47, 1 << 48, UInt64.max])
    func bounds(wall: UInt64) {
        var clock = HybridClock(last: HybridTime(rawValue: Limits.counterMax))
        clock.receive(HybridTime(rawValue: .max), wallMilliseconds: wall)
        let time = clock.tick(wallMilliseconds: wall).time
        #expect(time.rawValue <= Limits.counterMax)
    }
}
