import SyncProtocol
import Testing

@Suite("What is left of an erased change")
struct ErasedTests {
    @Test("It is the same change to every sum and chain, says nothing, and comes back from its bytes")
    func same() throws {
        for change in [Story.a1, Story.a2, Story.c1] {
            let erased = change.erased
            #expect(erased == change && erased.id == change.id && erased.dot == change.dot)
            #expect(erased.isErased && !change.isErased && erased.content == nil)
            #expect(erased.body.count < 64 && erased.erased.body == erased.body)
            let again = try Change(replica: change.replica, sequence: change.sequence, body: erased.body)
            #expect(again.id == change.id && again.caseID == change.caseID && again.isErased)
            #expect(
                ContentID(replica: change.replica, sequence: change.sequence, body: erased.body) == change.id)
        }
        let whole = CaseState(folding: [Story.a1, Story.a2])
        let erased = CaseState(folding: [Story.a1.erased, Story.a2.erased])
        #expect(
            (erased.seen, erased.fingerprint, erased.count) == (whole.seen, whole.fingerprint, whole.count))
        #expect(erased.erasedCount == erased.count && erased.registers.isEmpty && whole.erasedCount == 0)
        var oneByOne = CaseState()
        for change in [Story.a1.erased, Story.a2.erased] { _ = oneByOne.apply(change) }
        #expect(oneByOne == erased)
    }

    @Test("Nothing else of schema 0 is one: it is hashed like any body")
    func others() throws {
        let head = "h'\(Story.newborn.bytes.hexadecimal)'"
        let name = [UInt8](repeating: 0xE5, count: 32).hexadecimal
        for text in [
            "[\(head), 3, 0]", "[\(head), 3, 0, h'\(name)', 1]", "[\(head), 3, 0, h'\(name)e5']",
            "[\(head), 3, 1, h'\(name)']", "[\(head), 3, 0, \"\(name.prefix(32))\"]",
        ] {
            let body = try DiagnosticParser.value(text).encoded
            let change = try Change(replica: Story.agent, sequence: 1, body: body)
            #expect(!change.isErased && change.id.bytes.hexadecimal != name, "\(text)")
        }
    }

    @Test("A version vector comes back from its words, and nothing else is one")
    func words() throws {
        var vector = VersionVector()
        for edition in [1, 2, 3, 7, 9] { vector.insert(Dot(replica: Story.agent, edition: UInt64(edition))) }
        vector.insert(Dot(replica: Story.other, edition: 1))
        #expect(VersionVector(texts: vector.texts) == vector)
        #expect(vector.texts.count == 4)
        #expect(VersionVector(texts: []) == VersionVector())
        for text in [
            "", "x", "a1a1a1a1a1a1a1a1", "a1a1a1a1a1a1a1a1.0", "a1a1a1a1a1a1a1a1-3", "zza1a1a1a1a1a1a1.3",
            "a1a1a1a1a1a1a1a1.-3",
        ] {
            #expect(VersionVector(texts: [text]) == nil, "\(text)")
        }
    }
}
