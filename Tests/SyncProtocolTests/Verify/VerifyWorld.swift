import Cryptography
import SyncProtocol

/// Two sides of a scope that were made to differ, and the bytes that finding it out took.
struct VerifyWorld {
    static let hospital = HospitalID(record: CaseID(milliseconds: 1, random: (1, 1)))
    static let point = FeedPoint(position: 7, chain: .start)

    var here: [SortedSums.Item]
    var there: [SortedSums.Item]

    /// Times over three years, up to two dozen in the same millisecond.
    static func item(_ random: inout SeededGenerator, after: UInt64 = 0) -> SortedSums.Item {
        let milliseconds = 1_750_000_000_000 + random.next() % 100_000_000_000 + after
        return SortedSums.Item(
            CaseID(milliseconds: milliseconds - 1000, random: (random.next(), random.next())),
            lastTime: HybridTime(milliseconds: milliseconds, counter: UInt16(random.next() % 3)),
            sum: sum(&random))
    }

    static func sum(_ random: inout SeededGenerator) -> Fingerprint {
        Fingerprint(
            rawValue: Digest(words: (random.next(), random.next(), random.next(), random.next())))
    }

    /// Both sides the same.
    static func equal(count: Int, _ random: inout SeededGenerator) -> VerifyWorld {
        let items = (0..<count).map { _ in item(&random) }
        return VerifyWorld(here: items, there: items)
    }

    /// The cases of which the sides hold different sets.
    var expected: (onlyHere: [CaseID], onlyThere: [CaseID], differing: [CaseID]) {
        let own = Dictionary(here.map { ($0.place.caseID, $0.sum) }, uniquingKeysWith: { first, _ in first })
        let other = Dictionary(
            there.map { ($0.place.caseID, $0.sum) }, uniquingKeysWith: { first, _ in first })
        return (
            own.keys.filter { other[$0] == nil }.sorted(), other.keys.filter { own[$0] == nil }.sorted(),
            own.filter { other[$0.key] != nil && other[$0.key] != $0.value }.keys.sorted()
        )
    }

    struct Outcome {
        var result: VerifyResult
        var bytesUp = 0
        var bytesDown = 0
    }

    /// Carries every message as its bytes.
    func verify() throws -> Outcome { try Self.verify(SortedSums(here), SortedSums(there)) }

    static func verify(_ here: SortedSums, _ there: SortedSums) throws -> Outcome {
        var initiator = VerifyInitiator(here, of: hospital, at: point)
        return try run(&initiator, VerifyResponder(there, at: point))
    }

    static func run(_ initiator: inout VerifyInitiator, _ responder: VerifyResponder) throws -> Outcome {
        var (up, down) = (0, 0)
        var request = initiator.first
        while true {
            let sent = request.encoded
            let answered = responder.answer(try VerifyRequest(decoding: sent)).encoded
            up += sent.count
            down += answered.count
            switch try initiator.receive(try VerifyResponse(decoding: answered)) {
            case .send(let next): request = next
            case .finished(let result): return Outcome(result: result, bytesUp: up, bytesDown: down)
            case .elsewhere: throw VerifyError.unasked
            }
        }
    }
}
