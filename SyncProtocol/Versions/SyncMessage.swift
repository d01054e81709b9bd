/// The two kinds of messages that agent and central exchange, and how each is named on the wire.
package enum SyncMessage: String, Hashable, Sendable {
    case exchange, verify

    /// The media type of the compressed body: it names the protocol's version and the preset dictionary.
    package func mediaType(version: UInt64) -> String { "\(type); v=\(version); d=\(Self.dictionary)" }

    /// The version that a media type names; nil if it is not of this kind, or of another dictionary.
    package func version(in mediaType: String) -> UInt64? {
        let parts = mediaType.split(separator: ";", omittingEmptySubsequences: false).map { part in
            part.drop { $0 == " " }
        }
        guard let type = parts.first, type.lowercased() == self.type, parts.count <= 8 else { return nil }
        var parameters: [Substring: Substring] = [:]
        for part in parts.dropFirst() {
            guard let equals = part.firstIndex(of: "="),
                parameters.updateValue(part[part.index(after: equals)...], forKey: part[..<equals]) == nil
            else { return nil }
        }
        guard parameters["d"] == "\(Self.dictionary)", let version = parameters["v"] else { return nil }
        return UInt64(version)
    }

    private var type: String { "application/vnd.birthwindow.\(rawValue)" }

    /// The preset dictionary, see ``ExchangeDictionary``.
    private static let dictionary = 1
}
