import Foundation
import SyncProtocol
import Testing

/// What the design demands of 1,000,000 cases (section 12). Bytes are of the messages before compression and HTTP.
@Suite("Verify: a million cases", .serialized)
struct VerifyFigureTests {
    static let count = 1_000_000

    private static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let began = Date()
        try body()
        return Date().timeIntervalSince(began)
    }

    private static func tell(_ what: String, _ outcome: VerifyWorld.Outcome) {
        print(
            "VERIFY \(what): \(outcome.result.rounds) round trips, \(outcome.bytesUp) bytes up, "
                + "\(outcome.bytesDown) down, \(outcome.result.cases.count) cases")
    }

    @Test("Equal: one round trip; ten recent: four, 8 KiB; ten scattered: eight, 64 KiB")
    func figures() throws {
        var random = SeededGenerator(seed: 12)
        let items = VerifyWorld.equal(count: Self.count, &random).here
        let before = addressSpaceKiB()
        var there = SortedSums([])
        let built = Self.seconds { there = SortedSums(items) }
        print("VERIFY built in \(built) s, address space + \((addressSpaceKiB() - before) / 1024) MiB")

        let equal = try VerifyWorld.verify(there, there)
        Self.tell("equal", equal)
        #expect(equal.result.isEqual && equal.result.rounds == 1)
        #expect(equal.bytesUp + equal.bytesDown <= 300)

        for (name, here, expected, rounds, bytes) in variants(there, items, &random) {
            let outcome = try VerifyWorld.verify(here, there)
            Self.tell(name, outcome)
            #expect(outcome.result.cases == expected.sorted(), "\(name)")
            #expect(outcome.result.rounds <= rounds, "\(name)")
            #expect(
                outcome.bytesUp + outcome.bytesDown <= bytes - rounds * 800, "\(name): with HTTP's own bytes")
        }
        var sums = there
        let old = items[1]
        let moved = SortedSums.Item(
            old.place.caseID, lastTime: HybridTime(rawValue: Limits.counterMax), sum: old.sum)
        print("VERIFY one case replaced in \(Self.seconds { sums.replace(old, with: moved) }) s")
    }

    private typealias Variant = (
        name: String, here: SortedSums, expected: [CaseID], roundsMax: Int, bytesMax: Int
    )

    private func variants(
        _ all: SortedSums, _ items: [SortedSums.Item], _ random: inout SeededGenerator
    ) -> [Variant] {
        let newest = items.sorted { $0.place > $1.place }.prefix(10)
        let scattered = (0..<10).map { $0 * 99_991 + 17 }.map { items[$0] }
        func lacking(_ gone: some Sequence<SortedSums.Item>) -> SortedSums {
            var sums = all
            for item in gone { sums.replace(item, with: nil) }
            return sums
        }
        // As they were before their last change: somewhere long ago.
        var older = all
        for item in newest {
            let time = HybridTime(milliseconds: 1_750_000_000_000 + random.next() % 100_000_000_000)
            older.replace(
                item,
                with: SortedSums.Item(item.place.caseID, lastTime: time, sum: VerifyWorld.sum(&random)))
        }
        var changed = all
        for item in scattered {
            changed.replace(item, with: SortedSums.Item(place: item.place, sum: VerifyWorld.sum(&random)))
        }
        let (recent, old) = (newest.map(\.place.caseID), scattered.map(\.place.caseID))
        return [
            ("10 recent cases lacking", lacking(newest), recent, 4, 8 * 1024),
            ("10 old cases changed lately", older, recent, 4, 8 * 1024),
            ("10 scattered cases lacking", lacking(scattered), old, 8, 64 * 1024),
            ("10 scattered cases differing", changed, old, 8, 64 * 1024),
            ("10 recent and 10 scattered", lacking(newest + scattered), recent + old, 8, 64 * 1024),
        ]
    }

    @Test("Thousands of differences are found within the limits, or given up")
    func many() throws {
        var random = SeededGenerator(seed: 13)
        var world = VerifyWorld.equal(count: 200_000, &random)
        world.there.removeLast(4000)
        let outcome = try world.verify()
        Self.tell("4,000 scattered of 200,000", outcome)
        #expect(outcome.result.isComplete)
        #expect(outcome.result.onlyHere.count == 4000)
        world.there.removeLast(40_000)
        let given = try world.verify()
        Self.tell("44,000 scattered of 200,000", given)
        #expect(!given.result.isComplete)
    }
}
