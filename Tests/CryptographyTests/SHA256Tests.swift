import Cryptography
import Testing

@Suite("SHA-256")
struct SHA256Tests {
    @Test(
        "The examples of FIPS 180 come out",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func examples(text: String, hash: String) {
        #expect(SHA256.hash(Array(text.utf8)).bytes.hexadecimal == hash)
    }

    @Test("A million letters in unequal pieces hash like one piece")
    func million() {
        var hasher = SHA256()
        var left = 1_000_000
        var count = 1
        while left > 0 {
            hasher.update([UInt8](repeating: UInt8(ascii: "a"), count: min(count, left)))
            left -= min(count, left)
            count = count * 3 % 7_919 + 1
        }
        let hash = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        #expect(hasher.finish().bytes.hexadecimal == hash)
    }

    @Test("A digest is read back from its bytes, from 32 only, and ordered by them")
    func digests() {
        let digest = SHA256.hash([1])
        #expect(Digest(bytes: digest.bytes) == digest)
        #expect(Digest(bytes: digest.bytes.dropLast()) == nil)
        #expect(Digest(bytes: digest.bytes + [0]) == nil)
        let (low, high) = ([UInt8](repeating: 1, count: 32), [2] + [UInt8](repeating: 0, count: 31))
        #expect((Digest(bytes: low) ?? .zero) < (Digest(bytes: high) ?? .zero))
    }
}
