package import Cryptography
import SyncProtocol

/// A file of a journal: records that are only ever appended, by one run of one agent.
///
///     segment = record 0 ‖ record 1 ‖ …
///     record  = "BWJr" ‖ index (8, big-endian) ‖ length (4, big-endian) ‖ sealed (length)
///     sealed  = nonce (24) ‖ ciphertext ‖ tag (16)      a record of ``FrameSealing`` under the name
///               SHA-256 (journal (16) ‖ segment (16) ‖ index (8))
///
/// Record 0 says which segment this one goes on from, and after how many of its records: so a segment that is missing in the middle is
/// noticed. The others hold one ``JournalEntry`` each. A record that was changed, moved or taken from elsewhere does not open. One
/// that was cut at the end of the file was never told to be there.
package struct JournalSegment: Sendable {
    /// Bytes of a segment's ID.
    package static let idByteCount = 16
    /// Bytes of a segment after which the next is begun.
    package static let byteCountMax = 16 << 20
    /// Bytes of one record's sealed part at most; a longer length is damage.
    static let sealedByteCountMax = 1 << 17
    private static let mark = Array("BWJr".utf8)
    private static let headByteCount = 16

    let journal: [UInt8]
    let id: [UInt8]
    let sealing: FrameSealing

    package init(journal: [UInt8], id: [UInt8], sealing: FrameSealing) {
        (self.journal, self.id, self.sealing) = (journal, id, sealing)
    }

    /// The record of an index.
    package func record(_ plain: [UInt8], index: UInt64) -> [UInt8] {
        let sealed = sealing.seal(record: plain, of: name(index))
        return Self.mark + index.bigEndianBytes + Array(UInt64(sealed.count).bigEndianBytes.suffix(4))
            + sealed
    }

    private func name(_ index: UInt64) -> Digest { SHA256.hash(journal, id, index.bigEndianBytes) }

    /// What a segment's file holds.
    package struct Content: Hashable, Sendable {
        /// The records that opened, in order.
        package var records: [Record] = []
        /// Records that are damaged: there are whole ones behind them.
        package var damaged: [UInt64] = []
        /// The file ends in bytes that are no whole record: a write that was cut short.
        package var isTorn = false
    }

    package struct Record: Hashable, Sendable {
        package let index: UInt64
        package let plain: [UInt8]
    }

    /// Reads a segment's file, and finds the next whole record behind a damaged one.
    package func content(of file: [UInt8]) -> Content {
        var content = Content()
        var (place, next) = (0, UInt64(0))
        while place < file.count {
            if let (record, end) = record(in: file, at: place), record.index >= next {
                content.damaged += next..<record.index
                content.records.append(record)
                (place, next) = (end, record.index + 1)
                content.isTorn = false
            } else {
                content.isTorn = true
                place = Self.nextMark(in: file, after: place)
            }
        }
        return content
    }

    private func record(in file: [UInt8], at place: Int) -> (Record, end: Int)? {
        let start = place + Self.headByteCount
        guard start <= file.count, file[place..<place + 4].elementsEqual(Self.mark) else { return nil }
        let index = file[place + 4..<place + 12].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let length = file[place + 12..<start].reduce(0) { $0 << 8 | Int($1) }
        guard length <= Self.sealedByteCountMax, start + length <= file.count else { return nil }
        let sealed = Array(file[start..<start + length])
        // What does not open is damaged: the caller looks for the next one.
        guard let plain = try? sealing.open(record: sealed, of: name(index)) else { return nil }
        return (Record(index: index, plain: plain), start + length)
    }

    private static func nextMark(in file: [UInt8], after place: Int) -> Int {
        var at = place + 1
        while at + 4 <= file.count {
            if file[at] == mark[0], file[at..<at + 4].elementsEqual(mark) { return at }
            at += 1
        }
        return file.count
    }
}

/// Where a journal ends, as far as this window knows: what lies behind was never told to be in it.
package struct JournalPlace: Hashable, Sendable {
    /// The segment's ID; nil at the beginning of a journal.
    package var segment: [UInt8]?
    /// Its records and bytes.
    package var records: UInt64 = 0
    package var bytes = 0

    /// The content of a record 0: what the segment goes on from. No segment is zeros.
    var link: [UInt8] {
        (segment ?? [UInt8](repeating: 0, count: JournalSegment.idByteCount)) + records.bigEndianBytes
    }

    init() {}

    init(segment: [UInt8]?, records: UInt64, bytes: Int) {
        (self.segment, self.records, self.bytes) = (segment, records, bytes)
    }

    init?(link: [UInt8]) {
        guard link.count == JournalSegment.idByteCount + 8 else { return nil }
        let segment = Array(link.prefix(JournalSegment.idByteCount))
        self.segment = segment.allSatisfy { $0 == 0 } ? nil : segment
        records = link.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
}
