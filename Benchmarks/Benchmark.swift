import Foundation

/// Something whose time is measured: one file per subject holds its benchmarks.
struct Benchmark {
    let name: String
    /// How often one run does it.
    let count: Int
    /// Seconds that one run may take at most, if a bound is demanded.
    let secondsMax: Double?
    /// Does it `count` times, and returns something that depends on all of it, so that nothing is left out as
    /// unused.
    let run: () -> Int

    init(_ name: String, count: Int, secondsMax: Double? = nil, run: @escaping () -> Int) {
        self.name = name
        self.count = count
        self.secondsMax = secondsMax
        self.run = run
    }

    /// Runs it once for warmth, then several times.
    func measured(runs: Int = 5) -> Measurement {
        var check = run()
        var seconds: [Double] = []
        for _ in 0..<runs {
            let clock = ContinuousClock()
            let time = clock.measure { check ^= run() }
            seconds.append(
                Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18)
        }
        return Measurement(benchmark: self, seconds: seconds.sorted(), check: check)
    }
}

/// The times of several runs of one benchmark.
struct Measurement {
    let benchmark: Benchmark
    /// Of each run, the shortest first; never empty.
    let seconds: [Double]
    /// What the runs returned.
    let check: Int

    var median: Double { seconds[seconds.count / 2] }
    /// Between the shortest and the longest run, as a share of the median.
    var spread: Double { (seconds[seconds.count - 1] - seconds[0]) / median }
    var microsecondsEach: Double { median / Double(benchmark.count) * 1e6 }
    var isReached: Bool { benchmark.secondsMax.map { median <= $0 } ?? true }

    /// A row of the table.
    var row: [String] {
        [
            benchmark.name, "\(benchmark.count)", String(format: "%.4f", median),
            String(format: "±%.1f %%", spread * 50), String(format: "%.2f", microsecondsEach),
            benchmark.secondsMax.map { "\(isReached ? "✓" : "✗") ≤ \($0) s" } ?? "",
        ]
    }

    var record: Record {
        Record(
            name: benchmark.name, count: benchmark.count, medianSeconds: median, seconds: seconds,
            secondsMax: benchmark.secondsMax, isReached: isReached)
    }

    /// A measurement as the JSON file holds it.
    struct Record: Encodable {
        let name: String
        let count: Int
        let medianSeconds: Double
        let seconds: [Double]
        let secondsMax: Double?
        let isReached: Bool
    }

    static let columns = ["benchmark", "times", "median s", "spread", "µs each", "demanded"]
}
