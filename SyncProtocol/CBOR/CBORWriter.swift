/// Writes deterministic CBOR. It cannot write anything that ``CBORReader`` would refuse, as long as the caller
/// writes as many items as it announced and map keys in ascending order.
package struct CBORWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// Major type 0.
    package mutating func write(_ value: UInt64) { writeHead(0, value) }

    /// Major type 2.
    package mutating func write(_ value: [UInt8]) {
        writeHead(2, UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// Major type 3, as it is: nothing is normalised.
    package mutating func write(_ value: String) {
        writeHead(3, UInt64(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    package mutating func write(_ value: Bool) { bytes.append(value ? 0xF5 : 0xF4) }

    package mutating func writeNull() { bytes.append(0xF6) }

    /// The head of an array; its items follow.
    package mutating func writeArray(_ count: Int) { writeHead(4, UInt64(count)) }

    /// The head of a map; its keys and values follow, keys ascending.
    package mutating func writeMap(_ count: Int) { writeHead(5, UInt64(count)) }

    /// A data item that is already encoded.
    package mutating func writeEncoded(_ item: [UInt8]) { bytes.append(contentsOf: item) }

    /// Any data item. Its maps must be in order: make them with ``CBOR/map(of:)``.
    package mutating func write(_ value: CBOR) {
        switch value {
        case .unsigned(let number): writeHead(0, number)
        case .negative(let number): writeHead(1, number)
        case .bytes(let content): write(content)
        case .text(let content): write(content)
        case .array(let items):
            writeArray(items.count)
            for item in items { write(item) }
        case .map(let entries):
            writeMap(entries.count)
            for entry in entries {
                write(entry.key)
                write(entry.value)
            }
        case .bool(let flag): write(flag)
        case .null: writeNull()
        case .float(let number): write(number)
        }
    }

    /// RFC 8949 section 4.2.1: the shortest of the three widths that keeps the value.
    private mutating func write(_ number: Double) {
        precondition(number.isFinite, "CBOR values are finite numbers")
        let single = Float(number)
        if let half = HalfPrecision.bits(exactly: number) {
            bytes.append(0xF9)
            append(UInt64(half), byteCount: 2)
        } else if Double(single) == number {
            bytes.append(0xFA)
            append(UInt64(single.bitPattern), byteCount: 4)
        } else {
            bytes.append(0xFB)
            append(number.bitPattern, byteCount: 8)
        }
    }

    private mutating func writeHead(_ major: UInt8, _ value: UInt64) {
        let type = major << 5
        switch value {
        case 0..<24: bytes.append(type | UInt8(value))
        case 24...0xFF:
            bytes.append(type | 24)
            append(value, byteCount: 1)
        case 0x100...0xFFFF:
            bytes.append(type | 25)
            append(value, byteCount: 2)
        case 0x1_0000...0xFFFF_FFFF:
            bytes.append(type | 26)
            append(value, byteCount: 4)
        default:
            bytes.append(type | 27)
            append(value, byteCount: 8)
        }
    }

    private mutating func append(_ value: UInt64, byteCount: Int) {
        for shift in stride(from: (byteCount - 1) * 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
        }
    }
}

/// IEEE 754 binary16, which the platform's Swift does not offer everywhere.
enum HalfPrecision {
    /// The 16 bits of a number that fits without loss, subnormals included.
    static func bits(exactly number: Double) -> UInt16? {
        let sign: UInt16 = number.sign == .minus ? 0x8000 : 0
        let magnitude = number.magnitude
        if magnitude == 0 { return sign }
        let exponent = Int(magnitude.exponent)
        guard exponent <= 15, exponent >= -24 else { return nil }
        let unit = max(exponent, -14) - 10
        let scaled = magnitude / Double(sign: .plus, exponent: unit, significand: 1)
        // Not `rounded()`: it would make an executable without Foundation need libm.
        guard scaled < 2048, scaled == Double(UInt16(scaled)) else { return nil }
        let fraction = UInt16(scaled)
        return exponent < -14 ? sign | fraction : sign | UInt16(exponent + 15) << 10 | (fraction & 0x3FF)
    }

    /// The number that 16 bits stand for; nil for infinities and NaN.
    static func number(of bits: UInt16) -> Double? {
        let sign: FloatingPointSign = bits & 0x8000 == 0 ? .plus : .minus
        let exponent = Int(bits >> 10 & 0x1F)
        let fraction = Double(bits & 0x3FF)
        switch exponent {
        case 31: return nil
        case 0: return Double(sign: sign, exponent: -24, significand: fraction)
        default: return Double(sign: sign, exponent: exponent - 25, significand: fraction + 1024)
        }
    }
}
