import Cryptography
import Testing

@Suite("Sealing in frames")
struct FrameSealingTests {
    private let sealing = FrameSealing(key: SecretBytes(randomCount: FrameSealing.keyByteCount))
    private let name = SHA256.hash([1])
    private let full = [UInt8](repeating: 7, count: FrameSealing.plainByteCount)

    @Test("What was sealed opens in its place", arguments: [0, 1, 65_535, 65_536])
    func opens(count: Int) throws {
        let plain = SecureRandom.bytes(count)
        let frame = sealing.seal(plain, of: name, index: 3, isLast: true)
        #expect(frame.count == count + FrameSealing.overheadByteCount)
        #expect(try sealing.open(frame, of: name, index: 3, isLast: true) == plain)
        #expect(count < 16 || !frame.contains(plain))
    }

    @Test("A frame opens nowhere else: another place, content, mark or key, or as a record")
    func isBound() throws {
        let frame = sealing.seal(full, of: name, index: 1, isLast: false)
        let other = FrameSealing(key: SecretBytes(randomCount: FrameSealing.keyByteCount))
        #expect(throws: FrameError.damaged) { try sealing.open(frame, of: name, index: 0, isLast: false) }
        #expect(throws: FrameError.damaged) { try sealing.open(frame, of: name, index: 1, isLast: true) }
        #expect(throws: FrameError.damaged) {
            try sealing.open(frame, of: SHA256.hash([2]), index: 1, isLast: false)
        }
        #expect(throws: FrameError.damaged) { try other.open(frame, of: name, index: 1, isLast: false) }
        let record = sealing.seal(record: [1, 2, 3], of: name)
        #expect(try sealing.open(record: record, of: name) == [1, 2, 3])
        #expect(throws: FrameError.damaged) { try sealing.open(record, of: name, index: 0, isLast: true) }
    }

    @Test("No bit can be changed, and nothing cut off or added")
    func isWhole() throws {
        let frame = sealing.seal([1, 2, 3, 4], of: name, index: 0, isLast: true)
        for bit in 0..<frame.count * 8 {
            var changed = frame
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: FrameError.damaged) {
                try sealing.open(changed, of: name, index: 0, isLast: true)
            }
        }
        for count in 0..<frame.count {
            #expect(throws: FrameError.damaged) {
                try sealing.open(Array(frame.prefix(count)), of: name, index: 0, isLast: true)
            }
        }
        #expect(throws: FrameError.damaged) {
            try sealing.open(frame + [0], of: name, index: 0, isLast: true)
        }
        let tooLong = [UInt8](repeating: 0, count: FrameSealing.frameByteCount + 1)
        #expect(throws: FrameError.damaged) { try sealing.open(tooLong, of: name, index: 0, isLast: true) }
    }

    @Test("The same bytes are never sealed alike, so that equal photos do not show")
    func isFresh() {
        let frames = (0..<8).map { _ in sealing.seal(full, of: name, index: 0, isLast: false) }
        #expect(Set(frames).count == 8)
    }

    @Test("The count of frames and of sealed bytes")
    func counts() {
        for (bytes, frames) in [(0, 1), (1, 1), (65_536, 1), (65_537, 2), (131_072, 2), (131_073, 3)] {
            #expect(FrameSealing.frameCount(ofBytes: bytes) == frames)
            #expect(FrameSealing.sealedByteCount(ofBytes: bytes) == bytes + 40 * frames)
        }
    }
}

@Suite("SHA-1, the checksum")
struct SHA1Tests {
    @Test(
        "The examples of FIPS 180",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
            ),
            (String(repeating: "a", count: 1_000_000), "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
        ])
    func examples(text: String, hash: String) {
        var hasher = SHA1()
        hasher.update(Array(text.utf8))
        #expect(hasher.finish().hexadecimal == hash)
    }

    @Test("In whatever pieces the bytes come, the hash is the same")
    func pieces() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 7) }
        for count in 0...300 {
            var (whole, split) = (SHA1(), SHA1())
            whole.update(Array(bytes.prefix(count)))
            for byte in bytes.prefix(count) { split.update([byte]) }
            #expect(whole.finish() == split.finish())
        }
    }
}
