import SyncProtocol
import Testing

@Suite("Changes")
struct ChangeTests {
    private static let head = "h'\(Story.newborn.bytes.hexadecimal)', 3"

    @Test("Any content comes back from its body", arguments: 0..<4)
    func roundTrip(block: Int) throws {
        for seed in block * 200..<(block + 1) * 200 {
            for change in HistoryGenerator.history(seed: seed).changes {
                let read = try Change(replica: change.replica, sequence: change.sequence, body: change.body)
                #expect(read.id == change.id && read.content == change.content, "seed \(seed)")
                guard let content = read.content else { continue }
                let again = try Change(
                    replica: read.replica, sequence: read.sequence, caseID: read.caseID,
                    edition: read.edition,
                    content: content)
                #expect(again.body == change.body, "seed \(seed)")
            }
        }
    }

    @Test("A truncated body keeps its head if that is whole, else it is refused; it never has content")
    func truncation() {
        for count in 0..<Story.a2.body.count {
            let change = try? Change(
                replica: Story.agent, sequence: 2, body: Array(Story.a2.body.prefix(count)))
            #expect(change?.content == nil)
            #expect((change == nil) == (count < 20), "\(count) bytes")  // array, case, edition, schema
        }
    }

    @Test("Members of later versions stay in the bytes and are skipped")
    func unknownMembers() throws {
        let change = try Self.change("1, {0: {}, 1: 9, 2: [0, \"u\", \"n\"], 7: {\"x\": [1]}, 900: null}")
        #expect(
            change.content
                == ChangeContent(
                    time: HybridTime(rawValue: 9), author: Author(role: .window, unit: "u", user: "n")))
        #expect(try Change(replica: change.replica, sequence: 3, body: change.body).id == change.id)
    }

    @Test("A later schema is opaque, whatever follows its head")
    func laterSchema() throws {
        let change = try Self.change("2, \"anything\", [[[[[[[[[[[1]]]]]]]]]]]")
        #expect(change.schema == 2 && change.content == nil && change.edition == 3)
        #expect(change.caseID == Story.newborn)
    }

    @Test(
        "A content that schema 1 does not allow is no content",
        arguments: [
            "1", "1, {}", "1, {0: {}, 1: 9}", "1, {0: {}, 1: 9, 2: [0, \"\", \"\"]}, 1",
            "1, {0: {}, 1: 9, 2: [9, \"\", \"\"]}", "1, {0: {}, 1: 9, 2: [0, \"\", \"\"], 3: false}",
            "1, {0: {}, 1: 9, 2: [0, \"\", \"\"], 4: {}}", "1, {0: {}, 1: 9, 2: [0, \"\", \"\"], 6: {}}",
            "1, {0: {1: [1, []]}, 1: 9, 2: [0, \"\", \"\"]}",
            "1, {0: {4294967296: [[1], []]}, 1: 9, 2: [0, \"\", \"\"]}",
            "1, {0: {}, 1: 9223372036854775808, 2: [0, \"\", \"\"]}",
            "1, {0: {1: [[1], [[h'0000000000000001', 0]]]}, 1: 9, 2: [0, \"\", \"\"]}",
            "1, {0: {1: [[1], [[h'0000000000000001', 2], [h'0000000000000001', 2]]]}, 1: 9, 2: [0, \"\", \"\"]}",
            "1, {0: {1: [[1], [[h'0000000000000001', 2], [h'0000000000000001', 1]]]}, 1: 9, 2: [0, \"\", \"\"]}",
            "1, {0: {1: [[[[[[[[[[1]]]]]]]]], []]}, 1: 9, 2: [0, \"\", \"\"]}",
        ])
    func refusedContent(rest: String) throws {
        #expect(try Self.change(rest).content == nil)
    }

    @Test("A change that names its own replica's present or future is no content", arguments: [3, 4, 1000])
    func selfReference(edition: UInt64) throws {
        let dots = "[[h'\(Story.agent)', \(edition)]]"
        let writes = "1, {0: {1: [[1], \(dots)]}, 1: 9, 2: [0, \"\", \"\"]}"
        let basis = "1, {0: {}, 1: 9, 2: [0, \"\", \"\"], 4: {1: \(dots)}}"
        #expect(try Self.change(writes).content == nil)
        #expect(try Self.change(basis).content == nil)
        let past = writes.replacing(", \(edition)]", with: ", 2]")
        #expect(try Self.change(past).content != nil)
        let dot = Dot(replica: Story.agent, edition: edition)
        #expect(
            reason { () throws(CBORError) in
                try Change(
                    replica: Story.agent, sequence: 3, caseID: Story.newborn, edition: 3,
                    content: Self.content(replacing: [dot]))
            } == .selfReference)
    }

    @Test(
        "A head that does not decode is refused",
        arguments: [
            "[]", "[h'00', 1, 1]", "{}", "1", "[h'01977420dfe87abc8000000000001111', 0, 1]",
            "[h'01977420dfe87abc8000000000001111', 9223372036854775808, 1]",
            "[h'01977420dfe87abc8000000000001111', 1]", "[h'01977420dfe87abc8000000000001111', 1, null]",
        ])
    func frozenHead(diagnostic: String) throws {
        let body = try DiagnosticParser.value(diagnostic).encoded
        #expect(throws: CBORError.self) { try Change(replica: Story.agent, sequence: 1, body: body) }
    }

    @Test("A sequence is from 1 to 2⁶³ − 1")
    func sequence() throws {
        #expect(throws: CBORError.self) { try Change(replica: Story.agent, sequence: 0, body: Story.a1.body) }
        #expect(throws: CBORError.self) {
            try Change(replica: Story.agent, sequence: Limits.counterMax + 1, body: Story.a1.body)
        }
        _ = try Change(replica: Story.agent, sequence: Limits.counterMax, body: Story.a1.body)
    }

    @Test("Each bound holds at its value and not one beyond", arguments: [0, 1])
    func limits(beyond: Int) {
        var groups = Self.content()
        groups.writes = Dictionary(
            uniqueKeysWithValues: (0..<Limits.groupsPerChangeMax + beyond).map {
                (GroupID(rawValue: UInt32($0)), ChangeContent.Write(value: [], replaces: []))
            })
        var asides = Self.content()
        for sequence in 1...UInt64(Limits.asidesPerChangeMax + beyond) {
            let target = ContentID(replica: Story.other, sequence: sequence, body: [])
            asides.asides[target] = ChangeContent.Aside(reason: "", replaces: [])
        }
        var reasoned = Self.content()
        reasoned.reason = String(repeating: "x", count: Limits.reasonBytesMax + beyond)
        let dots = (1...Limits.dotsPerGroupMax + beyond).map {
            Dot(replica: Story.other, edition: UInt64($0))
        }
        let name = String(repeating: "x", count: Limits.nameBytesMax + beyond)
        let contents = [
            "groups": groups, "verdicts": asides, "reason": reasoned, "dots": Self.content(replacing: dots),
            "unit": Self.content(author: Author(role: .window, unit: name, user: "")),
            "user": Self.content(author: Author(role: .window, unit: "", user: name)),
            "depth": Self.content(value: .nestedArrays(Limits.valueDepthMax - 1 + beyond)),
        ]
        let expected: CBORError.Reason? = beyond == 0 ? nil : .tooLong
        for (name, content) in contents {
            let refused = reason { () throws(CBORError) in
                try Change(
                    replica: Story.agent, sequence: 9, caseID: Story.newborn, edition: 9, content: content)
            }
            #expect(refused == (beyond == 1 && name == "depth" ? .tooDeep : expected), "\(name)")
        }
    }

    @Test("A body of 64 KiB is taken, one byte more is not")
    func bodyLimit() throws {
        func body(_ count: Int) -> [UInt8] {
            var writer = CBORWriter()
            writer.writeArray(4)
            writer.write(Story.newborn.bytes)
            writer.write(UInt64(1))
            writer.write(UInt64(2))
            writer.write([UInt8](repeating: 7, count: count - writer.bytes.count - 3))
            return writer.bytes
        }
        #expect(body(Limits.bodyBytesMax).count == Limits.bodyBytesMax)
        _ = try Change(replica: Story.agent, sequence: 1, body: body(Limits.bodyBytesMax))
        #expect(throws: CBORError.self) {
            try Change(replica: Story.agent, sequence: 1, body: body(Limits.bodyBytesMax + 1))
        }
    }

    @Test("Dots come out ascending and once, however they were given")
    func dots() throws {
        let dots = [3, 1, 2, 3, 1].map { Dot(replica: Story.other, edition: $0) }
        var content = Self.content(replacing: dots)
        content.basis = [GroupID(rawValue: 2): content.writes[GroupID(rawValue: 1)]?.replaces ?? []]
        let change = try Change(
            replica: Story.agent, sequence: 1, caseID: Story.newborn, edition: 1, content: content)
        #expect(change.content?.namedDots.map(\.edition) == [1, 2, 3, 1, 2, 3])
    }

    private static func change(_ rest: String) throws -> Change {
        try Change(
            replica: Story.agent, sequence: 3, body: try DiagnosticParser.value("[\(head), \(rest)]").encoded)
    }

    private static func content(
        replacing dots: [Dot] = [], author: Author = Author(role: .window, unit: "", user: ""),
        value: CBOR = .null
    ) -> ChangeContent {
        ChangeContent(
            writes: [GroupID(rawValue: 1): ChangeContent.Write(value: [value], replaces: dots)],
            time: HybridTime(rawValue: 1), author: author)
    }
}

/// Why something is refused; nil if it is not.
func reason<Value>(_ body: () throws(CBORError) -> Value) -> CBORError.Reason? {
    do throws(CBORError) {
        _ = try body()
        return nil
    } catch { return error.reason }
}
