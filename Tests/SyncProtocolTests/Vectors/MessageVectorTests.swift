import SyncProtocol
import Testing

@Suite("Vectors: requests and responses")
struct MessageVectorTests {
    struct Message: Codable, Equatable {
        let name: String
        let description: String
        let diagnostic: [String]
        let hex: String
    }

    static let requestKeys = [
        "version", "hospital", "epoch", "heads", "cursor", "witness", "fingerprint", "budget", "milliseconds",
        "repair", "report", "sums", "wanted", "offers", "wait", "", "repairHead",
        "", "", "", "backupQuestions", "", "condition", "policies", "audit",
    ]
    static let responseKeys = [
        "version", "epoch", "head", "stored", "backedUp", "from", "more", "milliseconds", "fingerprint",
        "repair",
        "forks", "differences", "unreadable", "grants", "held", "", "", "wants", "supplied", "",
        "backedUpPosition",
        "backedUpAttachments",
    ]

    @Test("Each request has the golden bytes, and the golden bytes the request")
    func requests() throws {
        let made = try Story.exchanges.map {
            try Self.message($0, $0.request.encoded, keys: Self.requestKeys)
        }
        for (vector, exchange) in zip(try VectorFile.vectors("request", made: made), Story.exchanges) {
            let request = try ExchangeRequest(decoding: try bytes(vector.hex))
            #expect(request == exchange.request, "\(vector.name)")
            #expect(request.encoded.hexadecimal == vector.hex, "\(vector.name)")
            #expect(try Self.digits(of: vector) == vector.hex, "\(vector.name)")
            #expect(try ExchangeRequest.version(of: try bytes(vector.hex)) == 1)
        }
    }

    @Test("Each response has the golden bytes, and the golden bytes the response")
    func responses() throws {
        let made = try Story.exchanges.map {
            try Self.message($0, $0.response.encoded, keys: Self.responseKeys)
        }
        for (vector, exchange) in zip(try VectorFile.vectors("response", made: made), Story.exchanges) {
            let response = try ExchangeResponse(decoding: try bytes(vector.hex))
            #expect(response == exchange.response, "\(vector.name)")
            #expect(response.encoded.hexadecimal == vector.hex, "\(vector.name)")
            #expect(try Self.digits(of: vector) == vector.hex, "\(vector.name)")
        }
    }

    @Test("PROTOCOL.md shows each of them as it is")
    func specification() throws {
        let text = try Repository.text("SyncProtocol/PROTOCOL.md")
        for name in ["request", "response"] {
            let vectors: [Message] = try VectorFile.read(name)
            for vector in vectors {
                #expect(text.contains(vector.diagnostic.joined(separator: "\n")), "\(name) \(vector.name)")
            }
        }
    }

    @Test("PROTOCOL.md names each limit with its value")
    func limits() throws {
        let text = try Repository.text("SyncProtocol/PROTOCOL.md")
        let names = try Repository.text("SyncProtocol/Limits.swift").split(separator: "\n")
            .compactMap { $0.wholeMatch(of: /\s*package static let (\w+) = .*/)?.1 }
        let values = [
            "bodyBytesMax": Limits.bodyBytesMax, "valueDepthMax": Limits.valueDepthMax,
            "groupsPerChangeMax": Limits.groupsPerChangeMax, "dotsPerGroupMax": Limits.dotsPerGroupMax,
            "asidesPerChangeMax": Limits.asidesPerChangeMax, "nameBytesMax": Limits.nameBytesMax,
            "reasonBytesMax": Limits.reasonBytesMax, "exchangeBytesMax": Limits.exchangeBytesMax,
            "itemsPerExchangeMax": Limits.itemsPerExchangeMax, "bodiesPerRunMax": Limits.bodiesPerRunMax,
            "headsMax": Limits.headsMax, "caseSumsMax": Limits.caseSumsMax,
            "checkpointsMax": Limits.checkpointsMax,
            "replicasPerCaseMax": Limits.replicasPerCaseMax, "dotsAboveGapMax": Limits.dotsAboveGapMax,
            "membersMax": Limits.membersMax, "membersPerItemMax": Limits.membersPerItemMax,
            "membersPerBodyMax": Limits.membersPerBodyMax,
            "verifyBytesMax": Limits.verifyBytesMax, "verifyRangesMax": Limits.verifyRangesMax,
            "verifyExceptMax": Limits.verifyExceptMax, "verifyListMax": Limits.verifyListMax,
            "verifyPartsMax": Limits.verifyPartsMax, "verifyRoundsMax": Limits.verifyRoundsMax,
            "verifyDifferencesMax": Limits.verifyDifferencesMax, "verifyOpenMax": Limits.verifyOpenMax,
            "heldPoliciesMax": Limits.heldPoliciesMax, "offersMax": Limits.offersMax,
            "tokenBytesMax": Limits.tokenBytesMax, "wantsMax": Limits.wantsMax,
            "backupQuestionsMax": Limits.backupQuestionsMax,
            "waitSecondsMax": Limits.waitSecondsMax, "bundleHeaderBytesMax": Limits.bundleHeaderBytesMax,
            "bundleItemBytesMax": Limits.bundleItemBytesMax,
            "bundleMessagesMax": Limits.bundleMessagesMax, "bundleBytesMax": Limits.bundleBytesMax,
        ]
        #expect(Set(names.map(String.init)) == Set(values.keys).union(["counterMax"]))
        let row = /\| `(\w+)` \| ([0-9,]+) \|.*/
        for match in text.matches(of: row) {
            #expect(values[String(match.1)].map(String.init) == match.2.filter(\.isNumber), "\(match.1)")
        }
        #expect(text.matches(of: row).count == values.count)
    }

    private static func message(_ exchange: Story.Exchange, _ bytes: [UInt8], keys: [String]) throws
        -> Message
    {
        let lines = try Diagnostic.message(bytes, keys: keys).split(separator: "\n").map(String.init)
        return Message(
            name: exchange.name, description: exchange.shows, diagnostic: lines, hex: bytes.hexadecimal)
    }

    private static func digits(of vector: Message) throws -> String {
        try DiagnosticParser.values(vector.diagnostic.joined(separator: "\n")).flatMap(\.encoded).hexadecimal
    }
}
