import Cryptography
import Foundation
import SyncProtocol
import Testing

@testable import Accounts

/// A log as a store would hold it, made from a seed.
private struct Log {
    var head: AuditHead
    var lines: [StoredAuditLine]
    let chain: AuditChain

    init(_ count: Int, seed: UInt64, key: UInt8 = 1, cut: UInt64 = 0) {
        var random = Random(seed: seed)
        chain = AuditChain(key: SecretBytes([UInt8](repeating: key, count: 32)))
        let log = (0..<16).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        var place = AuditPlace(sequence: 0, value: chain.start(of: log))
        var (begin, lines): (AuditPlace, [StoredAuditLine]) = (place, [])
        for number in 1...UInt64(count) {
            let line = Self.line(&random)
            let value = chain.value(after: place.value, number, line.encoded)
            place = AuditPlace(sequence: number, value: value)
            if number == cut { begin = place }
            guard number > cut else { continue }
            lines.append(
                StoredAuditLine(
                    sequence: number, bytes: line.encoded, value: value, milliseconds: line.milliseconds,
                    firstCase: line.cases.first))
        }
        (head, self.lines) = (AuditHead(log: log, cut: begin, end: place), lines)
    }

    static func line(_ random: inout Random) -> AuditLine {
        let kinds = AuditKind.allCases
        var line = AuditLine(
            kinds[Int(random.next() % UInt64(kinds.count))],
            at: 1_790_000_000_000 + random.next() % 1_000_000,
            site: random.next() % 2 == 0 ? .window : .central, route: "GET /cases/{id}")
        line.who = "user\(random.next() % 9)"
        line.action = Action.allCases[Int(random.next() % UInt64(Action.allCases.count))]
        for _ in 0..<(random.next() % 3) {
            line.touch(CaseID(milliseconds: random.next() % 1000, random: (1, 2)))
        }
        if random.next() % 3 == 0 { line.reason = "群众咨询" }
        if random.next() % 4 == 0 { line.status = 403 }
        return line
    }

    func verdict(anchors: [AuditAnchor] = []) -> AuditVerdict {
        var walk = AuditWalk(head, chain, anchors: anchors)
        for line in lines { walk.take(line) }
        return walk.finish()
    }

    /// The same row under another number.
    static func renumbered(_ line: StoredAuditLine, _ sequence: UInt64) -> StoredAuditLine {
        StoredAuditLine(
            sequence: sequence, bytes: line.bytes, value: line.value, milliseconds: line.milliseconds,
            firstCase: line.firstCase)
    }
}

struct Random {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite("The chain of the audit log")
struct AuditWalkTests {
    @Test("A line is read as it was written, whatever is in it", arguments: UInt64(0)..<64)
    func roundTrip(seed: UInt64) throws {
        var random = Random(seed: seed)
        let line = Log.line(&random)
        #expect(try AuditLine(decoding: line.encoded) == line)
    }

    @Test(
        "A log that nobody touched is whole, cut at its front or not, and with every anchor",
        arguments: UInt64(0)..<32)
    func whole(seed: UInt64) {
        for cut in [UInt64(0), 7] {
            let log = Log(20, seed: seed, cut: cut)
            let anchors = log.lines.map {
                AuditAnchor(log: log.head.log, sequence: $0.sequence, value: $0.value)
            }
            let verdict = log.verdict(anchors: anchors)
            #expect(verdict.isWhole && verdict.lines == 20 - Int(cut) && verdict.anchors == anchors.count)
        }
    }

    @Test(
        "Whatever is done to any one line is found at that line or before the next", arguments: UInt64(0)..<24
    )
    func tampered(seed: UInt64) throws {
        let log = Log(12, seed: seed), other = Log(12, seed: seed, key: 2)
        for place in log.lines.indices {
            let number = log.lines[place].sequence
            for (name, changed) in changes(log, other, at: place) {
                var log = log
                log.lines = changed
                let verdict = log.verdict()
                #expect(!verdict.isWhole, "seed \(seed): \(name) at \(number)")
                let first = try #require(verdict.faults.map(\.sequence).min(), "seed \(seed): \(name)")
                #expect(
                    first >= number - min(number, 1) && first <= number + 1,
                    "seed \(seed): \(name) at \(number)")
            }
        }
    }

