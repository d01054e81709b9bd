import SyncProtocol
import Testing

@Suite("Deterministic CBOR")
struct CBORTests {
    @Test("Any value comes back from its bytes, and its bytes from it", arguments: 0..<8)
    func roundTrip(block: Int) throws {
        for seed in block * 250..<(block + 1) * 250 {
            var random = SeededGenerator(seed: seed)
            let value = random.cbor(depth: 4)
            let decoded = try CBOR(decoding: value.encoded)
            #expect(decoded == value, "seed \(seed)")
            #expect(decoded.encoded == value.encoded, "seed \(seed)")
            #expect(try DiagnosticParser.value(Diagnostic.line(value)) == value, "seed \(seed)")
        }
    }

    @Test("Every truncation is refused, and every byte that follows", arguments: 0..<4)
    func truncation(block: Int) {
        for seed in block * 100..<(block + 1) * 100 {
            var random = SeededGenerator(seed: seed)
            let bytes = CBOR.array([random.cbor(depth: 3), random.cbor(depth: 3)]).encoded
            for count in 0..<bytes.count {
                #expect(throws: CBORError.self, "seed \(seed), \(count) bytes") {
                    try CBOR(decoding: Array(bytes.prefix(count)))
                }
            }
            #expect(refusal(bytes + [0]) == .trailingBytes, "seed \(seed)")
        }
    }

    @Test("Random bytes never crash it, and what it takes is canonical", arguments: 0..<10)
    func randomBytes(block: Int) {
        var taken = 0
        for seed in block * 10_000..<(block + 1) * 10_000 {
            var random = SeededGenerator(seed: seed)
            let bytes = random.bytes(count: 1 << Int.random(in: 0...4, using: &random))
            guard let value = try? CBOR(decoding: bytes) else { continue }
            taken += 1
            #expect(value.encoded == bytes, "seed \(seed)")
        }
        #expect(taken > 300, "the test must reach what is valid")
    }

    @Test("A flipped bit is refused, or gives another canonical value", arguments: 0..<4)
    func flippedBits(block: Int) {
        for seed in block * 50..<(block + 1) * 50 {
            var random = SeededGenerator(seed: seed)
            let bytes = random.cbor(depth: 3).encoded
            for bit in 0..<bytes.count * 8 {
                var flipped = bytes
                flipped[bit / 8] ^= 1 << UInt8(bit % 8)
                guard let value = try? CBOR(decoding: flipped) else { continue }
                #expect(value.encoded == flipped, "seed \(seed), bit \(bit)")
            }
        }
    }

    @Test("Every 16-bit float means what IEEE 754 says, in its shortest form")
    func halfPrecision() {
        for bits in 0...UInt16.max {
            let exponent = Int(bits >> 10 & 0x1F)
            let bytes: [UInt8] = [0xF9, UInt8(bits >> 8), UInt8(bits & 0xFF)]
            guard exponent < 31 else {
                #expect(refusal(bytes) == .notFinite, "bits \(bits)")
                continue
            }
            // The same number as a float of 32 bits: rebias the exponent, or scale what is subnormal.
            let magnitude =
                exponent == 0
                ? Float(bits & 0x3FF) / 16_777_216
                : Float(bitPattern: UInt32(exponent + 112) << 23 | UInt32(bits & 0x3FF) << 13)
            let number = Double(bits & 0x8000 == 0 ? magnitude : -magnitude)
            #expect((try? CBOR(decoding: bytes)) == .float(number), "bits \(bits)")
            #expect(CBOR.float(number).encoded == bytes, "bits \(bits)")
        }
    }

    @Test("A number takes the shortest form at each of its bounds")
    func shortestHeads() throws {
        let bounds: [(UInt64, Int)] = [
            (23, 1), (24, 2), (0xFF, 2), (0x100, 3), (0xFFFF, 3), (0x1_0000, 5), (0xFFFF_FFFF, 5),
            (0x1_0000_0000, 9), (.max, 9),
        ]
        for (number, count) in bounds {
            #expect(CBOR.unsigned(number).encoded.count == count)
            #expect(CBOR.negative(number).encoded.count == count)
            #expect(try CBOR(decoding: CBOR.negative(number).encoded) == .negative(number))
        }
        #expect(CBOR.integer(.min) == .negative(UInt64(Int64.max)))
        #expect(CBOR.integer(-1) == .negative(0))
    }

    @Test(
        "Nesting is allowed up to the bound and refused beyond it", arguments: [1, 3, Limits.valueDepthMax])
    func depth(bound: Int) throws {
        for nest in [CBOR.nestedArrays, CBOR.nestedMaps] {
            _ = try CBOR(decoding: nest(bound).encoded, depthMax: bound)
            #expect(refusal(nest(bound + 1).encoded, depthMax: bound) == .tooDeep)
            var reader = CBORReader(nest(bound).encoded)
            #expect(try reader.readEncodedItem(depthMax: bound) == nest(bound).encoded)
            var deeper = CBORReader(nest(bound + 1).encoded)
            let refused = Result { () throws(CBORError) in try deeper.readEncodedItem(depthMax: bound) }
            #expect(throws: CBORError.self) { try refused.get() }
        }
    }

    @Test("A claim that the bytes do not keep costs nothing")
    func smallClaims() {
        for head: [UInt8] in [[0x5B], [0x7B], [0x9B], [0xBB]] {
            for claim in [UInt64(1) << 62, UInt64(Int64.max), .max] {
                #expect([.truncated, .tooLong].contains(refusal(head + claim.bigEndianBytes)))
            }
        }
        // Each of eight levels claims all bytes that follow: room for every claim would be 7 × 8 × 16 MiB.
        let filler = [UInt8](repeating: 0, count: 16 << 20)
        let heads = (0..<8).flatMap { _ in [0x9A, 0x00, 0xFF, 0xFF, 0x00] as [UInt8] }
        let before = addressSpaceKiB()
        #expect(refusal(heads + filler.prefix(0xFF_FF00 - 1)) == .truncated)
        #expect(addressSpaceKiB() - before < 400 << 10)
    }

    @Test("Skipping an item checks exactly what reading it checks", arguments: 0..<4)
    func skipping(block: Int) {
        for seed in block * 500..<(block + 1) * 500 {
            var random = SeededGenerator(seed: seed)
            var bytes = random.cbor(depth: 3).encoded
            if random.chance(2, in: 3) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            var (read, skipped) = (CBORReader(bytes), CBORReader(bytes))
            let value = Result { () throws(CBORError) in try read.readValue(depthMax: 3) }
            let item = Result { () throws(CBORError) in try skipped.readEncodedItem(depthMax: 3) }
            switch (value, item) {
            case (.success(let value), .success(let item)): #expect(value.encoded == item, "seed \(seed)")
            case (.failure(let left), .failure(let right)): #expect(left == right, "seed \(seed)")
            default: Issue.record("seed \(seed): one refuses, the other does not")
            }
        }
    }

    @Test("Values are equal only if their bytes are")
    func equality() {
        #expect(CBOR.text("é") != .text("e\u{301}"))
        #expect(CBOR.float(0) != .float(-0.0))
        #expect(CBOR.unsigned(1) != .float(1))
        #expect(Set([CBOR.text("é"), .text("e\u{301}"), .text("é")]).count == 2)
    }

    @Test("A map is put in the order of its keys' bytes, and of equal keys the first is kept")
    func mapOrder() throws {
        let entries = [
            CBOR.text("b"), .unsigned(100), .negative(0), .text("aa"), .unsigned(10), .unsigned(10),
        ]
        .enumerated().map { CBOR.Entry(key: $0.element, value: .unsigned(UInt64($0.offset))) }
        let map = CBOR.map(of: entries)
        #expect(Diagnostic.line(map) == #"{10: 4, 100: 1, -1: 2, "b": 0, "aa": 3}"#)
        #expect(try CBOR(decoding: map.encoded) == map)
    }
}

/// Why bytes are refused; nil if they are taken.
func refusal(_ bytes: some Sequence<UInt8>, depthMax: Int = Limits.valueDepthMax) -> CBORError.Reason? {
    do throws(CBORError) {
        _ = try CBOR(decoding: Array(bytes), depthMax: depthMax)
        return nil
    } catch { return error.reason }
}

extension CBOR {
    static func nestedArrays(_ depth: Int) -> CBOR { depth == 0 ? .null : .array([nestedArrays(depth - 1)]) }

    static func nestedMaps(_ depth: Int) -> CBOR {
        depth == 0 ? .null : .map(of: [Entry(key: .null, value: nestedMaps(depth - 1))])
    }
}
