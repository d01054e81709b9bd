import Foundation

/// A number that is counted, not timed: bytes, round trips, a ratio of two sizes.
struct Figure: Encodable {
    let name: String
    let value: Double
    let unit: String
    /// The most that is allowed, if something is demanded.
    var most: Double?
    /// What it is made of, or measured beside.
    var note = ""

    var isReached: Bool { most.map { value <= $0 } ?? true }

    static let columns = ["figure", "value", "unit", "demanded", "of which"]

    var row: [String] {
        [
            name, Self.text(value), unit, most.map { "\(isReached ? "✓" : "✗") ≤ \(Self.text($0))" } ?? "",
            note,
        ]
    }

    private static func text(_ value: Double) -> String {
        value == value.rounded() ? String(format: "%.0f", value) : String(format: "%.2f", value)
    }
}
