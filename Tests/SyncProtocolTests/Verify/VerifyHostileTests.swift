import Cryptography
import Testing

@testable import SyncProtocol

@Suite("Verify: other sides that lie, and messages beyond the limits")
struct VerifyHostileTests {
    /// Answers as the limits allow, and never as the truth would have it.
    private static func lie(
        to request: VerifyRequest, _ random: inout SeededGenerator
    ) -> VerifyResponse {
        var response = VerifyResponse(point: request.point)
        response.excepted = request.except.map { _ in
            random.chance(1, in: 2) ? nil : SumMark(rawValue: random.next())
        }
        for (index, range) in request.ranges.enumerated().prefix(400) where random.chance(9, in: 10) {
            let content: VerifyResponse.Content
            if random.chance(1, in: 4) {
                content = .list(
                    (0..<Int(random.next() % 17)).map { _ in
                        VerifyResponse.ListedCase(
                            caseID: CaseID(milliseconds: random.next() >> 20, random: (random.next(), 0)),
                            mark: SumMark(rawValue: random.next()))
                    })
            } else {
                let middle = bound(between: range.lower, and: range.upper)
                guard middle > range.lower, middle < range.upper else { continue }
                content = .parts(
                    [VerifyRequest.Part(mark: SumMark(rawValue: random.next()), upper: middle)],
                    last: SumMark(rawValue: random.next()))
            }
            response.answers.append(VerifyResponse.Answer(index: index, content: content))
        }
        return response
    }

    /// Halfway, so that a range can be split very often.
    private static func bound(between lower: ScopeBound, and upper: ScopeBound) -> ScopeBound {
        let (low, high) = (lower.words, upper.words)
        if high.0 > low.0 + 1 { return ScopeBound((low.0 + (high.0 - low.0) / 2, 0, 0)) }
        return ScopeBound((low.0, low.1 / 2 + 1 << 62, 0))
    }

    @Test("Whatever is answered, the verify ends within its rounds", arguments: 0..<12)
    func ends(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let sums = SortedSums(VerifyWorld.equal(count: 400, &random).here)
        var initiator = VerifyInitiator(sums, of: VerifyWorld.hospital, at: VerifyWorld.point)
        var request = initiator.first
        for round in 1... {
            #expect(round <= Limits.verifyRoundsMax, "SEED \(seed)")
            #expect(request.encoded.count <= Limits.verifyBytesMax, "SEED \(seed)")
            #expect(request.ranges.count <= Limits.verifyRangesMax, "SEED \(seed)")
            let answer = try VerifyResponse(decoding: Self.lie(to: request, &random).encoded)
            guard case .send(let next) = try initiator.receive(answer) else { return }
            request = next
        }
    }

    @Test("A side that always says that it did not get further ends too")
    func neverGetsOn() throws {
        var random = SeededGenerator(seed: 5)
        var world = VerifyWorld.equal(count: 2000, &random)
        world.there.removeFirst(300)
        var initiator = VerifyInitiator(
            SortedSums(world.here), of: VerifyWorld.hospital, at: VerifyWorld.point)
        let responder = VerifyResponder(SortedSums(world.there), at: VerifyWorld.point)
        var request = initiator.first
        var rounds = 0
        while true {
            var answer = responder.answer(request)
            answer.lookedAtCount = 1
            answer.answers = answer.answers.filter { $0.index == 0 }
            rounds += 1
            switch try initiator.receive(answer) {
            case .send(let next): request = next
            case .elsewhere: return #expect(Bool(false))
            case .finished(let result):
                #expect(!result.isComplete && rounds == Limits.verifyRoundsMax)
                return
            }
        }
    }

    @Test("Sums that differ without any range that does are not called equal")
    func contradiction() throws {
        var random = SeededGenerator(seed: 6)
        let sums = SortedSums(VerifyWorld.equal(count: 100, &random).here)
        var initiator = VerifyInitiator(sums, of: VerifyWorld.hospital, at: VerifyWorld.point)
        var answer = VerifyResponse(point: VerifyWorld.point)
        let middle = ScopeBound(before: VerifyWorld.item(&random).place)
        let cut = sums.indices(from: .start, to: middle)
        answer.answers = [
            VerifyResponse.Answer(
                index: 0,
                content: .parts(
                    [VerifyRequest.Part(mark: SumMark(rawValue: sums.sum(cut)), upper: middle)],
                    last: SumMark(rawValue: sums.sum(cut.upperBound..<100))))
        ]
        guard case .finished(let result) = try initiator.receive(answer) else {
            return #expect(Bool(false))
        }
        #expect(result.cases == [] && !result.isEqual)
    }

