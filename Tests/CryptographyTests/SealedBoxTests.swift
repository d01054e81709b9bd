import Cryptography
import Testing

@Suite("Sealed boxes")
struct SealedBoxTests {
    private let text = Array("a store key".utf8)

    @Test("What is sealed for a key, that key opens, also when it was read back from its file")
    func opens() throws {
        let key = SealedBox.OpeningKey()
        let again = try #require(SealedBox.OpeningKey(secret: key.secret))
        let box = try #require(key.publicKey.seal(text))
        #expect(box.count == text.count + SealedBox.overheadByteCount)
        #expect(again.publicKey == key.publicKey)
        #expect(again.open(box)?.copy() == text)
        #expect(key.publicKey.seal(text) != box)
    }

    @Test("Another key opens nothing; neither is a box opened that was changed in any byte, cut, or is none")
    func refuses() throws {
        let key = SealedBox.OpeningKey()
        let box = try #require(key.publicKey.seal(text))
        #expect(SealedBox.OpeningKey().open(box) == nil)
        for index in box.indices {
            var changed = box
            changed[index] ^= 1
            #expect(key.open(changed) == nil)
        }
        for count in 0..<box.count { #expect(key.open(Array(box.prefix(count))) == nil) }
    }

    @Test("For the owner of a signing key can be sealed with what its public half tells")
    func signingKeys() throws {
        let key = Ed25519.SigningKey()
        let sealing = try #require(key.publicKey.sealingKey)
        #expect(key.openingKey.publicKey == sealing)
        #expect(key.openingKey.open(try #require(sealing.seal(text)))?.copy() == text)
        // A point of small order is no key.
        #expect(Ed25519.PublicKey(bytes: [1] + [UInt8](repeating: 0, count: 31))?.sealingKey == nil)
        #expect(SealedBox.PublicKey(bytes: [UInt8](repeating: 0, count: 32))?.seal(text) == nil)
    }

    @Test("A key has 32 bytes")
    func sizes() {
        #expect(SealedBox.PublicKey(bytes: [1, 2, 3]) == nil)
        #expect(SealedBox.OpeningKey(secret: SecretBytes([1, 2, 3])) == nil)
    }
}
