import Cryptography
import Testing

@testable import Web

@Suite("Content-Digest")
struct ContentDigestTests {
    @Test("The digest of RFC 9530's example comes out, with and without its newline")
    func examples() {
        let body = Array(#"{"hello": "world"}"#.utf8)
        #expect(ContentDigest.field(for: body) == "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:")
        #expect(
            ContentDigest.field(for: body + [10]) == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:")
    }

    @Test("A field vouches for its body and for no other", arguments: [0, 1, 1_000])
    func roundTrip(count: Int) throws {
        let body = SecureRandom.bytes(count)
        let field = ContentDigest.field(for: body)
        #expect(field.utf8.count <= ContentDigest.fieldByteCountMax)
        #expect(throws: Never.self) { try ContentDigest.verify(field, for: body) }
        #expect(throws: ContentDigestError.mismatch) { try ContentDigest.verify(field, for: body + [0]) }
    }

    @Test(
        "What is not exactly one SHA-256 digest is refused",
        arguments: [
            "", "sha-256", "sha-256=", "sha-256=::", "sha-256=:AAAA:",
            "sha-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=",
            "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE:",
            "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPF=:",
            "sha-256= :X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
            "sha-512=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
            "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:, a=1",
            "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:" + String(repeating: " ", count: 5_000),
        ])
    func malformed(field: String) {
        #expect(throws: ContentDigestError.malformed) {
            try ContentDigest.verify(field, for: Array(#"{"hello": "world"}"#.utf8))
        }
    }
}