    @Test("Answers to what was not asked are refused", arguments: 0..<6)
    func unasked(kind: Int) throws {
        var random = SeededGenerator(seed: 7)
        let sums = SortedSums(VerifyWorld.equal(count: 10, &random).here)
        var initiator = VerifyInitiator(sums, of: VerifyWorld.hospital, at: VerifyWorld.point)
        var answer = VerifyResponse(point: VerifyWorld.point)
        let list = VerifyResponse.Content.list([])
        let mark = SumMark(rawValue: 1)
        switch kind {
        case 0: answer.answers = [VerifyResponse.Answer(index: 1, content: list)]
        case 1: answer.lookedAtCount = 0
        case 2: answer.lookedAtCount = 2
        case 3: answer.excepted = [nil]
        default:
            let upper = kind == 4 ? ScopeBound.start : .end
            let parts = [VerifyRequest.Part(mark: mark, upper: upper)]
            answer.answers = [VerifyResponse.Answer(index: 0, content: .parts(parts, last: mark))]
        }
        #expect(throws: VerifyError.unasked) { try initiator.receive(answer) }
    }

    @Test("A message is refused at every byte where it may be cut, and beyond its limits")
    func limits() throws {
        let point = VerifyWorld.point
        let part = VerifyRequest.Part(mark: SumMark(rawValue: 1), upper: .end)
        let ids = (0...Limits.verifyExceptMax).map { CaseID(milliseconds: UInt64($0), random: (1, 1)) }
        func request(_ stretches: [VerifyRequest.Stretch], _ except: [CaseID] = []) -> [UInt8] {
            VerifyRequest(
                hospital: VerifyWorld.hospital, point: point, question: .ranges(stretches), except: except
            ).encoded
        }
        let whole = VerifyRequest.Stretch(lower: .start, parts: [part])
        let good = request([whole], Array(ids.dropLast()))
        _ = try VerifyRequest(decoding: good)
        for count in good.indices {
            #expect(throws: CBORError.self) { try VerifyRequest(decoding: Array(good[..<count])) }
        }
        #expect(throws: CBORError.self) { try VerifyRequest(decoding: request([whole], ids)) }
        #expect(throws: CBORError.self) { try VerifyRequest(decoding: request([whole], [ids[0], ids[0]])) }
        #expect(throws: CBORError.self) { try VerifyRequest(decoding: request([whole, whole])) }
        #expect(throws: CBORError.self) { try VerifyRequest(decoding: request([])) }
        #expect(throws: CBORError.self) {
            try VerifyRequest(decoding: request([VerifyRequest.Stretch(lower: .end, parts: [part])]))
        }
        let many = (1...Limits.verifyRangesMax + 1).map {
            VerifyRequest.Part(mark: SumMark(rawValue: 1), upper: ScopeBound((UInt64($0), 0, 0)))
        }
        _ = try VerifyRequest(
            decoding: request([VerifyRequest.Stretch(lower: .start, parts: many.dropLast())]))
        #expect(throws: CBORError.self) {
            try VerifyRequest(decoding: request([VerifyRequest.Stretch(lower: .start, parts: many)]))
        }
        #expect(throws: CBORError.self) {
            try VerifyRequest(decoding: [UInt8](repeating: 0, count: Limits.verifyBytesMax + 1))
        }
    }

    @Test("A response is refused at every byte where it may be cut, and beyond its limits")
    func responseLimits() throws {
        func response(_ content: VerifyResponse.Content) -> [UInt8] {
            var response = VerifyResponse(point: VerifyWorld.point)
            response.answers = [VerifyResponse.Answer(index: 3, content: content)]
            return response.encoded
        }
        func parts(_ count: Int) -> VerifyResponse.Content {
            .parts(
                (1..<count).map {
                    VerifyRequest.Part(mark: SumMark(rawValue: 1), upper: ScopeBound((UInt64($0), 0, 0)))
                }, last: SumMark(rawValue: 2))
        }
        func list(_ count: Int) -> VerifyResponse.Content {
            .list(
                (0..<count).map {
                    VerifyResponse.ListedCase(
                        caseID: CaseID(milliseconds: UInt64($0), random: (1, 1)), mark: SumMark(rawValue: 1))
                })
        }
        let good = [parts(Limits.verifyPartsMax), list(Limits.verifyListMax), list(0)]
        for bytes in good.map(response) {
            #expect(try VerifyResponse(decoding: bytes).encoded == bytes)
            for count in bytes.indices {
                #expect(throws: CBORError.self) { try VerifyResponse(decoding: Array(bytes[..<count])) }
            }
        }
        for bad in [parts(Limits.verifyPartsMax + 1), list(Limits.verifyListMax + 1), parts(1)] {
            #expect(throws: CBORError.self) { try VerifyResponse(decoding: response(bad)) }
        }
        let twice = VerifyResponse.ListedCase(
            caseID: CaseID(milliseconds: 1, random: (1, 1)), mark: SumMark(rawValue: 1))
        #expect(throws: CBORError.self) { try VerifyResponse(decoding: response(.list([twice, twice]))) }
    }
}
