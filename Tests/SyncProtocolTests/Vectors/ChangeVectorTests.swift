import SyncProtocol
import Testing

@Suite("Vectors: changes and folds")
struct ChangeVectorTests {
    struct Written: Codable, Equatable {
        let name: String
        let replica: String
        let sequence: UInt64
        let body: String
        let diagnostic: String
        let contentID: String
        let caseID: String
        let edition: UInt64
        let schema: UInt64
        /// False: of a later schema, or not what the schema demands. It is kept and has no effect.
        let hasContent: Bool
    }

    struct Folded: Codable, Equatable {
        struct Link: Codable, Equatable {
            let replica: String
            let sequence: UInt64
            let body: String
        }
        let name: String
        let changes: [Link]
        let view: JSON
    }

    @Test("Each change has the golden bytes and the golden content ID")
    func changes() throws {
        let written = [
            ("two groups, nothing replaced", Story.a1), ("replaces, basis, doubt and reason", Story.a2),
            ("a set-aside", Story.c1), ("another hospital's", Story.d1), ("a settling", Story.c2),
        ]
        let made = try (written + Self.unusual()).map(Self.vector)
        for vector in try VectorFile.vectors("change", made: made) {
            let body = try bytes(vector.body)
            let replica = try #require(UInt64(bigEndianBytes: try bytes(vector.replica)))
            let change = try Change(
                replica: ReplicaID(rawValue: replica), sequence: vector.sequence, body: body)
            #expect(try Self.vector(vector.name, change) == vector)
            #expect(try DiagnosticParser.value(vector.diagnostic).encoded == body, "\(vector.name)")
            guard let content = change.content, !vector.name.contains("later") else { continue }
            let again = try Change(
                replica: change.replica, sequence: change.sequence, caseID: change.caseID,
                edition: change.edition,
                content: content)
            #expect(again.body == body && again.id == change.id, "\(vector.name)")
        }
    }

    /// Bodies that this version does not write, but takes.
    private static func unusual() throws -> [(String, Change)] {
        let head = "h'\(Story.newborn.bytes.hexadecimal)', 3"
        let bodies = [
            ("a later schema, of which only the head is read", "[\(head), 2, {\"anything\": [1.5]}, 7]"),
            (
                "a member of a later version, kept and skipped",
                "[\(head), 1, {0: {}, 1: 9, 2: [0, \"\", \"\"], 7: [true]}]"
            ),
            (
                "what is left of one that was erased, under the content ID that it names",
                "[\(head), 0, h'\([UInt8](repeating: 0xE5, count: 32).hexadecimal)']"
            ),
            ("no content where the schema demands it", "[\(head), 1]"),
            ("a content without an author", "[\(head), 1, {0: {}, 1: 9}]"),
            (
                "a change that replaces itself",
                "[\(head), 1, {0: {5: [[1], [[h'a1a1a1a1a1a1a1a1', 3]]]}, 1: 9, 2: [0, \"\", \"\"]}]"
            ),
            ("an unknown role", "[\(head), 1, {0: {}, 1: 9, 2: [3, \"\", \"\"]}]"),
        ]
        return try bodies.map { name, diagnostic in
            let body = try DiagnosticParser.value(diagnostic).encoded
            return (name, try Change(replica: Story.agent, sequence: 3, body: body))
        }
    }

    private static func vector(_ name: String, _ change: Change) throws -> Written {
        Written(
            name: name, replica: change.replica.description, sequence: change.sequence,
            body: change.body.hexadecimal,
            diagnostic: Diagnostic.line(try CBOR(decoding: change.body, depthMax: Limits.valueDepthMax + 4)),
            contentID: change.id.description, caseID: change.caseID.description, edition: change.edition,
            schema: change.schema, hasContent: change.content != nil)
    }

    @Test("Each set of changes folds to the golden view")
    func folds() throws {
        if VectorFile.isWriting { try VectorFile.write(try Self.made(), "fold") }
        let vectors: [Folded] = try VectorFile.read("fold")
        #expect(vectors.count >= 30)
        for vector in vectors {
            var history = History(seed: 0)
            for link in vector.changes {
                let replica = try #require(UInt64(bigEndianBytes: try bytes(link.replica)))
                history.changes.append(
                    try Change(
                        replica: ReplicaID(rawValue: replica), sequence: link.sequence,
                        body: try bytes(link.body)))
            }
            #expect(history.view == vector.view, "\(vector.name)")
            history.changes.reverse()
            #expect(CaseState(folding: history.changes).fingerprint == history.state.fingerprint)
        }
    }

    private static func made() throws -> [Folded] {
        let named = try FoldExamples.all().map { name, changes in
            var history = History(seed: 0)
            history.changes = changes
            return (name, history)
        }
        let generated = (0..<200).map { HistoryGenerator.history(seed: 5_000_000 + $0) }
            .filter { (4...8).contains($0.changes.count) && !$0.isQuiet }.prefix(16)
        return (named + generated.map { ("generated, seed \($0.seed)", $0) }).map { name, history in
            var unseeded = History(seed: 0)
            unseeded.changes = history.changes
            let links = history.changes.map {
                Folded.Link(replica: $0.replica.description, sequence: $0.sequence, body: $0.body.hexadecimal)
            }
            return Folded(name: name, changes: links, view: unseeded.view)
        }
    }
}
