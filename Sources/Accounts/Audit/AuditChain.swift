package import Cryptography
package import SyncProtocol

/// The chain over the lines of a log. Its values are keyed (HMAC-SHA-256 under a key that derives from the store's secret), so that a value
/// that lies open, or is kept at another machine, tells nothing of a line, not even to who guesses it.
///
///     value 0 = HMAC(key, "start" ‖ log)          value n = HMAC(key, "line" ‖ value n−1 ‖ n (8) ‖ line n)
package struct AuditChain: Sendable {
    private let codes: MessageAuthentication

    /// - Parameter key: of the store's own chains, derived from its secret.
    package init(key: SecretBytes) { codes = MessageAuthentication(key: key) }

    /// The value before the first line of a log.
    package func start(of log: [UInt8]) -> Digest { digest(codes.code(Array("start".utf8), log)) }

    /// The value behind a line.
    package func value(after previous: Digest, _ sequence: UInt64, _ line: [UInt8]) -> Digest {
        digest(codes.code(Array("line".utf8), previous.bytes, sequence.bigEndianBytes, line))
    }

    private func digest(_ code: [UInt8]) -> Digest {
        // A code has the length of a digest.
        Digest(bytes: code) ?? .zero
    }
}

/// A place in a log: behind the line of this number.
package struct AuditPlace: Hashable, Sendable {
    package let sequence: UInt64
    package let value: Digest

    package init(sequence: UInt64, value: Digest) { (self.sequence, self.value) = (sequence, value) }
}

/// What a store notes of its log.
package struct AuditHead: Hashable, Sendable {
    package let log: [UInt8]
    /// Before the first line that is still kept.
    package var cut: AuditPlace
    /// Behind the last line.
    package var end: AuditPlace

    package init(log: [UInt8], cut: AuditPlace, end: AuditPlace) {
        (self.log, self.cut, self.end) = (log, cut, end)
    }

    package var anchor: AuditAnchor { AuditAnchor(log: log, sequence: end.sequence, value: end.value) }
}

/// A line as it is stored.
package struct StoredAuditLine: Hashable, Sendable {
    package let sequence: UInt64
    /// Nil if what is stored does not open.
    package let bytes: [UInt8]?
    package let value: Digest
    /// What the columns say beside the line: it has to be what the line says.
    package let milliseconds: UInt64
    package let firstCase: CaseID?

    package init(
        sequence: UInt64, bytes: [UInt8]?, value: Digest, milliseconds: UInt64, firstCase: CaseID?
    ) {
        (self.sequence, self.bytes, self.value) = (sequence, bytes, value)
        (self.milliseconds, self.firstCase) = (milliseconds, firstCase)
    }

    /// Nil if it does not open, or is of a later version in a way that cannot be read.
    package var line: AuditLine? {
        guard let bytes else { return nil }
        return try? AuditLine(decoding: bytes)
    }
}
