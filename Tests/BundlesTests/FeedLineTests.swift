import SyncProtocol
import Testing

@testable import WindowAgent

@Suite("A stretch of a feed on a stick")
struct FeedLineTests {
    /// The places of a feed of six cases that enter; those from a position on are another central's.
    private static func feed(otherFrom: Int = 99) -> (entries: [FeedEntry], points: [FeedPoint]) {
        var (entries, points): ([FeedEntry], [FeedPoint]) = ([], [.start])
        for position in 1...6 {
            let world: UInt64 = position >= otherFrom ? 2 : 1
            let entry = FeedEntry.enters(CaseID(milliseconds: UInt64(position), random: (world, 0)))
            entries.append(entry)
            points.append(points[position - 1].passing(entry) ?? .start)
        }
        return (entries, points)
    }

    private static func part(
        _ feed: (entries: [FeedEntry], points: [FeedPoint]), _ range: Range<Int>, head: Int
    )
        -> ExchangeResponse
    {
        var part = ExchangeResponse(
            epoch: Epoch(rawValue: 1), head: feed.points[head], from: UInt64(range.lowerBound),
            milliseconds: 0,
            fingerprint: .empty)
        part.entries = Array(feed.entries[range])
        return part
    }

    @Test(
        "Whatever begins, ends and is known where: only what passes cursor and witness on the same chain is usable"
    )
    func verdicts() {
        let known = Self.feed()
        for start in 0...5 {
            for end in (start + 1)...6 {
                for cursor in 0...6 {
                    for witness in cursor...6 {
                        for other in 1...7 {
                            let told = Self.feed(otherFrom: other)
                            var line = FeedLine(known: [known.points[cursor], known.points[witness]])
                            let isAdded = line.add(
                                Self.part(told, start..<end, head: end), at: told.points[start])
                            #expect(isAdded && line.isWhole)
                            let isPassed = { (place: Int) in start <= place && place <= end && place >= other
                            }
                            let expected: FeedLine.Verdict =
                                end < witness
                                ? .old
                                : start > cursor
                                    ? .gap : isPassed(cursor) || isPassed(witness) ? .otherLine : .usable
                            let verdict = line.verdict(
                                cursor: known.points[cursor], witness: known.points[witness])
                            #expect(
                                verdict == expected,
                                "\(start)..\(end) at \(cursor), \(witness), other \(other)")
                        }
                    }
                }
            }
        }
    }

    @Test("Parts must follow each other and tell one head, and hold nothing but entries of the feed")
    func parts() {
        let feed = Self.feed()
        var line = FeedLine(known: [])
        let steps: [(range: Range<Int>, head: Int, at: Int, isTaken: Bool)] = [
            (0..<2, 6, 0, true), (3..<6, 6, 3, false), (2..<6, 5, 2, false), (2..<6, 6, 3, false),
            (2..<6, 6, 2, true),
        ]
        for step in steps {
            #expect(!line.isWhole)
            let isTaken = line.add(Self.part(feed, step.range, head: step.head), at: feed.points[step.at])
            #expect(isTaken == step.isTaken, "\(step)")
        }
        #expect(line.isWhole)
        var own = Self.part(feed, 0..<1, head: 1)
        own.entries = [.own(replica: ReplicaID(rawValue: 1), first: 1, last: 1)]
        var other = FeedLine(known: [])
        let isTaken = other.add(own, at: .start)
        #expect(!isTaken)
    }
}
