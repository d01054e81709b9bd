import Foundation
import Testing
import Web

@testable import FolderExchange

/// What ends the exchange's work at some step, as a power cut would between two calls of the system.
private struct Killed: Error {}

@Suite("A folder's exchange that is ended at any moment")
struct FolderKillTests {
    @Test(
        "At 400 random moments: each task appears exactly once, its pictures whole beside it, and each result counts exactly once; the seed is printed"
    )
    func killed() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = Steps(state: seed)
        let place = try Place()
        defer { place.clear() }
        var (told, sent, kills): ([Int], Int, Int) = ([], 0, 0)
        while kills < 400 {
            for _ in 0..<random.next(3) {
                let picture = (0..<random.next(200_000)).map { UInt8(truncatingIfNeeded: $0 &+ kills) }
                if random.next(2) == 0 { place.central.add() } else { place.central.addShowing(picture) }
            }
            if random.next(3) > 0 {
                let ids = (0..<(1 + random.next(3))).map { _ in
                    sent += 1
                    return "r\(sent)"
                }
                try place.put(Place.results(ids), as: "in\(sent).json")
            }
            let left = Guarded(random.next(60))
            do {
                _ = try await place.exchange(
                    hasPapers: true,
                    before: { _ in
                        let isOver = left.withLock { left in
                            left -= 1
                            return left < 0
                        }
                        if isOver { throw Killed() }
                    }
                ).round()
            } catch is Killed { kills += 1 }
            // The department takes away what is there, at any moment.
            if random.next(2) == 0 { told += try place.takeOut() }
        }
        _ = try await place.exchange(hasPapers: true).round()
        told += try place.takeOut()
        #expect(told.sorted() == Array(1...max(1, place.central.taskCount)), "seed \(seed)")
        let expected = Dictionary(uniqueKeysWithValues: (1...max(1, sent)).map { ("r\($0)", 1) })
        #expect(place.central.taken == expected, "seed \(seed)")
        #expect(try place.names(".state").filter { $0.hasPrefix("paper-") || $0.hasPrefix("wanted") }.isEmpty)
        #expect(try place.names("in").isEmpty && place.names("receipts").count == place.names("done").count)
    }
}

private struct Steps {
    var state: UInt64

    mutating func next(_ count: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % count
    }
}
