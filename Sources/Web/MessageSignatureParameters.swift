extension MessageSignature {
    /// What `Signature-Input` says after the label: which parts are covered, when, by which key.
    ///
    ///     ("@method" "@path" "content-digest");created=1700000000;nonce="b3k2";keyid="gx-17"
    package struct Parameters: Hashable, Sendable {
        /// The covered parts, in order.
        package let covered: [MessageSignatureError.Part]
        /// When the signature was made, in seconds since 1970.
        package let created: Int64
        /// When it ends, in seconds since 1970.
        package let expires: Int64?
        /// A word that this key uses once; who remembers the recent ones recognises a replay.
        package let nonce: String
        /// Which key it is.
        package let keyID: String
        /// The text as it was sent: this is what is signed, in this order of parameters.
        let text: String
    }

    /// The longest key ID and nonce, in bytes.
    package static let wordByteCountMax = 64

    /// Whether it may be a key ID or a nonce: letters, digits and `-._~+/=`, at least one.
    package static func isWord(_ text: some StringProtocol) -> Bool {
        let marks = Array("-._~+/=".utf8)
        return (1...wordByteCountMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: marks.contains(byte)
                }
            }
    }
}

extension MessageSignature.Parameters {
    /// The parameters of a new signature, spelled as short as the RFC allows.
    init(covered: [MessageSignatureError.Part], created: Int64, nonce: String, keyID: String) {
        precondition(
            MessageSignature.isWord(nonce) && MessageSignature.isWord(keyID) && created >= 0,
            "no nonce or key ID: \(nonce) \(keyID)")
        self.covered = covered
        self.created = created
        expires = nil
        self.nonce = nonce
        self.keyID = keyID
        let names = covered.map { "\"\($0.rawValue)\"" }.joined(separator: " ")
        text = "(\(names));created=\(created);nonce=\"\(nonce)\";keyid=\"\(keyID)\""
    }

    /// Reads them strictly: in any order, each once, none that the profile does not know, no spare blanks.
    init(parsing text: String) throws(MessageSignatureError) {
        // No word of the profile contains a semicolon, so splitting cannot cut one.
        let pieces = text.split(separator: ";", omittingEmptySubsequences: false)
        covered = try Self.covered(in: pieces[0])
        var values: [Substring: Substring] = [:]
        for piece in pieces.dropFirst() {
            let sides = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { throw .malformed(.signatureInput) }
            guard values.updateValue(sides[1], forKey: sides[0]) == nil else {
                throw .malformed(.signatureInput)
            }
        }
        created = try Self.seconds(values.removeValue(forKey: "created"), named: "created")
        nonce = try Self.word(values.removeValue(forKey: "nonce"), named: "nonce")
        keyID = try Self.word(values.removeValue(forKey: "keyid"), named: "keyid")
        let expires = values.removeValue(forKey: "expires")
        self.expires = expires == nil ? nil : try Self.seconds(expires, named: "expires")
        let algorithm = values.removeValue(forKey: "alg")
        guard algorithm == nil || algorithm == "\"ed25519\"", values.isEmpty else { throw .unknownParameter }
        self.text = text
    }

    private static func covered(in list: Substring) throws(MessageSignatureError) -> [MessageSignatureError
        .Part]
    {
        guard list.hasPrefix("("), list.hasSuffix(")"), list.utf8.count > 2 else {
            throw .malformed(.signatureInput)
        }
        var parts: [MessageSignatureError.Part] = []
        for name in list.dropFirst().dropLast().split(separator: " ", omittingEmptySubsequences: false) {
            guard name.utf8.count > 2, name.hasPrefix("\""), name.hasSuffix("\"") else {
                throw .malformed(.signatureInput)
            }
            let part = MessageSignatureError.Part(rawValue: String(name.dropFirst().dropLast()))
            guard let part, part == .method || part == .path || part == .contentDigest else {
                throw .unknownComponent
            }
            guard !parts.contains(part) else { throw .malformed(.signatureInput) }
            parts.append(part)
        }
        return parts
    }

    private static func seconds(
        _ value: Substring?, named name: String
    ) throws(MessageSignatureError) -> Int64 {
        guard let value else { throw .missingParameter(name) }
        // RFC 9651: an integer has at most 15 digits.
        guard (1...15).contains(value.utf8.count), value.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let seconds = Int64(value)
        else { throw .malformed(.signatureInput) }
        return seconds
    }

    private static func word(
        _ value: Substring?, named name: String
    ) throws(MessageSignatureError) -> String {
        guard let value else { throw .missingParameter(name) }
        guard value.utf8.count > 2, value.hasPrefix("\""), value.hasSuffix("\""),
            MessageSignature.isWord(value.dropFirst().dropLast())
        else { throw .malformed(.signatureInput) }
        return String(value.dropFirst().dropLast())
    }
}
