extension VersionVector {
    /// As words, ascending: `a1a1a1a1a1a1a1a1.7` for all through an edition, `a1a1a1a1a1a1a1a1=9` for one above a gap.
    package var texts: [String] {
        contiguous.sorted { $0.key < $1.key }.map { "\($0.key).\($0.value)" }
            + aboveGap.sorted().map { "\($0.replica)=\($0.edition)" }
    }

    /// Reads what ``texts`` wrote; nil for anything else.
    package init?(texts: [String]) {
        self.init()
        for text in texts {
            let word = Array(text.utf8)
            guard word.count > Self.replicaDigits + 1,
                let bytes = [UInt8](hexadecimal: text.prefix(Self.replicaDigits)),
                let replica = UInt64(bigEndianBytes: bytes).map(ReplicaID.init(rawValue:)),
                let edition = UInt64(text.dropFirst(Self.replicaDigits + 1)), edition > 0
            else { return nil }
            switch word[Self.replicaDigits] {
            case UInt8(ascii: "."): restore(replica, contiguous: edition, above: [])
            case UInt8(ascii: "="): restore(replica, contiguous: 0, above: [edition])
            default: return nil
            }
        }
    }

    private static let replicaDigits = 16
}
