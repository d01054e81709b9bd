import Testing

@testable import Cryptography

@Suite("Keys made from a secret")
struct KeyDerivationTests {
    @Test(
        "The same name and root give the same key; another name or root gives another, and none is the root")
    func derived() {
        let (root, other) = (SecretBytes(randomCount: 32), SecretBytes(randomCount: 32))
        let key = KeyDerivation.key(for: "one", from: root)
        #expect(key.count == KeyDerivation.keyByteCount)
        #expect(KeyDerivation.key(for: "one", from: root).equals(key))
        #expect(!KeyDerivation.key(for: "two", from: root).equals(key))
        #expect(!KeyDerivation.key(for: "one", from: other).equals(key))
        #expect(!key.equals(root))
    }

    @Test("HMAC-SHA-256 with the name as its message (RFC 4231, test case 2)")
    func vector() {
        let key = KeyDerivation.key(
            for: "what do ya want for nothing?", from: SecretBytes(Array("Jefe".utf8)))
        #expect(
            key.copy().hexadecimal == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test("A stretched key depends on the code and on the salt")
    func stretched() throws {
        let (code, salt) = (SecretBytes([1, 2, 3]), [UInt8](repeating: 7, count: 16))
        let key = try #require(KeyDerivation.stretched(code, salt: salt))
        #expect(try #require(KeyDerivation.stretched(code, salt: salt)).equals(key))
        #expect(try !#require(KeyDerivation.stretched(SecretBytes([1, 2, 4]), salt: salt)).equals(key))
        #expect(
            try !#require(KeyDerivation.stretched(code, salt: [UInt8](repeating: 8, count: 16))).equals(key))
    }
}
