import Foundation

/// How long something took each time, with the bound for the 99th of a hundred.
struct Latency {
    let name: String
    /// The shortest first; never empty. Milliseconds, unless the name says otherwise.
    let times: [Double]
    let most: Double?

    init(_ name: String, _ times: [Double], max most: Double? = nil) {
        precondition(!times.isEmpty, "something was measured")
        (self.name, self.times, self.most) = (name, times.sorted(), most)
    }

    /// The time that so many hundredths do not exceed.
    func percentile(_ hundredths: Int) -> Double {
        times[min(times.count - 1, times.count * hundredths / 100)]
    }

    var isReached: Bool { most.map { percentile(99) <= $0 } ?? true }

    static let columns = ["work list, 100,000 cases", "times", "p50 ms", "p99 ms", "most", "demanded"]

    var row: [String] {
        [
            name, "\(times.count)", String(format: "%.1f", percentile(50)),
            String(format: "%.1f", percentile(99)),
            String(format: "%.1f", times[times.count - 1]),
            most.map { "\(isReached ? "✓" : "✗") ≤ \(Int($0))" } ?? "",
        ]
    }

    var record: Record {
        Record(
            name: name, count: times.count, median: percentile(50), percentile99: percentile(99),
            most: times[times.count - 1], isReached: isReached)
    }

    /// As the JSON file holds it.
    struct Record: Encodable {
        let name: String
        let count: Int
        let median: Double
        let percentile99: Double
        let most: Double
        let isReached: Bool
    }
}
