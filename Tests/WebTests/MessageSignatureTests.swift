import Cryptography
import Foundation
import Testing

@testable import Web

@Suite("Message signatures")
struct MessageSignatureTests {
    private let key = Ed25519.SigningKey()
    private let now: Int64 = 1_700_000_000

    private func components(
        method: String = "POST", path: String = "/sync/v1/exchange",
        digest: String? = ContentDigest.field(for: [1, 2, 3])
    ) throws(MessageSignatureError) -> MessageSignature.Components {
        try MessageSignature.Components(method: method, path: path, contentDigest: digest)
    }

    /// What a receiver does with a request's fields; nil if it takes the request.
    private func refusal(
        of fields: (signatureInput: String, signature: String),
        for components: MessageSignature.Components, keyID: String = "gx-17", at now: Int64? = nil,
        with publicKey: Ed25519.PublicKey? = nil
    ) -> MessageSignatureError? {
        do throws(MessageSignatureError) {
            let signature = try MessageSignature(
                signatureInput: fields.signatureInput, signature: fields.signature)
            try signature.verify(
                components, with: publicKey ?? key.publicKey, keyID: keyID, now: now ?? self.now)
            return nil
        } catch {
            return error
        }
    }

    private func signed(
        _ components: MessageSignature.Components
    ) -> (signatureInput: String, signature: String) {
        MessageSignature.sign(components, with: key, keyID: "gx-17", created: now, nonce: "b3k2")
    }

    /// A signature over a `Signature-Input` of the test's own making.
    private func signed(
        _ parameters: String, lines: [(name: String, value: String)]
    ) -> (signatureInput: String, signature: String) {
        let base = MessageSignatureBase(lines: lines, parameters: parameters)
        return ("s=" + parameters, "s=" + ByteSequence.text(of: key.sign(base.bytes)))
    }