    /// Every way to spoil a line, and a way to move and to put one in.
    private func changes(_ log: Log, _ other: Log, at place: Int) -> [(String, [StoredAuditLine])] {
        let lines = log.lines, line = lines[place]
        func with(_ changed: StoredAuditLine) -> [StoredAuditLine] {
            var all = lines
            all[place] = changed
            return all
        }
        var bytes = line.bytes ?? []
        bytes[bytes.count / 2] ^= 1
        var ways: [(String, [StoredAuditLine])] = [
            (
                "altered",
                with(
                    StoredAuditLine(
                        sequence: line.sequence, bytes: bytes, value: line.value,
                        milliseconds: line.milliseconds, firstCase: line.firstCase))
            ),
            (
                "does not open",
                with(
                    StoredAuditLine(
                        sequence: line.sequence, bytes: nil, value: line.value,
                        milliseconds: line.milliseconds, firstCase: line.firstCase))
            ),
            (
                "another time",
                with(
                    StoredAuditLine(
                        sequence: line.sequence, bytes: line.bytes, value: line.value,
                        milliseconds: line.milliseconds + 1, firstCase: line.firstCase))
            ),
            (
                "another case",
                with(
                    StoredAuditLine(
                        sequence: line.sequence, bytes: line.bytes, value: line.value,
                        milliseconds: line.milliseconds, firstCase: CaseID(milliseconds: 5, random: (9, 9))))
            ),
            (
                "another value",
                with(
                    StoredAuditLine(
                        sequence: line.sequence, bytes: line.bytes, value: .zero,
                        milliseconds: line.milliseconds, firstCase: line.firstCase))
            ),
            ("of another store", with(Log.renumbered(other.lines[place], line.sequence))),
        ]
        ways += moves(lines, at: place)
        return ways
    }

    /// Removed, put in, or moved.
    private func moves(_ lines: [StoredAuditLine], at place: Int) -> [(String, [StoredAuditLine])] {
        var ways: [(String, [StoredAuditLine])] = []
        var removed = lines
        removed.remove(at: place)
        ways.append(("removed", removed))
        // Removed, and those behind it moved up: no number is missing.
        ways.append(
            ("removed and closed", removed.enumerated().map { Log.renumbered($1, lines[$0].sequence) }))
        var doubled = lines
        doubled.insert(lines[place], at: place)
        ways.append(("put in", doubled.enumerated().map { Log.renumbered($1, UInt64($0) + 1) }))
        if place + 1 < lines.count {
            var swapped = lines
            swapped.swapAt(place, place + 1)
            ways.append(("swapped", swapped.enumerated().map { Log.renumbered($1, lines[$0].sequence) }))
        }
        return ways
    }

    @Test(
        "An end that was cut off together with what the store notes is found by an anchor behind the cut, and by no other",
        arguments: 1..<12)
    func cutTail(count: Int) {
        let whole = Log(12, seed: 5)
        var log = whole
        log.lines = Array(log.lines.prefix(count))
        log.head.end = AuditPlace(sequence: UInt64(count), value: log.lines[count - 1].value)
        func anchor(_ number: Int) -> AuditAnchor {
            AuditAnchor(log: log.head.log, sequence: UInt64(number), value: whole.lines[number - 1].value)
        }
        #expect(log.verdict().isWhole)
        #expect(log.verdict(anchors: [anchor(count)]).isWhole)
        let found = log.verdict(anchors: [anchor(12)])
        #expect(found.faults.map(\.fault) == [.cut])
        // Another log's anchor says nothing of this one.
        let foreign = AuditAnchor(log: [UInt8](repeating: 1, count: 16), sequence: 12, value: .zero)
        #expect(log.verdict(anchors: [foreign]).isWhole)
        // Written on as if nothing had been: the anchor in between is another.
        for number in count..<12 {
            let place = log.head.end
            let bytes = AuditLine(.read, at: 1, site: .window, route: "x\(number)").encoded
            let value = log.chain.value(after: place.value, place.sequence + 1, bytes)
            log.lines.append(
                StoredAuditLine(
                    sequence: place.sequence + 1, bytes: bytes, value: value, milliseconds: 1, firstCase: nil)
            )
            log.head.end = AuditPlace(sequence: place.sequence + 1, value: value)
        }
        #expect(log.verdict().isWhole)
        #expect(log.verdict(anchors: [anchor(12)]).faults.map(\.fault) == [.anchor])
    }

    @Test("Anchors alone tell a log that went back or goes on in two places, and no log that only grew")
    func anchorsAlone() {
        let log = Log(9, seed: 3)
        func kept(_ number: Int, _ value: Digest? = nil) -> KeptAnchor {
            KeptAnchor(
                AuditAnchor(
                    log: log.head.log, sequence: UInt64(number), value: value ?? log.lines[number - 1].value),
                milliseconds: 1)
        }
        #expect(KeptAnchor.faults(of: [kept(2), kept(5), kept(9)]).isEmpty)
        #expect(KeptAnchor.faults(of: [kept(2), kept(5), kept(3), kept(6)]).map(\.fault) == [.cut])
        #expect(KeptAnchor.faults(of: [kept(2), kept(5), kept(5, .zero)]).map(\.fault) == [.anchor])
    }

    @Test(
        "A line names so many cases and counts the others; a text that is too long is cut, and never makes a line unreadable"
    )
    func limits() throws {
        var line = AuditLine(.change, at: 1, site: .central, route: "r")
        for number in 0..<100 { line.touch(CaseID(milliseconds: UInt64(number), random: (0, 0))) }
        #expect(line.cases.count == AuditLine.casesMax && line.moreCases == 68)
        line.reason = String(repeating: "由", count: 5000)
        let read = try AuditLine(decoding: line.encoded)
        #expect(try #require(read.reason).utf8.count <= AuditLine.textBytesMax)
        #expect(read.reason?.first == "由")
    }
}
