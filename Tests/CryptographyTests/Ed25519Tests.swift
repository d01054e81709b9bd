import Cryptography
import Foundation
import Testing

@Suite("Ed25519")
struct Ed25519Tests {
    /// RFC 8032 section 7.1: seed, public key, message, signature.
    private static let published = [
        [
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                + "d25bf5f0595bbe24655141438e7a100b",
        ],
        [
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                + "387b2eaeb4302aeeb00d291612bb0c00",
        ],
        [
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
                + "4a7c15e9716ed28dc027beceea1ec40a",
        ],
        [
            "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
                + "454d4423643ce80e2a9ac94fa54ca49f",
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
                + "3dca179c138ac17ad9bef1177331a704",
        ],
    ]

    private func key(seed: String) throws -> Ed25519.SigningKey {
        let bytes = try #require([UInt8](hexadecimal: seed))
        return try #require(Ed25519.SigningKey(seed: SecretBytes(bytes)))
    }

    @Test("The vectors of RFC 8032 come out, and verify", arguments: published)
    func vectors(vector: [String]) throws {
        let key = try key(seed: vector[0])
        let message = try #require([UInt8](hexadecimal: vector[2]))
        #expect(key.publicKey.bytes.hexadecimal == vector[1])
        #expect(key.sign(message).hexadecimal == vector[3])
        #expect(key.publicKey.verifies(key.sign(message), of: message))
    }

    @Test("No changed bit of message, signature or key verifies")
    func tampering() throws {
        let key = Ed25519.SigningKey()
        let message = SecureRandom.bytes(40)
        let signature = key.sign(message)
        func flipped(_ bytes: [UInt8], _ bit: Int) -> [UInt8] {
            var bytes = bytes
            bytes[bit / 8] ^= 1 << (bit % 8)
            return bytes
        }
        for bit in 0..<message.count * 8 {
            #expect(!key.publicKey.verifies(signature, of: flipped(message, bit)))
        }
        for bit in 0..<512 { #expect(!key.publicKey.verifies(flipped(signature, bit), of: message)) }
        for bit in 0..<256 {
            let other = try #require(Ed25519.PublicKey(bytes: flipped(key.publicKey.bytes, bit)))
            #expect(!other.verifies(signature, of: message))
        }
        #expect(!key.publicKey.verifies(signature + [0], of: message))
        #expect(!key.publicKey.verifies([], of: message))
    }

    @Test("A key is made again from its seed, and two new keys differ")
    func seeds() throws {
        let key = Ed25519.SigningKey()
        let again = try #require(Ed25519.SigningKey(seed: key.seed))
        #expect(again.publicKey == key.publicKey)
        #expect(Ed25519.SigningKey().publicKey != key.publicKey)
        #expect(Ed25519.SigningKey(seed: SecretBytes([1, 2, 3])) == nil)
        #expect(Ed25519.PublicKey(bytes: [1, 2, 3]) == nil)
    }

    @Test("openssl verifies what is signed here, and refuses it for another message")
    func openssl() throws {
        let directory = try TemporaryDirectory()
        let key = Ed25519.SigningKey()
        let message = SecureRandom.bytes(300)
        // RFC 8410: SubjectPublicKeyInfo of an Ed25519 key is this head and the 32 bytes.
        let head: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
        try directory.write(head + key.publicKey.bytes, to: "key.der")
        try directory.write(message, to: "message")
        try directory.write(message + [0], to: "other")
        try directory.write(key.sign(message), to: "signature")
        func verify(_ name: String) throws -> Int32 {
            try directory.run(
                "openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey key.der -sigfile signature -in \(name)"
            )
        }
        #expect(try verify("message") == 0)
        #expect(try verify("other") != 0)
    }

    @Test("What openssl signs verifies here")
    func opensslSigns() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Array("hello".utf8), to: "message")
        let status = try directory.run(
            """
            openssl genpkey -algorithm ed25519 -out key.pem &&
            openssl pkey -in key.pem -pubout -outform DER -out key.der &&
            openssl pkeyutl -sign -rawin -inkey key.pem -in message -out signature
            """)
        #expect(status == 0)
        let key = try #require(Ed25519.PublicKey(bytes: Array(try directory.read("key.der").suffix(32))))
        #expect(key.verifies(try directory.read("signature"), of: Array("hello".utf8)))
    }
}
