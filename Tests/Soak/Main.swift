import Foundation
import Simulation

/// `soak [--minutes N] [--seeds N] [--from SEED] [--state FILE]`: simulates one seed after the other for as long, or as many, as
/// told, and ends with 1 at the first that breaks a law; at last it tells how often what happened. The state file keeps the last seed that passed, so that the next run goes on there.
@main
enum Soak {
    static func main() async {
        var options = Options(CommandLine.arguments.dropFirst())
        let end = options.minutes.map { Date(timeIntervalSinceNow: $0 * 60) } ?? .distantFuture
        var told = Date.now
        let first = options.seed
        var counts: [String: Int] = [:]
        while Date.now < end, options.seed - first < options.seeds {
            let outcome = await Simulation.run(seed: options.seed)
            guard outcome.violations.isEmpty else { fail(outcome, after: counts) }
            counts.merge(outcome.counts, uniquingKeysWith: +)
            options.pass()
            guard -told.timeIntervalSinceNow >= 60 else { continue }
            told = .now
            tell(options, since: first)
        }
        tell(counts)
        tell(options, since: first)
    }

    /// How often what happened, in seeds that passed.
    private static func tell(_ counts: [String: Int]) {
        say(counts.sorted { $0.key < $1.key }.map { "\($0) \($1)" }.joined(separator: ", "))
    }

    private static func tell(_ options: Options, since first: UInt64) {
        say(
            "\(options.seed - first) seeds passed; the last is \(options.seed - 1), of \(options.count) in all"
        )
    }

    private static func fail(_ outcome: Simulation.Outcome, after counts: [String: Int]) -> Never {
        tell(counts)
        for line in outcome.trace { say(line) }
        say("SEED=\(outcome.seed) breaks:")
        for line in outcome.violations { say("  \(line)") }
        exit(1)
    }
}

/// Where to begin, how long to go on, and how many seeds have passed.
struct Options {
    let minutes: Double?
    /// Seeds in this run.
    let seeds: UInt64
    private(set) var seed: UInt64 = 1
    private(set) var count: UInt64 = 0
    private let state: String?

    init(_ arguments: ArraySlice<String>) {
        var values: [String: String] = [:]
        var rest = arguments
        while let name = rest.popFirst() { values[name] = rest.popFirst() ?? "" }
        guard values.keys.allSatisfy(["--minutes", "--seeds", "--from", "--state"].contains) else {
            say("usage: soak [--minutes N] [--seeds N] [--from SEED] [--state FILE]")
            exit(64)
        }
        minutes = values["--minutes"].flatMap { Double($0) }
        seeds = values["--seeds"].flatMap { UInt64($0) } ?? .max
        state = values["--state"]
        // The first time there is none.
        let kept = state.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) } ?? ""
        let numbers = kept.split(whereSeparator: \.isWhitespace).compactMap { UInt64($0) }
        if numbers.count == 2 { (seed, count) = (numbers[0] + 1, numbers[1]) }
        if let from = values["--from"].flatMap({ UInt64($0) }) { seed = from }
    }

    /// A seed has passed: notes it, and goes on to the next.
    mutating func pass() {
        count += 1
        if let state {
            // What is not noted is run again.
            try? "\(seed) \(count)\n".write(toFile: state, atomically: true, encoding: .utf8)
        }
        seed += 1
    }
}

/// Writes a line at once, also into a file.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
