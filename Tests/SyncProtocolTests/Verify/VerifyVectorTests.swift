import Cryptography
import SyncProtocol
import Testing

@Suite("Vectors: verify")
struct VerifyVectorTests {
    struct Verify: Codable, Equatable {
        let name: String
        let here: [Case]
        let there: [Case]
        let turns: [Turn]
    }

    struct Case: Codable, Equatable {
        let lastTime: UInt64
        let `case`: String
        let sum: String
    }

    struct Turn: Codable, Equatable {
        let request: MessageVectorTests.Message
        let response: MessageVectorTests.Message
    }

    static let requestKeys = ["version", "hospital", "point", "scope", "ranges", "except"]
    static let responseKeys = ["version", "point", "lookedAt", "answers", "excepted"]

    @Test("Each verify has the golden bytes, and the golden bytes the messages")
    func messages() throws {
        let made = try VerifyStory.all.map(Self.verify)
        for vector in try VectorFile.vectors("verify", made: made) {
            for turn in vector.turns {
                let request = try VerifyRequest(decoding: try bytes(turn.request.hex))
                #expect(request.encoded.hexadecimal == turn.request.hex)
                let response = try VerifyResponse(decoding: try bytes(turn.response.hex))
                #expect(response.encoded.hexadecimal == turn.response.hex)
                #expect(
                    try ExchangeRequest.version(of: try bytes(turn.request.hex))
                        == ExchangeRequest.protocolVersion)
            }
        }
    }

    @Test("PROTOCOL.md shows the short one as it is")
    func specification() throws {
        let text = try Repository.text("SyncProtocol/PROTOCOL.md")
        let vectors: [Verify] = try VectorFile.read("verify")
        let shown = try #require(vectors.first { $0.name == "verify" })
        for turn in shown.turns {
            for message in [turn.request, turn.response] {
                #expect(text.contains(message.diagnostic.joined(separator: "\n")), "\(message.name)")
            }
        }
    }

    private static func verify(_ story: VerifyStory) throws -> Verify {
        var turns: [Turn] = []
        var initiator = VerifyInitiator(SortedSums(story.world.here), of: Story.hospital, at: story.point)
        let responder = VerifyResponder(SortedSums(story.world.there), at: story.point)
        var request: VerifyRequest? = initiator.first
        while let asked = request {
            let response = responder.answer(asked)
            turns.append(
                Turn(
                    request: try message("request \(turns.count + 1)", asked.encoded, requestKeys),
                    response: try message("response \(turns.count + 1)", response.encoded, responseKeys)))
            request = if case .send(let next) = try initiator.receive(response) { next } else { nil }
        }
        return Verify(
            name: story.name, here: story.world.here.map(Self.line), there: story.world.there.map(Self.line),
            turns: turns)
    }

    private static func line(_ item: SortedSums.Item) -> Case {
        Case(
            lastTime: item.place.lastTime.rawValue, case: item.place.caseID.bytes.hexadecimal,
            sum: item.sum.bytes.hexadecimal)
    }

    private static func message(
        _ name: String, _ bytes: [UInt8], _ keys: [String]
    ) throws -> MessageVectorTests.Message {
        MessageVectorTests.Message(
            name: name, description: "",
            diagnostic: try Diagnostic.message(bytes, keys: keys).split(separator: "\n").map(String.init),
            hex: bytes.hexadecimal)
    }
}

/// The verifies of the vectors.
struct VerifyStory {
    let name: String
    let world: VerifyWorld
    let point = FeedPoint(
        position: 6, chain: Chain(rawValue: SHA256.hash([6])))

    /// Equal; a short one, of which PROTOCOL.md tells; one of 300 cases with differences of every kind.
    static var all: [VerifyStory] {
        var random = SeededGenerator(seed: 14)
        let equal = VerifyWorld.equal(count: 3, &random)
        var short = VerifyWorld.equal(count: 4, &random)
        let old = short.here.removeLast()
        short.here[2] = SortedSums.Item(
            short.here[2].place.caseID, lastTime: short.here[2].place.lastTime, sum: old.sum)
        var long = VerifyWorld.equal(count: 300, &random)
        long.here.remove(at: 17)
        long.there.remove(at: 100)
        for index in [30, 200] {
            let item = long.there[index]
            long.there[index] = SortedSums.Item(
                item.place.caseID,
                lastTime: HybridTime(milliseconds: 1_900_000_000_000 + UInt64(index)),
                sum: VerifyWorld.sum(&random))
        }
        return [
            VerifyStory(name: "equal", world: equal), VerifyStory(name: "verify", world: short),
            VerifyStory(name: "several-rounds", world: long),
        ]
    }
}
