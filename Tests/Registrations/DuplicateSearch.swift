package import Casework

/// What the rules find among made-up registrations, and what they should have found.
package struct DuplicateSearch {
    package private(set) var found = 0
    package private(set) var right = 0
    package let real: Int
    /// Comparisons that were made.
    package private(set) var compared = 0
    /// Pairs that were wrong, and pairs that were missed, at most ``examplesMax``.
    package private(set) var wrong: [(ChildTraits, ChildTraits, Likeness)] = []
    package private(set) var missed: [(ChildTraits, ChildTraits)] = []
    static let examplesMax = 20

    /// The share of what was found that is right; 1 if nothing was found.
    package var precision: Double { found == 0 ? 1 : Double(right) / Double(found) }
    /// The share of what is there that was found.
    package var recall: Double { real == 0 ? 1 : Double(right) / Double(real) }

    /// Looks in the order of registration, each case among those before it that share a key, as a store does.
    package init(_ registrations: Registrations, rules: DuplicateRules = .standard, blockMax: Int = 64) {
        var index: [String: [Int]] = [:]
        var byChild: [Int: [Int]] = [:]
        var hits: Set<[Int]> = []
        for (place, registration) in registrations.all.enumerated() {
            byChild[registration.child, default: []].append(place)
            let keys = registration.traits.keys
            var others: Set<Int> = []
            for key in keys {
                if let block = index[key], block.count <= blockMax { others.formUnion(block) }
                index[key, default: []].append(place)
            }
            for other in others.sorted() {
                compared += 1
                let earlier = registrations.all[other]
                guard let likeness = rules.likeness(earlier.traits, registration.traits) else { continue }
                found += 1
                if earlier.child == registration.child {
                    right += 1
                    hits.insert([other, place])
                } else if wrong.count < Self.examplesMax {
                    wrong.append((earlier.traits, registration.traits, likeness))
                }
            }
        }
        let pairs = byChild.values.filter { $0.count == 2 }
        real = pairs.count
        for pair in pairs.sorted(by: { $0[0] < $1[0] }) where !hits.contains(pair) {
            guard missed.count < Self.examplesMax else { break }
            missed.append((registrations.all[pair[0]].traits, registrations.all[pair[1]].traits))
        }
    }
}
