import SyncProtocol
import Testing

@Suite("Requests and responses")
struct MessageTests {
    @Test("Any request comes back from its bytes", arguments: 0..<4)
    func requests(block: Int) throws {
        for seed in block * 250..<(block + 1) * 250 {
            var random = SeededGenerator(seed: seed)
            let request = random.request()
            let read = try ExchangeRequest(decoding: request.encoded)
            #expect(read == request && read.encoded == request.encoded, "seed \(seed)")
        }
    }

    @Test("Any response comes back from its bytes", arguments: 0..<4)
    func responses(block: Int) throws {
        for seed in block * 250..<(block + 1) * 250 {
            var random = SeededGenerator(seed: seed)
            let response = random.response()
            let read = try ExchangeResponse(decoding: response.encoded)
            #expect(read == response && read.encoded == response.encoded, "seed \(seed)")
        }
    }

    @Test("A message cut anywhere is refused, or is one of fewer items", arguments: 0..<30)
    func truncation(seed: Int) {
        var random = SeededGenerator(seed: seed)
        let (request, response) = (random.request(), random.response())
        for count in 0..<request.encoded.count {
            let cut = Array(request.encoded.prefix(count))
            guard let read = try? ExchangeRequest(decoding: cut) else { continue }
            #expect(
                read.pushes.count < request.pushes.count && read.encoded == cut,
                "seed \(seed), \(count) bytes")
        }
        for count in 0..<response.encoded.count {
            let cut = Array(response.encoded.prefix(count))
            guard let read = try? ExchangeResponse(decoding: cut) else { continue }
            #expect(
                read.entries.count < response.entries.count && read.encoded == cut,
                "seed \(seed), \(count) bytes")
        }
    }

    @Test("Changed bytes never crash it", arguments: 0..<8)
    func changedBytes(block: Int) {
        for seed in block * 500..<(block + 1) * 500 {
            var random = SeededGenerator(seed: seed)
            var bytes = random.chance(1, in: 2) ? random.request().encoded : random.response().encoded
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            // Whatever is taken must be writable again, unless it holds a kind of push that is not known.
            if let request = try? ExchangeRequest(decoding: bytes),
                !request.pushes.contains(where: \.isUnknown)
            {
                #expect((try? ExchangeRequest(decoding: request.encoded)) == request, "seed \(seed)")
            }
            if let response = try? ExchangeResponse(decoding: bytes) {
                #expect((try? ExchangeResponse(decoding: response.encoded)) == response, "seed \(seed)")
            }
        }
    }

    @Test("Members and kinds of later versions are skipped; an entry's bytes are kept for the feed's chain")
    func laterVersions() throws {
        let exchange = try #require(Story.exchanges.first)
        let later = try DiagnosticParser.value("[77, {\"a\": [1, 2]}, h'00']").encoded
        var request = exchange.request
        let bytes = try Self.adding(63, to: request.encoded, items: later)
        request.pushes.append(.unknown(kind: 77))
        #expect(try ExchangeRequest(decoding: bytes) == request)
        var response = exchange.response
        response.entries.append(.unknown(later))
        #expect(
            try ExchangeResponse(decoding: Self.adding(63, to: exchange.response.encoded, items: later))
                == response)
    }

    @Test("A request of a later version tells at least its version")
    func version() throws {
        let later = try DiagnosticParser.value("{0: 2, 1: \"other\"}").encoded
        #expect(try ExchangeRequest.version(of: later) == 2)
        #expect(throws: CBORError.self) { try ExchangeRequest(decoding: later) }
        for diagnostic in ["{}", "{1: 1}", "[0, 1]", "{0: null}"] {
            let bytes = try DiagnosticParser.value(diagnostic).encoded
            #expect(throws: CBORError.self) { try ExchangeRequest.version(of: bytes) }
        }
    }

    @Test("A head without a member that it must have is refused")
    func requiredMembers() throws {
        let exchange = try #require(Story.exchanges.first { $0.name == "nothing-new" })
        for (bytes, optional, isRequest) in [
            (exchange.request.encoded, Set<UInt64>([2]), true), (exchange.response.encoded, [4], false),
        ] {
            guard case .map(let entries) = try CBOR(decoding: bytes) else { continue }
            for (index, entry) in entries.enumerated() {
                var fewer = entries
                fewer.remove(at: index)
                let head = CBOR.map(fewer).encoded
                let taken =
                    isRequest
                    ? (try? ExchangeRequest(decoding: head)) != nil
                    : (try? ExchangeResponse(decoding: head)) != nil
                let isOptional = optional.contains { entry.key == .unsigned($0) }
                #expect(taken == isOptional, "without \(entry.key)")
            }
        }
    }

    @Test("Nothing may be named twice in a list")
    func repeatedNames() throws {
        var random = SeededGenerator(seed: 1)
        let (request, response) = (random.request(), random.response())
        let (head, mark) = (random.head(), random.watermark())
        let sum = CaseSum(caseID: random.caseID(), fingerprint: .empty)
        let requests: [(inout ExchangeRequest) -> Void] = [
            { $0.heads = [head, head] }, { $0.sums = [sum, sum] }, { $0.wanted = [sum.caseID, sum.caseID] },
        ]
        for change in requests {
            var changed = request
            change(&changed)
            #expect(
                reason { () throws(CBORError) in try ExchangeRequest(decoding: changed.encoded) } == .repeated
            )
        }
        let difference = ExchangeResponse.Difference(caseID: sum.caseID, seen: VersionVector())
        let fork = ExchangeResponse.Fork(replica: head.replica, checkpoints: [])
        let responses: [(inout ExchangeResponse) -> Void] = [
            { $0.stored = [mark, mark] }, { $0.backedUp = [mark, mark] }, { $0.forks = [fork, fork] },
            { $0.differences = [difference, difference] },
        ]
        for change in responses {
            var changed = response
            change(&changed)
            #expect(
                reason { () throws(CBORError) in try ExchangeResponse(decoding: changed.encoded) }
                    == .repeated)
        }
    }

    @Test(
        "A push or an entry that is not as it must be is refused",
        arguments: [
            "[1, h'a1a1a1a1a1a1a1a1', 0, h'\(zeros)', [h'00']]",
            "[1, h'a1a1a1a1a1a1a1a1', 1, h'\(zeros)', []]",
            "[1, h'a1a1a1a1a1a1a1a1', 9223372036854775807, h'\(zeros)', [h'00', h'00']]",
            "[1, h'a1a1a1a1a1a1a1a1', 1, h'00', [h'00']]", "[2, h'a1a1a1a1a1a1a1a1', 0, h'00', h'\(half)']",
            "[2, h'a1a1a1a1a1a1a1a1', 1, h'00']", "[]", "{}", "[\"run\"]", "1",
            "[6, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]",
        ])
    func refusedPush(diagnostic: String) throws {
        let exchange = try #require(Story.exchanges.first)
        let bytes = exchange.request.encoded + (try DiagnosticParser.value(diagnostic).encoded)
        #expect(throws: CBORError.self) { try ExchangeRequest(decoding: bytes) }
    }

    @Test(
        "An entry that is not as it must be is refused",
        arguments: [
            "[1, h'a1a1a1a1a1a1a1a1', 0, h'00', h'\(half)']", "[5, h'a1a1a1a1a1a1a1a1', 1, h'00', h'00']",
            "[2, h'a1a1a1a1a1a1a1a1', 0, 1]", "[2, h'a1a1a1a1a1a1a1a1', 3, 2]",
            "[2, h'a1a1a1a1a1a1a1a1', 1, 9223372036854775808]", "[3, h'00']", "[4]", "[]", "null",
        ])
    func refusedEntry(diagnostic: String) throws {
        let exchange = try #require(Story.exchanges.first)
        let bytes = exchange.response.encoded + (try DiagnosticParser.value(diagnostic).encoded)
        #expect(throws: CBORError.self) { try ExchangeResponse(decoding: bytes) }
    }

    static let zeros = String(repeating: "0", count: 64)
    static let half = String(repeating: "0", count: 32)

    /// The same message with one more member in its head and more items behind it.
    private static func adding(_ key: UInt64, to message: [UInt8], items: [UInt8]) throws -> [UInt8] {
        var reader = CBORReader(message)
        guard case .map(var entries) = try reader.readValue(depthMax: Limits.valueDepthMax) else { return [] }
        entries.append(CBOR.Entry(key: .unsigned(key), value: .array([.map(of: []), .text("later")])))
        return CBOR.map(entries).encoded + message.suffix(from: reader.offset) + items
    }
}

extension Push {
    fileprivate var isUnknown: Bool { if case .unknown = self { true } else { false } }
}
