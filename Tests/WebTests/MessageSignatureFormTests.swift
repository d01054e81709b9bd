import Cryptography
import Testing

@testable import Web

@Suite("The form of message signatures")
struct MessageSignatureFormTests {
    private static let sound = #"s=("@method" "@path");created=1700000000;nonce="b3k2";keyid="gx-17""#
    private static let signature = "s=" + ByteSequence.text(of: [UInt8](repeating: 1, count: 64))

    private func refusal(
        input: String? = sound, signature: String? = signature
    ) -> MessageSignatureError? {
        do throws(MessageSignatureError) {
            _ = try MessageSignature(signatureInput: input, signature: signature)
            return nil
        } catch {
            return error
        }
    }

    @Test("The sound form is read")
    func soundForm() { #expect(refusal() == nil) }

    @Test("A field that is missing is named")
    func missing() {
        #expect(refusal(input: nil) == .missing(.signatureInput))
        #expect(refusal(signature: nil) == .missing(.signature))
    }

    @Test("A field that is too long is refused unread")
    func tooLong() {
        let blanks = String(repeating: " ", count: 100_000)
        #expect(refusal(input: Self.sound + blanks) == .tooLong(.signatureInput, byteCountMax: 384))
        #expect(refusal(signature: Self.signature + blanks) == .tooLong(.signature, byteCountMax: 96))
    }

    @Test("The longest field that can be signed is within the limits of the one that is read")
    func longest() throws {
        let word = String(repeating: "x", count: MessageSignature.wordByteCountMax)
        let digest = ContentDigest.field(for: [])
        let components = try MessageSignature.Components(method: "POST", path: "/", contentDigest: digest)
        let fields = MessageSignature.sign(
            components, with: Ed25519.SigningKey(), keyID: word, created: 999_999_999_999_999, nonce: word)
        #expect(refusal(input: fields.signatureInput, signature: fields.signature) == nil)
    }

    @Test(
        "Anything that the profile does not have is refused, with its own reason",
        arguments: [
            ("s=", "t=", .unknownLabel),
            ("s=", " s=", .unknownLabel),
            ("\"gx-17\"", "\"gx-17\", t=()", .unknownLabel),
            ("\"@path\"", "\"@path\" \"@query\"", .unknownComponent),
            ("\"@path\"", "\"@path\" \"signature-input\"", .unknownComponent),
            ("\"@path\"", "\"@path\";req", .malformed(.signatureInput)),
            ("\"@path\"", "\"@path\" \"@path\"", .malformed(.signatureInput)),
            ("\"@path\"", " \"@path\"", .malformed(.signatureInput)),
            ("\"@path\"", "@path", .malformed(.signatureInput)),
            ("(\"@method\" \"@path\")", "()", .malformed(.signatureInput)),
            ("(\"@method\" \"@path\")", "\"@method\"", .malformed(.signatureInput)),
            (";created=1700000000", "", .missingParameter("created")),
            (";nonce=\"b3k2\"", "", .missingParameter("nonce")),
            (";keyid=\"gx-17\"", "", .missingParameter("keyid")),
            (";created=1700000000", ";created=1700000000;created=1700000000", .malformed(.signatureInput)),
            ("1700000000", "-1", .malformed(.signatureInput)),
            ("1700000000", "+1", .malformed(.signatureInput)),
            ("1700000000", "1.5", .malformed(.signatureInput)),
            ("1700000000", "1700000000000000", .malformed(.signatureInput)),
            ("1700000000", "", .malformed(.signatureInput)),
            ("\"b3k2\"", "b3k2", .malformed(.signatureInput)),
            ("\"b3k2\"", "\"\"", .malformed(.signatureInput)),
            ("\"b3k2\"", "\"b\\\"k\"", .malformed(.signatureInput)),
            ("\"b3k2\"", "\"b3 2\"", .malformed(.signatureInput)),
            ("\"b3k2\"", "\"李\"", .malformed(.signatureInput)),
            ("\"b3k2\"", "\"\(String(repeating: "b", count: 65))\"", .malformed(.signatureInput)),
            (";nonce", "\u{37e}nonce", .malformed(.signatureInput)),
            (";nonce", "; nonce", .missingParameter("nonce")),
            (";nonce", ";;nonce", .malformed(.signatureInput)),
            ("\"gx-17\"", "\"gx-17\";alg=\"rsa-v1_5-sha256\"", .unknownParameter),
            ("\"gx-17\"", "\"gx-17\";tag=\"x\"", .unknownParameter),
        ] as [(String, String, MessageSignatureError)])
    func refused(old: String, new: String, reason: MessageSignatureError) throws {
        let range = try #require(Self.sound.firstRange(of: old))
        #expect(refusal(input: Self.sound.replacingCharacters(of: range, with: new)) == reason)
    }

    @Test(
        "A signature that is not 64 bytes in canonical Base64 is refused",
        arguments: [
            "s=", "s=::", "s=:AAAA:", signature + " ", String(signature.dropLast()),
            signature.replacing("==", with: ""), signature.replacing("AQ==", with: "AR=="),
        ])
    func signatureForm(field: String) { #expect(refusal(signature: field) == .malformed(.signature)) }

    @Test("A part of a request that could forge a line, or would not be covered, is refused")
    func components() {
        func refusal(_ method: String, _ path: String, _ digest: String? = nil) -> MessageSignatureError? {
            do throws(MessageSignatureError) {
                _ = try MessageSignature.Components(method: method, path: path, contentDigest: digest)
                return nil
            } catch {
                return error
            }
        }
        #expect(refusal("GET", "/") == nil)
        #expect(refusal("get", "/") == .malformed(.method))
        #expect(refusal("", "/") == .malformed(.method))
        for path in ["", "a", "/a?b", "/a#b", "/a b", "/a\n\"@method\": GET", "/李"] {
            #expect(refusal("GET", path) == .malformed(.path), "\(path)")
        }
        let long = "/" + String(repeating: "a", count: 1_024)
        #expect(refusal("GET", long) == .tooLong(.path, byteCountMax: 1_024))
        #expect(refusal("GET", "/", "a\nb") == .malformed(.contentDigest))
        #expect(refusal("GET", "/", long) == .tooLong(.contentDigest, byteCountMax: 64))
    }
}

extension String {
    fileprivate func replacingCharacters(of range: Range<String.Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
