import Testing

@testable import Web

@Suite("Putting a request together")
struct RequestAssemblyTests {
    private static let limits: Limits = {
        var limits = Limits()
        limits.bodyBytesMax = 10
        return limits
    }()

    private static func assembly(_ target: String = "/") -> RequestAssembly {
        RequestAssembly(target: target, remoteAddress: "192.0.2.7", limits: limits)
    }

    private static let tooLarge = RequestAssembly.Step.refuse(.bodyTooLarge(bytesMax: 10))

    @Test("A whole request is handed on with all that came")
    func assembles() {
        var assembly = Self.assembly("/a?b=c")
        #expect(assembly.isNew)
        #expect(assembly.begin(method: "PUT", headers: ["Host": "h", "Content-Length": "10"]) == .proceed)
        #expect(!assembly.isNew)
        #expect(assembly.take([1, 2, 3, 4, 5]) == .proceed)
        #expect(assembly.take([6, 7, 8, 9, 10]) == .proceed)
        let request = Request(
            .put, "/a?b=c", headers: ["Host": "h", "Content-Length": "10"], body: Array(1...10),
            remoteAddress: "192.0.2.7")
        #expect(assembly.finish() == .run(request))
    }

    @Test("A body that is a little too large is read to its end, so that the answer arrives")
    func drains() {
        var assembly = Self.assembly()
        #expect(assembly.begin(method: "POST", headers: ["Host": "h", "Content-Length": "11"]) == .proceed)
        #expect(assembly.take(Array(1...11)) == .proceed)
        #expect(assembly.finish() == Self.tooLarge)
    }

    @Test("A body that is much too large, or is asked for first, is refused at its head")
    func refusesEarly() {
        for headers: Headers in [
            ["Host": "h", "Content-Length": "\(11 + Limits.overflowBytesMax)"],
            ["Host": "h", "Content-Length": "11", "Expect": "100-continue"],
            ["Host": "h", "Content-Length": "18446744073709551615"],
        ] {
            var assembly = Self.assembly()
            #expect(assembly.begin(method: "POST", headers: headers) == Self.tooLarge)
        }
    }

    @Test("A body of unknown length is cut off when there is no end to it")
    func cuts() {
        var assembly = Self.assembly()
        let headers: Headers = ["Host": "h", "Transfer-Encoding": "chunked"]
        #expect(assembly.begin(method: "POST", headers: headers) == .proceed)
        #expect(assembly.take([UInt8](repeating: 0, count: 10 + Limits.overflowBytesMax)) == .proceed)
        #expect(assembly.take([0]) == .cut)
    }

    @Test("A length that is no number is malformed", arguments: ["-1", "1x", "", "18446744073709551616"])
    func refusesLength(text: String) {
        var assembly = Self.assembly()
        let step = assembly.begin(method: "POST", headers: ["Host": "h", "Content-Length": text])
        #expect(step == .refuse(.malformed("Content-Length is no number.")))
    }
}

@Suite("The clock of a connection")
struct ConnectionClockTests {
    private static let limits: Limits = {
        var limits = Limits()
        limits.idleSecondsMax = 1
        limits.headSecondsMax = 2
        limits.requestSecondsMax = 20
        limits.bodyGraceSeconds = 4
        limits.bodyBytesPerSecondMin = 10
        limits.responseSecondsMax = 3
        limits.streamSecondsMax = 5
        return limits
    }()

    @Test(
        "Each phase has its own time, and its own end",
        arguments: [
            (ConnectionClock.Phase.waiting, 1, ConnectionClock.Verdict.cut), (.arriving, 2, .cut),
            (.handling, 3, .answerInstead), (.answering, 3, .cut), (.streaming, 5, .cut), (.opening, 1, .cut),
        ])
    func judges(phase: ConnectionClock.Phase, seconds: Int, verdict: ConnectionClock.Verdict) {
        let start = ContinuousClock.now
        var clock = ConnectionClock(now: start - .seconds(100))
        clock.enter(phase, now: start)
        #expect(clock.verdict(now: start + .seconds(seconds), limits: Self.limits) == .fine)
        let after = start + .seconds(seconds) + .milliseconds(1)
        #expect(clock.verdict(now: after, limits: Self.limits) == verdict)
        #expect(clock.isOwedAnAnswer == (seconds == 3))
    }

    @Test(
        "A body that comes too slowly is cut after its grace, one that comes fast enough when its time is up")
    func judgesBodies() {
        let start = ContinuousClock.now
        for (bytes, seconds) in [(0, 4), (49, 4), (1_000_000, 20)] {
            var clock = ConnectionClock(now: start)
            clock.enter(.receiving, now: start)
            clock.note(bytes: bytes)
            #expect(clock.verdict(now: start + .seconds(seconds), limits: Self.limits) == .fine)
            #expect(clock.verdict(now: start + .seconds(seconds + 1), limits: Self.limits) == .cut)
        }
    }

    @Test("While places are scarce, whoever holds one for nothing gives way soon, and nobody else")
    func judgesUnderPressure() {
        let start = ContinuousClock.now
        var limits = Limits()
        limits.pressedSecondsMax = 1
        for phase in [ConnectionClock.Phase.opening, .waiting, .arriving, .receiving, .handling, .answering] {
            var clock = ConnectionClock(now: start)
            clock.enter(phase, now: start)
            let isHeldForNothing = [.opening, .waiting, .arriving].contains(phase)
            let later = start + .seconds(2)
            #expect(clock.verdict(now: later, limits: limits) == .fine)
            let verdict = clock.verdict(now: later, limits: limits, isPressed: true)
            #expect(verdict == (isHeldForNothing ? .cut : .fine))
        }
    }
}
