import Foundation
import Simulation

/// `soak [--minutes N] [--from SEED] [--state FILE] [--trace]`: simulates one seed after the other, and ends with 1 at the first that breaks a law.
@main
enum Soak {
    static func main() async {
        var seed: UInt64 = 0
        var count: UInt64 = 1
        let arguments = CommandLine.arguments
        func value(_ name: String) -> String? {
            arguments.firstIndex(of: name).flatMap { arguments.indices.contains($0 + 1) ? arguments[$0 + 1] : nil }
        }
        seed = value("--from").flatMap { UInt64($0) } ?? 0
        count = value("--count").flatMap { UInt64($0) } ?? 1
        var bad = 0
        var counts: [String: Int] = [:]
        let began = Date()
        for seed in seed..<(seed + count) {
            let outcome = await Simulation.run(seed: seed)
            counts.merge(outcome.counts) { $0 + $1 }
            if arguments.contains("--trace") { for line in outcome.trace { print(line) } }
            if !outcome.violations.isEmpty {
                bad += 1
                print("seed \(seed):")
                for line in outcome.violations.prefix(6) { print("   ", line) }
            }
        }
        print(count, "seeds", bad, "bad", Date().timeIntervalSince(began), "s", counts.sorted { $0.key < $1.key })
    }
}
