import Cryptography
import Testing

@Suite("Message authentication codes")
struct MessageAuthenticationTests {
    struct Vector: CustomTestStringConvertible {
        let testDescription: String
        let key: [UInt8]
        let data: [UInt8]
        let code: String
    }

    /// RFC 4231 section 4.
    private static let published = [
        Vector(
            testDescription: "case 1", key: [UInt8](repeating: 0x0b, count: 20), data: Array("Hi There".utf8),
            code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        Vector(
            testDescription: "case 2", key: Array("Jefe".utf8),
            data: Array("what do ya want for nothing?".utf8),
            code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        Vector(
            testDescription: "case 3", key: [UInt8](repeating: 0xaa, count: 20),
            data: [UInt8](repeating: 0xdd, count: 50),
            code: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        Vector(
            testDescription: "case 4", key: Array(1...25), data: [UInt8](repeating: 0xcd, count: 50),
            code: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        Vector(
            testDescription: "case 6", key: [UInt8](repeating: 0xaa, count: 131),
            data: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
    ]

    @Test("The vectors of RFC 4231 come out", arguments: published)
    func vectors(vector: Vector) {
        let authentication = MessageAuthentication(key: SecretBytes(vector.key))
        #expect(authentication.code(vector.data).hexadecimal == vector.code)
        #expect(authentication.shortCode(vector.data).hexadecimal == vector.code.prefix(32))
    }

    @Test("The truncated vector of RFC 4231, case 5, comes out")
    func truncated() {
        let authentication = MessageAuthentication(key: SecretBytes([UInt8](repeating: 0x0c, count: 20)))
        let code = authentication.shortCode(Array("Test With Truncation".utf8))
        #expect(code.hexadecimal == "a3b6167473100ee06e0c796c2955552b")
    }

    @Test("Parts are taken one after the other, and an empty one changes nothing")
    func parts() {
        let authentication = MessageAuthentication(key: SecretBytes(randomCount: 32))
        #expect(authentication.code([1, 2], [], [3]) == authentication.code([1, 2, 3]))
    }

    @Test("A code is refused for another message, another key, another length, and with any bit changed")
    func refusals() {
        let authentication = MessageAuthentication(key: SecretBytes(randomCount: 32))
        let message: [UInt8] = [1, 2, 3]
        let (code, short) = (authentication.code(message), authentication.shortCode(message))
        #expect(authentication.isCode(code, of: message))
        #expect(authentication.isShortCode(short, of: message))
        #expect(!authentication.isCode(code, of: [1, 2]))
        #expect(!authentication.isCode(short, of: message))
        #expect(!authentication.isShortCode(code, of: message))
        #expect(!authentication.isShortCode([], of: message))
        #expect(!MessageAuthentication(key: SecretBytes(randomCount: 32)).isCode(code, of: message))
        for bit in 0..<256 {
            var other = code
            other[bit / 8] ^= 1 << (bit % 8)
            #expect(!authentication.isCode(other, of: message))
            if bit < 128 { #expect(!authentication.isShortCode(Array(other.prefix(16)), of: message)) }
        }
    }
}
