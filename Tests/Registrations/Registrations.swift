package import Casework
import SyncProtocol

/// Registrations made up from a seed: families with names, numbers and telephones; twins; mothers who give birth once more; and children
/// who are registered twice, with slips of the keyboard and of the ear.
package struct Registrations {
    /// One case, and the child that it is about.
    package struct Registration {
        package let traits: ChildTraits
        package let child: Int
    }

    package private(set) var all: [Registration] = []
    /// Children who are registered twice.
    package private(set) var doubleCount = 0
    private var random: SplitMix
    private var childCount = 0
    private let hospitalCount: Int

    /// - Parameters:
    ///   - births: deliveries of one year, beside those that follow on them.
    ///   - twice: registered twice, in a thousand.
    package init(births: Int, hospitals: Int = 40, twice: Int = 20, seed: UInt64) {
        random = SplitMix(state: seed)
        hospitalCount = hospitals
        for _ in 0..<births {
            var family = Family(hospitals: hospitals, &random)
            register(family, twice: twice)
            // A second pregnancy within the years that are looked at.
            guard roll(120) else { continue }
            family.give(birthAfter: Int.random(in: 300...1_000, using: &random), &random)
            register(family, twice: twice)
        }
    }

    private mutating func register(_ family: Family, twice: Int) {
        let isTwice = roll(twice)
        let firsts = family.children.map { child in add(family, child, number: nil) }
        link(firsts)
        guard isTwice else { return }
        var slips = family
        slips.makeSlips(hospitals: hospitalCount, &random)
        let seconds = zip(slips.children, firsts).map { child, first in
            add(slips, child, number: all[first].child)
        }
        // A second window often does not know that there were two.
        if roll(700) { link(seconds) }
        doubleCount += seconds.count
    }

    private mutating func add(_ family: Family, _ child: Family.Child, number: Int?) -> Int {
        if number == nil { childCount += 1 }
        let id = CaseID(
            milliseconds: UInt64(1_700_000_000_000 + all.count), random: (random.next(), random.next()))
        all.append(
            Registration(traits: ChildTraits(caseID: id, family.values(child)), child: number ?? childCount))
        return all.count - 1
    }

    private mutating func link(_ places: [Int]) {
        let ids = Set(places.map { all[$0].traits.caseID })
        for place in places where ids.count > 1 {
            let traits = all[place].traits
            all[place] = Registration(
                traits: ChildTraits(
                    caseID: traits.caseID, traits.values, linked: ids.subtracting([traits.caseID])),
                child: all[place].child)
        }
    }

    private mutating func roll(_ perThousand: Int) -> Bool {
        Int.random(in: 0..<1_000, using: &random) < perThousand
    }
}

/// A random generator with a seed (Steele, Lea and Flood, "Fast splittable pseudorandom number generators").
package struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    package init(state: UInt64) { self.state = state }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
