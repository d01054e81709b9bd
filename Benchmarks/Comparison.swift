import Foundation

/// Something that is measured with what it is compared to beside it, in turns, so that both suffer from the same noise.
struct Comparison {
    let name: String
    /// What the baseline is.
    let baselineName: String
    /// How often one run does it.
    let count: Int
    let demand: Demand
    /// Seconds that one run took for all of it. Each run begins from nothing.
    let run: () async throws -> Double
    let baseline: () async throws -> Double

    /// What must be reached.
    enum Demand {
        /// At most so many times the baseline's time.
        case timesBaseline(Double)
        /// At least this share of the baseline's speed.
        case shareOfSpeed(Double)
        /// Nothing: it is shown only.
        case shown
    }

    /// Both once for warmth, then in turns.
    func measured(runs: Int = 5) async throws -> Outcome {
        _ = (try await baseline(), try await run())
        var pairs: [Outcome.Pair] = []
        for _ in 0..<runs {
            let bare = try await baseline()
            pairs.append(Outcome.Pair(seconds: try await run(), baselineSeconds: bare))
        }
        return Outcome(comparison: self, pairs: pairs)
    }

    /// What several runs came to.
    struct Outcome {
        struct Pair: Encodable {
            let seconds: Double
            let baselineSeconds: Double
        }

        let comparison: Comparison
        /// In the order of the runs; never empty.
        let pairs: [Pair]

        var seconds: Double { Self.median(pairs.map(\.seconds)) }
        var baselineSeconds: Double { Self.median(pairs.map(\.baselineSeconds)) }
        /// The baseline's time in ours, each from one pair; the median of them.
        var share: Double { Self.median(pairs.map { $0.baselineSeconds / $0.seconds }) }
        var spread: Double {
            let shares = pairs.map { $0.baselineSeconds / $0.seconds }.sorted()
            return (shares[shares.count - 1] - shares[0]) / share
        }

        var isReached: Bool {
            switch comparison.demand {
            case .timesBaseline(let factor): 1 / share <= factor
            case .shareOfSpeed(let least): share >= least
            case .shown: true
            }
        }

        private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

        private func perSecond(_ seconds: Double) -> String {
            String(format: "%.0f", Double(comparison.count) / seconds)
        }

        var row: [String] {
            let demanded =
                switch comparison.demand {
                case .timesBaseline(let factor): "\(isReached ? "✓" : "✗") ≤ \(factor) × its time"
                case .shareOfSpeed(let least): "\(isReached ? "✓" : "✗") ≥ \(Int(least * 100)) % of its speed"
                case .shown: ""
                }
            return [
                comparison.name, "\(comparison.count)", perSecond(seconds), comparison.baselineName,
                perSecond(baselineSeconds), String(format: "%.1f %%", share * 100),
                String(format: "±%.1f %%", spread * 50), demanded,
            ]
        }

        static let columns = [
            "benchmark", "times", "per s", "beside", "per s", "share", "spread", "demanded",
        ]

        var record: Record {
            Record(
                name: comparison.name, baseline: comparison.baselineName, count: comparison.count,
                pairs: pairs,
                medianShare: share, isReached: isReached)
        }

        struct Record: Encodable {
            let name: String
            let baseline: String
            let count: Int
            let pairs: [Pair]
            let medianShare: Double
            let isReached: Bool
        }
    }
}

/// How long something takes.
func seconds(_ body: () async throws -> Void) async rethrows -> Double {
    let time = try await ContinuousClock().measure(body)
    return Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
}

/// A directory that goes with the value.
final class Scratch {
    let path = NSTemporaryDirectory() + "benchmark-" + UUID().uuidString

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }  // what stays is only litter
}
