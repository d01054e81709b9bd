import Cryptography
import Testing

@testable import SyncProtocol

@Suite("Verify: what is found is what differs")
struct VerifyLawTests {
    /// Takes away, adds and changes cases on either side; a changed case may move to the recent end or stay.
    private static func world(_ random: inout SeededGenerator) -> VerifyWorld {
        var world = VerifyWorld.equal(count: Int(random.magnitude() % 3000), &random)
        for _ in 0..<Int(random.magnitude() % 40) where !world.here.isEmpty {
            let index = Int(random.next() % UInt64(world.here.count))
            let item = world.here[index]
            switch random.next() % 5 {
            case 0: world.here.remove(at: index)
            case 1: world.there.removeAll { $0.place == item.place }
            case 2: world.here.append(VerifyWorld.item(&random))
            case 3: world.there.append(VerifyWorld.item(&random, after: 100_000_000_000))
            default:
                let time = random.chance(1, in: 2) ? UInt64(Limits.counterMax) : item.place.lastTime.rawValue
                world.here[index] = SortedSums.Item(
                    item.place.caseID, lastTime: HybridTime(rawValue: time), sum: VerifyWorld.sum(&random))
            }
        }
        return world
    }

    @Test("The result is exactly the symmetric difference, whatever differs", arguments: 0..<200)
    func symmetricDifference(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let world = Self.world(&random)
        let outcome = try world.verify()
        let expected = world.expected
        #expect(outcome.result.isComplete, "SEED \(seed)")
        #expect(outcome.result.onlyHere == expected.onlyHere, "SEED \(seed)")
        #expect(outcome.result.onlyThere == expected.onlyThere, "SEED \(seed)")
        #expect(outcome.result.differing == expected.differing, "SEED \(seed)")
        #expect(outcome.result.rounds <= 8, "SEED \(seed)")
    }

    @Test(
        "Nothing against much, and much against nothing, is found or given up, never called equal",
        arguments: [(0, 0), (0, 1), (1, 0), (0, 17), (17, 0), (3000, 0), (0, 3000), (0, 9000), (9000, 0)])
    func oneSided(hereCount: Int, thereCount: Int) throws {
        var random = SeededGenerator(seed: 1)
        let world = VerifyWorld(
            here: (0..<hereCount).map { _ in VerifyWorld.item(&random) },
            there: (0..<thereCount).map { _ in VerifyWorld.item(&random) })
        let result = try world.verify().result
        #expect(result.isEqual == (hereCount + thereCount == 0))
        if hereCount + thereCount <= Limits.verifyDifferencesMax {
            #expect(result.onlyHere.count == hereCount)
            #expect(result.onlyThere.count == thereCount)
            #expect(result.isComplete)
        } else {
            #expect(!result.isComplete)
        }
    }

    @Test("Cases whose last changes have the same time are told apart by their names")
    func sameTime() throws {
        var random = SeededGenerator(seed: 2)
        let items = (0..<2000).map { _ in
            SortedSums.Item(
                CaseID(milliseconds: 5, random: (random.next(), random.next())),
                lastTime: HybridTime(rawValue: 9), sum: VerifyWorld.sum(&random))
        }
        let world = VerifyWorld(here: Array(items.dropFirst(3)), there: Array(items.dropLast(2)))
        let result = try world.verify().result
        #expect(result.onlyThere == items.prefix(3).map(\.place.caseID).sorted())
        #expect(result.onlyHere == items.suffix(2).map(\.place.caseID).sorted())
    }

    @Test("One case alone is compared in one round", arguments: 0..<3)
    func oneCase(kind: Int) throws {
        var random = SeededGenerator(seed: kind)
        var world = VerifyWorld.equal(count: 500, &random)
        let item = world.here[77]
        if kind == 1 { world.there.remove(at: 77) }
        if kind == 2 { world.there[77] = SortedSums.Item(place: item.place, sum: VerifyWorld.sum(&random)) }
        world.there.removeLast(3)  // of other cases nothing is asked
        var initiator = VerifyInitiator(
            only: item.place, in: SortedSums(world.here), of: VerifyWorld.hospital, at: VerifyWorld.point)
        let responder = VerifyResponder(SortedSums(world.there), at: VerifyWorld.point)
        let result = try VerifyWorld.run(&initiator, responder).result
        #expect(result.rounds == 1)
        #expect(result.cases == (kind == 0 ? [] : [item.place.caseID]))
    }

