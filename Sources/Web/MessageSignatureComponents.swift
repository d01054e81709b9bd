extension MessageSignature {
    /// The parts of a request that its signature covers.
    package struct Components: Hashable, Sendable {
        /// A path of more bytes is not signed and not verified.
        package static let pathByteCountMax = 1_024

        let method: String
        let path: String
        let contentDigest: String?

        /// The parts of a request; throws if they have characters or lengths that the profile does not allow.
        ///
        /// - Parameters:
        ///   - method: in capitals.
        ///   - path: as sent, percent-encoded, from its `/` on. A query would not be covered: it is refused.
        ///   - contentDigest: the field's value; nil only if there is no body.
        package init(
            method: String, path: String, contentDigest: String?
        ) throws(MessageSignatureError) {
            guard (1...16).contains(method.utf8.count), method.utf8.allSatisfy({ (0x41...0x5a).contains($0) })
            else {
                throw .malformed(.method)
            }
            guard path.utf8.count <= Components.pathByteCountMax else {
                throw .tooLong(.path, byteCountMax: Components.pathByteCountMax)
            }
            // Visible ASCII only: a line break would forge a line of what is signed.
            guard path.hasPrefix("/"), path.utf8.allSatisfy({ (0x21...0x7e).contains($0) }),
                !path.contains("?"), !path.contains("#")
            else { throw .malformed(.path) }
            if let contentDigest {
                guard contentDigest.utf8.count <= ContentDigest.fieldByteCountMax else {
                    throw .tooLong(.contentDigest, byteCountMax: ContentDigest.fieldByteCountMax)
                }
                guard contentDigest.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
                    throw .malformed(.contentDigest)
                }
            }
            self.method = method
            self.path = path
            self.contentDigest = contentDigest
        }

        /// What has to be covered.
        var parts: [MessageSignatureError.Part] {
            contentDigest == nil ? [.method, .path] : [.method, .path, .contentDigest]
        }

        func value(of part: MessageSignatureError.Part) -> String? {
            switch part {
            case .method: method
            case .path: path
            case .contentDigest: contentDigest
            case .signatureInput, .signature: nil
            }
        }
    }
}
