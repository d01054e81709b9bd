import SyncProtocol

extension SeededGenerator {
    /// Any value that the profile allows, of at most `depth` nested arrays and maps.
    mutating func cbor(depth: Int) -> CBOR {
        switch Int.random(in: 0..<(depth > 0 ? 10 : 7), using: &self) {
        case 0: .unsigned(magnitude())
        case 1: .negative(magnitude())
        case 2: .bytes(bytes(count: Int.random(in: 0...40, using: &self)))
        case 3: .text(text())
        case 4: .bool(chance(1, in: 2))
        case 5: .null
        case 6: .float(float())
        case 7, 8: .array((0..<Int.random(in: 0...5, using: &self)).map { _ in cbor(depth: depth - 1) })
        default:
            .map(
                of: (0..<Int.random(in: 0...5, using: &self)).map { _ in
                    CBOR.Entry(key: cbor(depth: depth - 1), value: cbor(depth: depth - 1))
                })
        }
    }

    /// Text of one to four bytes a character, composed and decomposed.
    mutating func text() -> String {
        let pieces = ["a", "Z", "\"", "\\", "\n", "é", "e\u{301}", "王", "👶", "\u{0}", "/"]
        return (0..<Int.random(in: 0...12, using: &self)).map { _ in pieces.randomElement(using: &self) ?? ""
        }
        .joined()
    }

    /// A finite number: short in each of the three widths as often as in none.
    mutating func float() -> Double {
        switch Int.random(in: 0..<4, using: &self) {
        case 0: Double(Int.random(in: -2048...2048, using: &self)) / 8
        case 1: finite(Double(Float(bitPattern: UInt32(truncatingIfNeeded: next()))))
        case 2: finite(Double(bitPattern: next()))
        default: [0, -0.0, 65504, 5.960464477539063e-8, 1.1, 100_000].randomElement(using: &self) ?? 0
        }
    }

    private func finite(_ number: Double) -> Double { number.isFinite ? number : 0 }
}
