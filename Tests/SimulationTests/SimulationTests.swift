import Foundation
import Simulation
import Testing

@Suite("Hospitals and central in virtual time")
struct SimulationTests {
    /// How many seeds, from 1 on: `SEEDS=1000`. One of them, with its steps: `SEED=46`.
    private static let seeds: ClosedRange<UInt64> = {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["SEED"].flatMap({ UInt64($0) }) { return seed...seed }
        return 1...max(1, environment["SEEDS"].flatMap { UInt64($0) } ?? 200)
    }()

    private static let isTraced = ProcessInfo.processInfo.environment["SEED"] != nil

    /// Each runs its share one seed after the other, so that any number of seeds needs few open files.
    private static let lanes: UInt64 = 4

    @Test(
        "Whatever goes wrong, nothing saved or acknowledged is lost, and all end with the same",
        arguments: 0..<lanes)
    func combinations(lane: UInt64) async {
        for seed in Self.seeds where seed % Self.lanes == lane {
            let outcome = await Simulation.run(seed: seed)
            if Self.isTraced { print(outcome.trace.joined(separator: "\n")) }
            #expect(outcome.violations == [], "SEED=\(seed)")
        }
    }

    /// A seed means another story whenever the faults or their weights change: what a mended one showed is also a test of its own.
    @Test("Seeds that once broke a law", arguments: [173, 413] as [UInt64])
    func mended(seed: UInt64) async {
        #expect(await Simulation.run(seed: seed).violations == [])
    }

    @Test("A seed repeats all of it")
    func repeats() async {
        let (first, second) = (await Simulation.run(seed: 77), await Simulation.run(seed: 77))
        #expect(first.trace == second.trace && first.trace.count > 40)
    }

    @Test("Every fault happens")
    func happens() async {
        var names: Set<String> = []
        for seed in 1...40 as ClosedRange<UInt64> {
            names.formUnion(await Simulation.run(seed: seed).counts.keys)
        }
        #expect(names.isSuperset(of: Simulation.faults), "\(Set(Simulation.faults).subtracting(names))")
    }
}
