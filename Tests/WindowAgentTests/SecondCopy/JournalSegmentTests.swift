import Cryptography
import Testing

@testable import WindowAgent

@Suite("The bytes of a journal's segment")
struct JournalSegmentTests {
    private let segment = JournalSegment(
        journal: SecureRandom.bytes(16), id: SecureRandom.bytes(16),
        sealing: FrameSealing(key: SecretBytes(randomCount: 32)))

    /// Records of some lengths, and where each begins.
    private func file(_ random: inout SeededGenerator) -> (plain: [[UInt8]], file: [UInt8], starts: [Int]) {
        // The mark is in the plain text too: it must not be taken for a record.
        let plain = (0..<8).map { _ in
            Array("BWJr".utf8) + SecureRandom.bytes(Int.random(in: 0...80, using: &random))
        }
        var (file, starts): ([UInt8], [Int]) = ([], [])
        for (index, record) in plain.enumerated() {
            starts.append(file.count)
            file += segment.record(record, index: UInt64(index))
        }
        return (plain, file, starts)
    }

    @Test("What was appended is read", arguments: 0..<20)
    func roundTrip(seed: Int) {
        var random = SeededGenerator(seed: seed)
        let (plain, file, _) = file(&random)
        let content = segment.content(of: file)
        #expect(
            content.records.map(\.plain) == plain && content.damaged.isEmpty && !content.isTorn,
            "SEED \(seed)")
    }

    @Test("Cut at any byte of its last record, a segment has all records before, and says that it is torn")
    func torn() {
        var random = SeededGenerator(seed: 1)
        let (plain, file, starts) = file(&random)
        for end in starts[7]..<file.count {
            let content = segment.content(of: Array(file[..<end]))
            #expect(content.records.map(\.plain) == Array(plain.dropLast()))
            #expect(content.isTorn == (end > starts[7]) && content.damaged.isEmpty)
        }
    }

    @Test(
        "Any byte changed costs the one record that it is in, which is named; behind the last it is a torn end"
    )
    func flipped() {
        var random = SeededGenerator(seed: 2)
        let (plain, file, starts) = file(&random)
        for place in file.indices {
            var wrong = file
            wrong[place] ^= UInt8.random(in: 1...255, using: &random)
            let hit = starts.lastIndex { $0 <= place } ?? 0
            let content = segment.content(of: wrong)
            var rest = plain
            rest.remove(at: hit)
            #expect(content.records.map(\.plain) == rest, "byte \(place)")
            #expect(content.damaged == (hit == 7 ? [] : [UInt64(hit)]), "byte \(place)")
            #expect(content.isTorn == (hit == 7))
        }
    }

    @Test("A record that is moved, repeated, or taken from another segment or journal does not open there")
    func moved() {
        let record = segment.record([1, 2, 3], index: 0)
        var elsewhere = record
        elsewhere[11] = 1  // its index, in the clear
        #expect(segment.content(of: elsewhere).records.isEmpty)
        #expect(segment.content(of: record + record).records.count == 1)
        for other in [
            JournalSegment(journal: segment.journal, id: SecureRandom.bytes(16), sealing: segment.sealing),
            JournalSegment(journal: SecureRandom.bytes(16), id: segment.id, sealing: segment.sealing),
        ] { #expect(other.content(of: record).records.isEmpty) }
    }

    @Test("A length beyond every limit reads nothing and takes no memory")
    func lengths() {
        var file = segment.record([1], index: 0)
        for place in 12..<16 { file[place] = 0xFF }
        #expect(segment.content(of: file) == JournalSegment.Content(records: [], damaged: [], isTorn: true))
    }
}
