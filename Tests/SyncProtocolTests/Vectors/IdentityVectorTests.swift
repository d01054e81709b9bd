import SyncProtocol
import Testing

@Suite("Vectors: names, chains, sums and receipts")
struct IdentityVectorTests {
    struct Links: Codable, Equatable {
        let name: String
        /// What each link is of: a content ID or a case's name, or a whole entry.
        let subjects: [String]
        let links: [String]
        /// The chain's value after each link.
        let values: [String]
    }

    struct Sum: Codable, Equatable {
        let name: String
        let added: [String]
        let subtracted: [String]
        let sum: String
    }

    struct Proof: Codable, Equatable {
        let key: String
        let contentID: String
        let hospital: String
        let input: String
        let receipt: String
    }

    struct Seen: Codable, Equatable {
        let name: String
        let dots: [String]
        let diagnostic: String
        let hex: String
    }

    @Test("A replica's chain links content IDs")
    func replicaChain() throws {
        let ids = [Story.a1.id, Story.a2.id, Story.c1.id]
        let made = Self.chain("a replica's chain", subjects: ids.map(\.bytes), links: ids.map(\.bytes))
        for vector in try VectorFile.vectors("chain-replica", made: [made]) {
            var chain = Chain.start
            for (link, value) in zip(vector.links, vector.values) {
                chain = chain.appending(ContentID(rawValue: try #require(.init(bytes: try bytes(link)))))
                #expect(chain.description == value)
            }
        }
    }

    @Test("A feed's chain links entries by their kind")
    func feedChain() throws {
        let later = CBOR.array([.unsigned(9), .text("of a later version")]).encoded
        let links = [
            FeedEntry.link(change: Story.a1.id), FeedEntry.link(enters: Story.twin),
            FeedEntry.link(leaves: Story.twin), FeedEntry.link(unknown: later),
        ]
        let subjects = [Story.a1.id.bytes, Story.twin.bytes, Story.twin.bytes, later]
        let made = Self.chain(
            "a change, a case that enters, one that leaves, an entry of a later version", subjects: subjects,
            links: links.map(\.bytes))
        for vector in try VectorFile.vectors("chain-feed", made: [made]) {
            var chain = Chain.start
            for (link, value) in zip(vector.links, vector.values) {
                chain = chain.appending(try #require(.init(bytes: try bytes(link))))
                #expect(chain.description == value)
            }
        }
    }

    private static func chain(_ name: String, subjects: [[UInt8]], links: [[UInt8]]) -> Links {
        var chain = Chain.start
        let values = links.compactMap { link -> String? in
            guard let digest = Chain.RawValue(bytes: link) else { return nil }
            chain = chain.appending(digest)
            return chain.description
        }
        return Links(
            name: name, subjects: subjects.map(\.hexadecimal), links: links.map(\.hexadecimal), values: values
        )
    }

    @Test("Sums carry over all words, wrap at 2²⁵⁶ and come back")
    func fingerprints() throws {
        let (ones, word) = (String(repeating: "f", count: 64), String(repeating: "0", count: 48))
        let one = String(repeating: "0", count: 63) + "1"
        let cases: [(String, [String], [String])] = [
            ("of nothing", [], []), ("of one", [Story.a1.id.description], []),
            ("of three", [Story.a1, Story.a2, Story.c1].map(\.id.description), []),
            ("carry into the next word", [word + "ffffffffffffffff", one], []),
            ("carry through all words and wrap", [ones, one], []),
            ("carry over two words of ones", [ones, ones], []),
            (
                "what left is subtracted", [Story.a1, Story.c1].map(\.id.description),
                [Story.a1.id.description]
            ),
            ("borrow through all words", [], [one]),
        ]
        let made = try cases.map { name, added, subtracted in
            Sum(
                name: name, added: added, subtracted: subtracted,
                sum: try Self.sum(added, subtracted).description)
        }
        for vector in try VectorFile.vectors("fingerprint", made: made) {
            #expect(try Self.sum(vector.added, vector.subtracted).description == vector.sum, "\(vector.name)")
            let backwards = try Self.sum(vector.added.reversed(), vector.subtracted.reversed())
            #expect(backwards.description == vector.sum, "\(vector.name)")
        }
    }

    private static func sum(_ added: [String], _ subtracted: [String]) throws -> Fingerprint {
        var sum = Fingerprint.empty
        for id in added { sum.add(ContentID(rawValue: try #require(.init(bytes: try bytes(id))))) }
        for id in subtracted {
            sum.subtract(Fingerprint(rawValue: try #require(.init(bytes: try bytes(id)))))
        }
        return sum
    }

    @Test("A receipt is computed over content ID and hospital")
    func receipts() throws {
        let made = [Story.a1, Story.d1].map { change in
            Proof(
                key: Story.receiptKey.hexadecimal, contentID: change.id.description,
                hospital: Story.hospital.bytes.hexadecimal,
                input: Receipt.input(change.id, for: Story.hospital).hexadecimal,
                receipt: Story.receipt(of: change).bytes.hexadecimal)
        }
        for vector in try VectorFile.vectors("receipt", made: made) {
            #expect(vector.input == vector.contentID + vector.hospital)
            #expect(vector.receipt.count == Receipt.byteCount * 2)
        }
    }

    @Test("A version vector has one form, whatever the order in which the dots came")
    func versionVectors() throws {
        let dot = { (replica: UInt64, edition: UInt64) in
            Dot(replica: ReplicaID(rawValue: replica), edition: edition)
        }
        let cases: [(String, [Dot])] = [
            ("nothing", []), ("no gap", [dot(1, 1), dot(1, 2), dot(1, 3)]),
            ("one gap", [dot(1, 1), dot(1, 3)]),
            ("only above a gap", [dot(1, 7), dot(1, 5)]),
            ("two replicas", [dot(0xB2B2_B2B2_B2B2_B2B2, 1), dot(0xA1A1_A1A1_A1A1_A1A1, 1), dot(1, 2)]),
        ]
        let made = cases.map { name, dots in
            let encoded = Self.vector(dots).0
            return Seen(
                name: name, dots: dots.map(\.description), diagnostic: Self.vector(dots).1,
                hex: encoded.hexadecimal)
        }
        for (vector, dots) in zip(try VectorFile.vectors("version-vector", made: made), cases.map(\.1)) {
            var reader = CBORReader(try bytes(vector.hex))
            let read = try reader.readVersionVector()
            try reader.finish()
            #expect(
                read.replicas.allSatisfy { !$0.bytes.isEmpty } && dots.allSatisfy(read.contains),
                "\(vector.name)")
            #expect(Self.vector(dots.reversed()).0.hexadecimal == vector.hex, "\(vector.name)")
        }
    }

    private static func vector(_ dots: [Dot]) -> ([UInt8], String) {
        var vector = VersionVector()
        for dot in dots { vector.insert(dot) }
        var writer = CBORWriter()
        writer.write(vector)
        let value = (try? CBOR(decoding: writer.bytes)) ?? .null  // null would differ from the file
        return (writer.bytes, Diagnostic.line(value))
    }
}