    @Test("The Ed25519 example of RFC 9421, section B.2.6, comes out")
    func published() throws {
        let seed = try #require(Data(base64Encoded: "n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU="))
        let key = try #require(Ed25519.SigningKey(seed: SecretBytes([UInt8](seed))))
        let base = MessageSignatureBase(
            lines: [
                ("date", "Tue, 20 Apr 2021 02:07:55 GMT"), ("@method", "POST"), ("@path", "/foo"),
                ("@authority", "example.com"), ("content-type", "application/json"), ("content-length", "18"),
            ],
            parameters: """
                ("date" "@method" "@path" "@authority" "content-type" "content-length")\
                ;created=1618884473;keyid="test-key-ed25519"
                """)
        #expect(
            Data(key.publicKey.bytes).base64EncodedString() == "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")
        #expect(
            ByteSequence.text(of: key.sign(base.bytes))
                == ":wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:"
        )
    }

    @Test("What is signed is taken, with a body and without one", arguments: [true, false])
    func roundTrip(hasBody: Bool) throws {
        let components = try components(digest: hasBody ? ContentDigest.field(for: [1, 2, 3]) : nil)
        let fields = signed(components)
        #expect(refusal(of: fields, for: components) == nil)
        let read = try MessageSignature(signatureInput: fields.signatureInput, signature: fields.signature)
        #expect(read.parameters.keyID == "gx-17")
        #expect(read.parameters.nonce == "b3k2")
        #expect(read.parameters.created == now)
        #expect(read.parameters.expires == nil)
    }

    @Test("The fields are as documented, and short")
    func exactFields() throws {
        let components = try components()
        let fields = signed(components)
        #expect(
            fields.signatureInput
                == #"s=("@method" "@path" "content-digest");created=1700000000;nonce="b3k2";keyid="gx-17""#)
        let digest = ContentDigest.field(for: [])
        let lines =
            "Signature-Input: \(fields.signatureInput)\r\nSignature: \(fields.signature)\r\n"
            + "Content-Digest: \(digest)\r\n"
        #expect(lines.utf8.count <= 300)
    }

    @Test("Each covered part, when changed, makes the signature bad")
    func tampering() throws {
        let fields = signed(try components())
        #expect(refusal(of: fields, for: try components(method: "PUT")) == .badSignature)
        #expect(refusal(of: fields, for: try components(path: "/sync/v1/exchangf")) == .badSignature)
        let digest = ContentDigest.field(for: [1, 2, 4])
        #expect(refusal(of: fields, for: try components(digest: digest)) == .badSignature)
    }

    @Test(
        "Each parameter, when changed, added or moved, makes the signature bad",
        arguments: [
            ("created=1700000000", "created=1700000001"), ("\"b3k2\"", "\"b3k3\""),
            (";keyid=\"gx-17\"", ";keyid=\"gx-17\";expires=1700000100"),
            (";keyid=\"gx-17\"", ";keyid=\"gx-17\";alg=\"ed25519\""),
            (";nonce=\"b3k2\";keyid=\"gx-17\"", ";keyid=\"gx-17\";nonce=\"b3k2\""),
            ("\"@method\" \"@path\"", "\"@path\" \"@method\""),
        ])
    func changedParameters(old: String, new: String) throws {
        var fields = signed(try components())
        fields.signatureInput = fields.signatureInput.replacingOccurrences(of: old, with: new)
        #expect(refusal(of: fields, for: try components()) == .badSignature)
    }

    @Test("Each changed bit of the signature makes it bad, and another key's is bad")
    func changedSignature() throws {
        let components = try components()
        let fields = signed(components)
        let bytes = try #require(ByteSequence.bytes(of: fields.signature.dropFirst(2)))
        for bit in 0..<bytes.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            let other = (fields.signatureInput, "s=" + ByteSequence.text(of: changed))
            #expect(refusal(of: other, for: components) == .badSignature)
        }
        let stranger = Ed25519.SigningKey().publicKey
        #expect(refusal(of: fields, for: components, with: stranger) == .badSignature)
        #expect(refusal(of: fields, for: components, keyID: "gx-18") == .wrongKey)
    }

    @Test("Parameters and parts may come in another order, if they were signed so")
    func otherOrder() throws {
        let components = try components(digest: nil)
        let fields = signed(
            #"("@path" "@method");keyid="gx-17";alg="ed25519";nonce="b3k2";expires=1700000009;created=1700000000"#,
            lines: [("@path", "/sync/v1/exchange"), ("@method", "POST")])
        #expect(refusal(of: fields, for: components) == nil)
        #expect(refusal(of: fields, for: components, at: now + 9) == nil)
        #expect(refusal(of: fields, for: components, at: now + 10) == .expired)
    }

    @Test("A part that has to be covered and is not is named, although the key signed")
    func notCovered() throws {
        let tail = #";created=1700000000;nonce="b3k2";keyid="gx-17""#
        let (method, path) = (("@method", "POST"), ("@path", "/sync/v1/exchange"))
        let both = signed(#"("@method" "@path")"# + tail, lines: [method, path])
        #expect(refusal(of: both, for: try components()) == .notCovered(.contentDigest))
        let pathOnly = signed(#"("@path")"# + tail, lines: [path])
        #expect(refusal(of: pathOnly, for: try components(digest: nil)) == .notCovered(.method))
        let methodOnly = signed(#"("@method")"# + tail, lines: [method])
        #expect(refusal(of: methodOnly, for: try components(digest: nil)) == .notCovered(.path))
        let withDigest = signed(try components())
        #expect(refusal(of: withDigest, for: try components(digest: nil)) == .missing(.contentDigest))
    }

    @Test("A signature is taken within the time window and not a second beyond it")
    func time() throws {
        let components = try components()
        let fields = signed(components)
        for seconds in [-300, -1, 0, 1, 300] as [Int64] {
            #expect(refusal(of: fields, for: components, at: now + seconds) == nil, "\(seconds)")
        }
        for seconds in [-86_400, -301, 301, 86_400] as [Int64] {
            #expect(
                refusal(of: fields, for: components, at: now + seconds) == .tooFarInTime(seconds: seconds))
        }
    }
}
