/// SHA-1 (FIPS 180-4), because tus 1.0.0 asks for it as a checksum. It finds accidents; it keeps nobody from forging.
package struct SHA1: Sendable {
    /// The number of bytes of a hash.
    package static let byteCount = 20
    private static let blockByteCount = 64

    private var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
    private var words = [UInt32](repeating: 0, count: 80)
    private var pending: [UInt8] = []
    private var byteCount: UInt64 = 0

    /// A hasher that has taken in nothing.
    package init() {}

    /// Takes in more bytes, in order.
    package mutating func update(_ bytes: [UInt8]) {
        byteCount += UInt64(bytes.count)
        let all = pending.isEmpty ? bytes : pending + bytes
        let whole = all.count - all.count % Self.blockByteCount
        for start in stride(from: 0, to: whole, by: Self.blockByteCount) { take(all, from: start) }
        pending = Array(all[whole...])
    }

    /// The 20 bytes of the hash of all that was taken in. The hasher may not be used again.
    package mutating func finish() -> [UInt8] {
        let bitCount = byteCount * 8
        let zeros = (2 * Self.blockByteCount - 9 - pending.count) % Self.blockByteCount
        update(
            [0x80] + [UInt8](repeating: 0, count: zeros)
                + (0..<8).map { UInt8(truncatingIfNeeded: bitCount >> (56 - 8 * UInt64($0))) })
        return state.flatMap { word in
            (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * UInt32($0))) }
        }
    }

    private mutating func take(_ bytes: [UInt8], from start: Int) {
        for index in 0..<16 {
            let at = start + 4 * index
            words[index] =
                UInt32(bytes[at]) << 24 | UInt32(bytes[at + 1]) << 16 | UInt32(bytes[at + 2]) << 8
                | UInt32(bytes[at + 3])
        }
        for index in 16..<80 {
            words[index] = Self.rotated(
                words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1)
        }
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        for index in 0..<80 {
            let (mixed, constant): (UInt32, UInt32) =
                switch index {
                case 0..<20: ((b & c) | (~b & d), 0x5A82_7999)
                case 20..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                case 40..<60: ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC)
                default: (b ^ c ^ d, 0xCA62_C1D6)
                }
            let next = Self.rotated(a, 5) &+ mixed &+ e &+ constant &+ words[index]
            (e, d, c, b, a) = (d, c, Self.rotated(b, 30), a, next)
        }
        for (index, word) in [a, b, c, d, e].enumerated() { state[index] &+= word }
    }

    private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word << count | word >> (32 - count)
    }
}