    @Test("Another place in the feed answers nothing, and the agent hears of it")
    func elsewhere() throws {
        var random = SeededGenerator(seed: 3)
        let sums = SortedSums(VerifyWorld.equal(count: 50, &random).here)
        var initiator = VerifyInitiator(sums, of: VerifyWorld.hospital, at: VerifyWorld.point)
        let other = FeedPoint(position: 8, chain: .start)
        let response = VerifyResponder(sums, at: other).answer(initiator.first)
        #expect(response == VerifyResponse(point: other))
        #expect(try initiator.receive(response) == .elsewhere(other))
    }
}

@Suite("Verify: sums of ranges")
struct SortedSumsTests {
    @Test(
        "Every range has the sum of its cases, and a replaced case stands as in a new table",
        arguments: 0..<30)
    func ranges(seed: Int) {
        var random = SeededGenerator(seed: seed)
        var items = (0..<Int(random.next() % 200)).map { _ in VerifyWorld.item(&random) }
        var sums = SortedSums(items)
        for _ in 0..<20 {
            let old = random.chance(1, in: 3) ? nil : items.randomElement(using: &random)
            let new = random.chance(1, in: 4) ? nil : VerifyWorld.item(&random)
            items.removeAll { $0 == old }
            if let new { items.append(new) }
            sums.replace(old, with: new)
            let fresh = SortedSums(items)
            #expect(sums.total == fresh.total, "SEED \(seed)")
            let bounds = [VerifyWorld.item(&random), VerifyWorld.item(&random)].map {
                ScopeBound(before: $0.place)
            }
            .sorted()
            let range = sums.indices(from: bounds[0], to: bounds[1])
            let inside = items.filter {
                ScopeBound(before: $0.place) >= bounds[0] && ScopeBound(before: $0.place) < bounds[1]
            }
            var total = Fingerprint.empty
            for item in inside { total.add(item.sum) }
            #expect(SumMark(rawValue: sums.sum(range)) == SumMark(total), "SEED \(seed)")
            #expect(range == fresh.indices(from: bounds[0], to: bounds[1]), "SEED \(seed)")
            #expect(range.count == inside.count, "SEED \(seed)")
        }
    }

    @Test("A bound lies between its places, in as few bytes as decide", arguments: 0..<100)
    func bounds(seed: Int) {
        var random = SeededGenerator(seed: seed)
        var (low, high) = (VerifyWorld.item(&random).place, VerifyWorld.item(&random).place)
        if seed % 3 == 1 { high = ScopePlace(lastTime: low.lastTime, caseID: high.caseID) }
        if high < low { swap(&low, &high) }
        let bound = ScopeBound(between: low, and: high)
        #expect(bound > ScopeBound(before: low) && bound <= ScopeBound(before: high), "SEED \(seed)")
        #expect(ScopeBound(bytes: bound.bytes) == bound, "SEED \(seed)")
        let shorter = Array(bound.bytes.dropLast())
        let trimmed = Array(shorter.reversed().drop { $0 == 0 }.reversed())
        let cut = ScopeBound(bytes: trimmed)
        #expect(cut.map { $0 <= ScopeBound(before: low) } ?? false, "SEED \(seed)")
    }

    @Test("Bounds in another form, too long, or beyond the end are refused")
    func malformedBounds() {
        #expect(ScopeBound(bytes: []) == .start)
        #expect(ScopeBound(bytes: [0x80]) == .end)
        #expect(ScopeBound(bytes: [0]) == nil)
        #expect(ScopeBound(bytes: [1, 0]) == nil)
        #expect(ScopeBound(bytes: [0x80, 1]) == nil)
        #expect(ScopeBound(bytes: [UInt8](repeating: 1, count: 24)) != nil)
        #expect(ScopeBound(bytes: [UInt8](repeating: 1, count: 25)) == nil)
    }
}
