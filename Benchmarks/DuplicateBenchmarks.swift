import Casework
import Foundation
import Registrations

extension Benchmark {
    /// Looking for the same child in two cases.
    static var duplicates: [Benchmark] {
        let registrations = Registrations(births: 5_000, seed: 42)
        let pairs = zip(registrations.all, registrations.all.dropFirst()).map { ($0.traits, $1.traits) }
        return [
            Benchmark("duplicates: keys of a case", count: pairs.count) {
                pairs.reduce(0) { $0 &+ $1.0.keys.count }
            },
            Benchmark("duplicates: compare two cases", count: pairs.count) {
                pairs.reduce(0) { $0 &+ (DuplicateRules.standard.likeness($1.0, $1.1)?.score ?? 1) }
            },
        ]
    }
}

/// How much is found and how much of it is right, for several seeds: a row each.
func printDuplicateQuality() {
    print(
        "\nduplicates among made-up registrations: 30,000 deliveries of 40 hospitals in a year, 2 % registered twice with slips"
    )
    print("seed  cases  real  found  right  precision  recall  comparisons per case")
    for seed in UInt64(1)...3 {
        let registrations = Registrations(births: 30_000, seed: seed)
        let search = DuplicateSearch(registrations)
        print(
            String(
                format: "%4d  %5d  %4d  %5d  %5d    %.4f   %.4f  %.3f", Int(seed), registrations.all.count,
                search.real, search.found, search.right, search.precision, search.recall,
                Double(search.compared) / Double(registrations.all.count)))
    }
}
