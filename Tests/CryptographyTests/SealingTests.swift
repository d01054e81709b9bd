import Testing

@testable import Cryptography

@Suite("Sealing values, digests and names")
struct SealingTests {
    private let place = Array("change.body".utf8)

    private func key() -> SecretBytes { SecretBytes(randomCount: 32) }

    @Test("A value opens in its place, and nowhere else", arguments: [0, 1, 31, 500, 70_000])
    func places(count: Int) {
        let sealing = ValueSealing(key: key())
        let plain = SecureRandom.bytes(count)
        let sealed = sealing.seal(plain, for: place)
        #expect(sealed.count == count + ValueSealing.overheadByteCount)
        #expect(sealing.open(sealed, for: place) == plain)
        #expect(sealing.open(sealed, for: place + [0]) == nil)
        #expect(ValueSealing(key: key()).open(sealed, for: place) == nil)
        #expect(sealing.seal(plain, for: place) != sealed, "every sealing has a nonce of its own")
    }

    @Test("A value that was changed or cut anywhere does not open")
    func altered() {
        let sealing = ValueSealing(key: key())
        let sealed = sealing.seal(Array("覃丽".utf8), for: place)
        for index in sealed.indices {
            var other = sealed
            other[index] ^= 1
            #expect(sealing.open(other, for: place) == nil)
            #expect(sealing.open(Array(sealed.prefix(index)), for: place) == nil)
        }
    }

    @Test("A value under a wrapped key opens with that key and its owner only")
    func wrapped() throws {
        let sealing = ValueSealing(key: key())
        let (owner, other) = ([UInt8](repeating: 1, count: 16), [UInt8](repeating: 2, count: 16))
        let (mine, theirs) = (sealing.newKey(for: owner), sealing.newKey(for: other))
        let sealed = try #require(sealing.seal([1, 2, 3], for: place, under: mine, of: owner))
        #expect(sealing.open(sealed, for: place, under: mine, of: owner) == [1, 2, 3])
        #expect(sealing.open(sealed, for: place, under: theirs, of: other) == nil)
        #expect(sealing.seal([1], for: place, under: mine, of: other) == nil)
        #expect(sealing.open(sealed, for: place) == nil)
    }

    @Test("Hidden digests are a permutation: equal ones equal, others other, and each opens")
    func digests() {
        let sealing = DigestSealing(key: key())
        var hidden: Set<[UInt8]> = []
        for number in 0..<2000 {
            let digest = SHA256.hash(Array("\(number)".utf8)).bytes
            let sealed = sealing.seal(digest)
            #expect(sealed == sealing.seal(digest) && sealing.open(sealed) == digest)
            #expect(sealed != digest && hidden.insert(sealed).inserted)
        }
        let near = [UInt8](repeating: 0, count: 32)
        var next = near
        next[31] = 1
        let differing = zip(sealing.seal(near), sealing.seal(next)).reduce(0) {
            $0 + ($1.0 ^ $1.1).nonzeroBitCount
        }
        #expect((70...186).contains(differing), "\(differing) of 256 bits differ; half are expected")
        #expect(sealing.open([1, 2]) == nil)
        #expect(DigestSealing(key: key()).seal(near) != sealing.seal(near))
    }

    @Test("Hidden names are equal where the names are, open, and are found out where they were changed")
    func names() {
        let sealing = NameSealing(key: key())
        for name in ["", "T450000001", "T450000002", "王小明"] {
            let hidden = sealing.seal(Array(name.utf8))
            #expect(hidden == sealing.seal(Array(name.utf8)))
            #expect(sealing.open(hidden) == Array(name.utf8))
            for index in hidden.indices {
                var other = hidden
                other[index] ^= 0x80
                #expect(sealing.open(other) == nil)
            }
        }
        #expect(sealing.open([1]) == nil)
    }
}
