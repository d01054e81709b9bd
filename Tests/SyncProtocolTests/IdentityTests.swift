import SyncProtocol
import Testing

@Suite("Names, chains and sums")
struct IdentityTests {
    @Test(
        "A case's name is a UUID of version 7 and comes back from its text and its bytes", arguments: 0..<50)
    func caseID(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let id = CaseID(
            milliseconds: 1_750_000_000_000 + UInt64(seed), random: (random.next(), random.next()))
        #expect(CaseID(id.description) == id && CaseID(id.description.uppercased()) == id)
        #expect(CaseID(bytes: id.bytes) == id)
        #expect(id.bytes[6] >> 4 == 7 && id.bytes[8] >> 6 == 2)
        #expect(id < CaseID(milliseconds: 1_750_000_000_001 + UInt64(seed), random: (0, 0)))
    }

    @Test(
        "What is no name is refused",
        arguments: [
            "", "01977420dc0071238000000000004567", "x1977420-dc00-7123-8000-000000004567",
            "01977420-dc00-7123-80000-00000004567", "０1977420-dc00-7123-8000-000000004567",
        ])
    func noCaseID(text: String) {
        #expect(CaseID(text) == nil)
        #expect(CaseID(bytes: [1, 2, 3]) == nil)
    }

    @Test("Hexadecimal digits are read in pairs and nothing else is")
    func hexadecimal() {
        #expect([UInt8](hexadecimal: "00fFa0") == [0, 255, 160])
        #expect([UInt8](hexadecimal: "") == [])
        for text in ["0", "0g", "+1", "ＦＦ", "0x00", " 0"] {
            #expect([UInt8](hexadecimal: text) == nil, "\(text)")
        }
        #expect([0, 255, 160].hexadecimal == "00ffa0")
        #expect(UInt64(255).hexadecimal == "00000000000000ff")
    }

    @Test("A content ID depends on replica, sequence and every byte of the body")
    func contentID() {
        let id = Story.a1.id
        #expect(ContentID(replica: Story.other, sequence: 1, body: Story.a1.body) != id)
        #expect(ContentID(replica: Story.agent, sequence: 2, body: Story.a1.body) != id)
        for index in Story.a1.body.indices {
            var body = Story.a1.body
            body[index] ^= 1
            #expect(ContentID(replica: Story.agent, sequence: 1, body: body) != id)
        }
    }

    @Test("Sums add and subtract in any order", arguments: 0..<100)
    func sums(seed: Int) {
        var random = SeededGenerator(seed: seed)
        let parts = (0..<10).map { _ in random.fingerprint() }
        var (sum, other) = (Fingerprint.empty, Fingerprint.empty)
        for part in parts { sum.add(part) }
        for part in parts.shuffled(using: &random) { other.add(part) }
        #expect(sum == other, "seed \(seed)")
        for part in parts.shuffled(using: &random) { sum.subtract(part) }
        #expect(sum == .empty, "seed \(seed)")
    }
}
