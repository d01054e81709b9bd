/// A run of one seed.
package enum Simulation {
    /// How one seed ended.
    package struct Outcome: Sendable {
        package let seed: UInt64
        /// Laws that were broken; empty if none was.
        package let violations: [String]
        /// What happened, a line a step.
        package let trace: [String]
        /// How often each thing happened.
        package let counts: [String: Int]
    }

    /// The names under which an outcome counts the faults.
    package static let faults = [
        "save", "settlement", "edit at central", "result", "exchange", "late answer", "late request",
        "restart", "power cut",
        "backup", "restore", "clone", "running clone", "computer gone", "clock", "backup of central",
        "restore of central", "crash of central", "forgery", "poison", "resync", "move",
        "export", "export at central", "import", "import at central",
    ]

    /// Lets things happen to a world, lets it come to rest, and judges it.
    package static func run(seed: UInt64) async -> Outcome {
        do {
            let world = try await World(seed: seed)
            do {
                try await world.run(steps: 20 + Int(seed % 60))
                let survivors = try await world.survivors()
                try await world.settle()
                try await world.judge(survivors)
            } catch {
                world.violate("it broke off: \(error)")
            }
            return Outcome(seed: seed, violations: world.violations, trace: world.trace, counts: world.counts)
        } catch {
            return Outcome(seed: seed, violations: ["no world: \(error)"], trace: [], counts: [:])
        }
    }
}
