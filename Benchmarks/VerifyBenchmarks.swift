import Cryptography
import Registrations
import SyncProtocol

/// A verify of a million cases, message by message as bytes, before compression and HTTP.
struct VerifyBenchmarks {
    static let count = 1_000_000
    /// What HTTP adds to a message both ways, signed, with its answer: counted on a real connection by EndToEndTests.
    private static let bytesOfHTTP = 800

    func figures() throws -> [Figure] {
        var random = SplitMix(state: 12)
        let items = (0..<Self.count).map { _ in item(&random) }
        let all = SortedSums(items)
        var lacking = all
        for number in 0..<10 { lacking.replace(items[number * 99_991 + 17], with: nil) }
        let (equal, scattered) = (try verify(all, all), try verify(lacking, all))
        guard equal.found == 0, scattered.found == 10 else { throw Workday.WorkdayError.nothing }
        return [
            Figure(
                name: "verify, 1,000,000 equal cases", value: Double(equal.rounds), unit: "round trips",
                most: 1),
            Figure(
                name: "verify, 1,000,000 equal cases", value: Double(equal.bytes), unit: "bytes with HTTP",
                most: 1_000),
            Figure(
                name: "verify, 10 of 1,000,000 differ", value: Double(scattered.rounds), unit: "round trips",
                most: 8
            ),
            Figure(
                name: "verify, 10 of 1,000,000 differ", value: Double(scattered.bytes),
                unit: "bytes with HTTP",
                most: 65_536),
        ]
    }

    private func item(_ random: inout SplitMix) -> SortedSums.Item {
        let milliseconds = 1_750_000_000_000 + random.next() % 100_000_000_000
        return SortedSums.Item(
            CaseID(milliseconds: milliseconds - 1000, random: (random.next(), random.next())),
            lastTime: HybridTime(milliseconds: milliseconds, counter: UInt16(random.next() % 3)),
            sum: Fingerprint(
                rawValue: Digest(words: (random.next(), random.next(), random.next(), random.next()))))
    }

    private func verify(
        _ here: SortedSums, _ there: SortedSums
    ) throws -> (rounds: Int, bytes: Int, found: Int) {
        let hospital = HospitalID(record: CaseID(milliseconds: 1, random: (1, 1)))
        let point = FeedPoint(position: 7, chain: .start)
        var initiator = VerifyInitiator(here, of: hospital, at: point)
        let responder = VerifyResponder(there, at: point)
        var (request, bytes) = (initiator.first, 0)
        while true {
            let sent = request.encoded
            let answered = responder.answer(try VerifyRequest(decoding: sent)).encoded
            bytes += sent.count + answered.count + Self.bytesOfHTTP
            switch try initiator.receive(try VerifyResponse(decoding: answered)) {
            case .send(let next): request = next
            case .finished(let result): return (result.rounds, bytes, result.cases.count)
            case .elsewhere: throw Workday.WorkdayError.nothing
            }
        }
    }
}
