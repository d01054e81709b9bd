/// What a program counts while it runs, for Prometheus: counters and histograms by labels. They begin at nothing with the process.
///
/// Labels hold routes, methods, statuses and kinds only: nothing that a request brings becomes a label, so that there are few series
/// and none of them names anybody.
package final class Metrics: Sendable {
    /// Upper bounds of a histogram's buckets, in seconds; the last bucket has none.
    package static let secondsBounds: [Double] = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, 300]
    /// Series of one name at most; more are counted under no labels.
    package static let seriesMax = 1_000

    private struct Histogram: Sendable {
        var counts = [UInt64](repeating: 0, count: Metrics.secondsBounds.count + 1)
        var sum = 0.0
    }

    private struct Contents: Sendable {
        var counters: [String: [[MetricLabel]: UInt64]] = [:]
        var histograms: [String: [[MetricLabel]: Histogram]] = [:]
    }

    private let contents = Guarded(Contents())

    package init() {}

    /// Adds to a counter.
    package func count(_ name: String, _ labels: [MetricLabel] = [], by number: UInt64 = 1) {
        contents.withLock { contents in
            let labels = Self.bounded(labels, known: contents.counters[name]?.keys)
            contents.counters[name, default: [:]][labels, default: 0] += number
        }
    }

    /// Notes how long something took.
    package func observe(_ name: String, _ labels: [MetricLabel] = [], seconds: Double) {
        let bucket = Self.secondsBounds.firstIndex { seconds <= $0 } ?? Self.secondsBounds.count
        contents.withLock { contents in
            let labels = Self.bounded(labels, known: contents.histograms[name]?.keys)
            contents.histograms[name, default: [:]][labels, default: Histogram()].counts[bucket] += 1
            contents.histograms[name, default: [:]][labels, default: Histogram()].sum += seconds
        }
    }

    private static func bounded(
        _ labels: [MetricLabel], known: (some Collection<[MetricLabel]>)?
    ) -> [MetricLabel] {
        guard let known, known.count >= seriesMax, !known.contains(labels) else { return labels }
        return []
    }

    /// Writes all of it.
    package func write(to text: inout MetricsText, help: [String: String]) {
        let contents = contents.withLock { $0 }
        for (name, series) in contents.counters.sorted(by: { $0.key < $1.key }) {
            text.begin(name, .counter, help[name] ?? name)
            for (labels, value) in series.sorted(by: { MetricLabel.precede($0.key, $1.key) }) {
                text.add(name, labels, Double(value))
            }
        }
        for (name, series) in contents.histograms.sorted(by: { $0.key < $1.key }) {
            text.begin(name, .histogram, help[name] ?? name)
            for (labels, histogram) in series.sorted(by: { MetricLabel.precede($0.key, $1.key) }) {
                var sum: UInt64 = 0
                for (place, count) in histogram.counts.enumerated() {
                    sum += count
                    let bound = place < Self.secondsBounds.count ? "\(Self.secondsBounds[place])" : "+Inf"
                    text.add(name + "_bucket", labels + [MetricLabel("le", bound)], Double(sum))
                }
                text.add(name + "_sum", labels, histogram.sum)
                text.add(name + "_count", labels, Double(sum))
            }
        }
    }
}

/// A label of a series.
package struct MetricLabel: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }

    static func precede(_ left: [Self], _ right: [Self]) -> Bool {
        left.map { $0.name + "\u{0}" + $0.value }.joined(separator: "\u{0}")
            < right.map { $0.name + "\u{0}" + $0.value }.joined(separator: "\u{0}")
    }
}

/// Prometheus' text format, version 0.0.4.
package struct MetricsText: Sendable {
    package static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    package enum Kind: String, Hashable, Sendable { case counter, gauge, histogram }

    package private(set) var text = ""

    package init() {}

    /// Begins a family: its series follow.
    package mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        let help = Self.escaped(help, quotes: false)
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    /// A sample.
    package mutating func add(_ name: String, _ labels: [MetricLabel] = [], _ value: Double) {
        let list = labels.map { label in
            "\(label.name)=\"\(Self.escaped(label.value, quotes: true))\""
        }
        text += name + (list.isEmpty ? "" : "{\(list.joined(separator: ","))}") + " \(Self.number(value))\n"
    }

    /// Scalar by scalar, as readers go: a mark behind a quote makes one character of both.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": escaped.append(contentsOf: "\\n".unicodeScalars)
            case "\"" where quotes: escaped.append(contentsOf: "\\\"".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    /// A family of one sample without labels.
    package mutating func gauge(_ name: String, _ help: String, _ value: Double) {
        begin(name, .gauge, help)
        add(name, value)
    }

    package mutating func add(_ name: String, _ value: Double) { add(name, [], value) }

    private static func number(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return "\(Int64(value))" }
        return value.isFinite ? "\(value)" : value.isNaN ? "NaN" : value > 0 ? "+Inf" : "-Inf"
    }

    package var response: Response { .bytes(Array(text.utf8), type: Self.mediaType) }
}
