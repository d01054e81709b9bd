import Testing

@testable import Web

@Suite("How often each may ask")
struct RequestRatesTests {
    @Test("A caller is let in as often as its burst, then as its rate, and told when to come again")
    func rate() {
        var rates = RequestRates(burst: 3, perSecond: 2)
        #expect((0..<3).allSatisfy { _ in rates.wait(for: "a", now: 1000) == nil })
        #expect(rates.wait(for: "a", now: 1000) == 1)
        #expect(rates.wait(for: "a", now: 1400) == 1)
        #expect(rates.wait(for: "a", now: 1500) == nil)
        #expect(rates.wait(for: "a", now: 1500) == 1)
        // After a long time no more than the burst.
        #expect((0..<3).allSatisfy { _ in rates.wait(for: "a", now: 1_000_000) == nil })
        #expect(rates.wait(for: "a", now: 1_000_000) == 1)
    }

    @Test("What one caller does changes nothing for another", arguments: 0..<20)
    func fairness(seed: UInt64) {
        var random = seed
        func next(_ bound: UInt64) -> UInt64 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (random >> 33) % bound
        }
        var (alone, crowded) = (RequestRates(burst: 5, perSecond: 3), RequestRates(burst: 5, perSecond: 3))
        var now: UInt64 = 0
        for _ in 0..<500 {
            now += next(400)
            for _ in 0..<next(50) { _ = crowded.wait(for: "greedy \(next(3))", now: now) }
            #expect(alone.wait(for: "a", now: now) == crowded.wait(for: "a", now: now), "SEED=\(seed)")
        }
    }

    @Test("A clock that was set back fills nothing, and one that stands still does not either")
    func clock() {
        var rates = RequestRates(burst: 1, perSecond: 1)
        #expect(rates.wait(for: "a", now: 5000) == nil)
        #expect(rates.wait(for: "a", now: 0) == 1)
        #expect(rates.wait(for: "a", now: 0) == 1)
        #expect(rates.wait(for: "a", now: 1000) == nil)
    }

    @Test("However many ask, a bounded number is remembered")
    func bound() {
        var rates = RequestRates(burst: 2, perSecond: 0.001)
        for caller in 0..<RequestRates.callersMax + 5000 {
            _ = rates.wait(for: "\(caller)", now: UInt64(caller))
            #expect(rates.callerCount <= RequestRates.callersMax)
        }
    }
}

@Suite("What costs much", .timeLimit(.minutes(1)))
struct TurnstileTests {
    @Test(
        "Never more are inside than may be, everybody let in comes through, and those beyond the bound are sent away"
    )
    func bounds() async {
        let turnstile = Turnstile(insideMax: 2, waitingMax: 5, perCallerMax: 100)
        let inside = Guarded((now: 0, most: 0))
        let (entered, gate) = (Barrier(count: 3), Signal())
        let done = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<2 {
                group.addTask {
                    guard await turnstile.enter("first \(index)") else { return false }
                    inside.withLock { ($0.now, $0.most) = ($0.now + 1, max($0.most, $0.now + 1)) }
                    await entered.pass()
                    await gate.wait()
                    inside.withLock { $0.now -= 1 }
                    await turnstile.leave("first \(index)")
                    return true
                }
            }
            await entered.pass()
            for index in 0..<20 {
                group.addTask {
                    guard await turnstile.enter("\(index)") else { return false }
                    inside.withLock { ($0.now, $0.most) = ($0.now + 1, max($0.most, $0.now + 1)) }
                    inside.withLock { $0.now -= 1 }
                    await turnstile.leave("\(index)")
                    return true
                }
            }
            // Fifteen of the twenty are sent away while the two are inside.
            var outcomes: [Bool] = []
            while outcomes.count < 15, let outcome = await group.next() { outcomes.append(outcome) }
            #expect(!outcomes.contains(true))
            await gate.happen()
            for await outcome in group { outcomes.append(outcome) }
            return outcomes.count { $0 }
        }
        #expect(done == 7 && inside.withLock { $0.most } == 2)
        #expect(await turnstile.enter("later"))
    }

    @Test("A caller cannot fill all places: its next is sent away while others are let in")
    func perCaller() async {
        let turnstile = Turnstile(insideMax: 3, waitingMax: 3, perCallerMax: 2)
        #expect(await turnstile.enter("greedy"))
        #expect(await turnstile.enter("greedy"))
        #expect(await turnstile.enter("greedy") == false)
        #expect(await turnstile.enter("other"))
        await turnstile.leave("greedy")
        #expect(await turnstile.enter("greedy"))
    }
}
