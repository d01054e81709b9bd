import Testing

@testable import Web

@Suite("Compression")
struct ZstandardTests {
    private static let text = Array(
        String(repeating: "A newborn's mother asks at one window. ", count: 99).utf8)

    @Test("What was compressed comes back the same", arguments: 0..<32)
    func roundTrip(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let noise = random.bytes(Int.random(in: 0...5000, using: &random))
        let bytes = noise + [UInt8](repeating: 7, count: seed * 20_000) + noise
        let level = Int.random(in: Zstandard.levels, using: &random)
        let dictionary = seed.isMultiple(of: 2) ? try ZstandardDictionary(Self.text, level: level) : nil
        let frame = try Zstandard.compress(bytes, level: level, dictionary: dictionary)
        #expect(try Zstandard.decompress(frame, dictionary: dictionary, bytesMax: bytes.count) == bytes)
    }

    @Test("A dictionary makes what is like it smaller, and only the dictionary opens it again")
    func usesDictionary() throws {
        let bytes = Array(Self.text.prefix(500))
        let dictionary = try ZstandardDictionary(Array(Self.text.prefix(600)), level: 19)
        let frame = try Zstandard.compress(bytes, dictionary: dictionary)
        #expect(frame.count < (try Zstandard.compress(bytes, level: 19).count))
        let other = try ZstandardDictionary(Array(Self.text.suffix(601).reversed()))
        #expect(throws: ZstandardError.malformed) {
            try Zstandard.decompress(frame, dictionary: other, bytesMax: 1000)
        }
        #expect(throws: ZstandardError.malformed) { try Zstandard.decompress(frame, bytesMax: 1000) }
    }

    @Test("One byte more than is taken is too much, whether the frame says its size or not")
    func boundsSize() throws {
        let frame = try Zstandard.compress(Self.text)
        #expect(try Zstandard.decompress(frame, bytesMax: Self.text.count).count == Self.text.count)
        #expect(throws: ZstandardError.tooLarge) {
            try Zstandard.decompress(frame, bytesMax: Self.text.count - 1)
        }
    }

    @Test("A bomb that does not say how large it is is given up")
    func refusesBomb() throws {
        // Window of 1 KiB, no size, no checksum; then blocks of one repeated byte (RLE), never the last.
        let block: [UInt8] = [0x02, 0x20, 0x00, 0x41]  // 1024 times "A"
        let head: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x00]
        let bomb = head + Array(repeatElement(block, count: 100_000).joined())
        #expect(throws: ZstandardError.tooLarge) { try Zstandard.decompress(bomb, bytesMax: 1 << 20) }
        #expect(throws: ZstandardError.truncated) { try Zstandard.decompress(bomb, bytesMax: 1 << 30) }
    }

    @Test("A frame that asks for a huge window is refused")
    func refusesWindow() {
        // Window descriptor: exponent 17 above 2^10 is 128 MiB.
        let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 17 << 3, 0x01, 0x00, 0x00]
        #expect(throws: ZstandardError.tooLarge) { try Zstandard.decompress(frame, bytesMax: 1 << 30) }
    }

    @Test("A frame of which anything lacks is truncated")
    func refusesTruncated() throws {
        let frame = try Zstandard.compress(Self.text)
        for count in 0..<frame.count {
            #expect(throws: ZstandardError.truncated) {
                try Zstandard.decompress(Array(frame.prefix(count)), bytesMax: 10_000)
            }
        }
    }

    @Test("What follows the frame is refused, also another frame")
    func refusesTrailing() throws {
        let frame = try Zstandard.compress(Self.text)
        for rest in [[0], frame] {
            #expect(throws: ZstandardError.trailingBytes) {
                try Zstandard.decompress(frame + rest, bytesMax: 10_000)
            }
        }
    }

    @Test("A frame with a byte changed never gives other bytes", arguments: 0..<64)
    func refusesDamage(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let bytes = random.bytes(200) + Self.text
        var frame = try Zstandard.compress(bytes)
        frame[Int.random(in: 0..<frame.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
        do {
            let result = try Zstandard.decompress(frame, bytesMax: 10_000)
            #expect(result == bytes)  // a bit that means nothing
        } catch {
            #expect(error != .other(code: 0))
        }
    }

    @Test("Garbage is refused", arguments: 0..<64)
    func refusesGarbage(seed: Int) {
        var random = SeededGenerator(seed: seed)
        let start: [UInt8] = seed.isMultiple(of: 2) ? [0x28, 0xB5, 0x2F, 0xFD] : []
        let garbage = start + random.bytes(Int.random(in: 1...500, using: &random))
        #expect(throws: ZstandardError.self) { try Zstandard.decompress(garbage, bytesMax: 1 << 20) }
    }
}
