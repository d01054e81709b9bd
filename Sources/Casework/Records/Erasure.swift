package import SyncProtocol

/// That a case was erased on somebody's demand (个人信息保护法 第四十七条): of which changes the content is destroyed everywhere.
///
/// It is said in central's record, and not in the case, whose own key it destroys: so every window hears of it, those too that the case
/// left long ago, and a restored central gets it back from any of them. It holds for the changes that central had when it was
/// said; what a window wrote meanwhile without knowing is set aside (``reason``), and waits for a person.
package struct Erasure: Hashable, Sendable {
    /// The group of central's record.
    package static let group = "erasure"
    /// Why a change that comes to an erased case is set aside.
    package static let reason = "erased"
    /// Characters of the reason that a person gives.
    package static let reasonMax = 200

    /// What was erased.
    package private(set) var changes: VersionVector
    /// In a person's words, the last one's; nothing of the case.
    package private(set) var reason: String
    /// When, milliseconds since 1970, by central's clock.
    package private(set) var milliseconds: UInt64

    package init(_ changes: VersionVector, reason: String, milliseconds: UInt64) {
        (self.changes, self.reason, self.milliseconds) = (changes, reason, milliseconds)
    }

    /// Whether a change loses its content, if it still has it.
    package func covers(_ change: Change) -> Bool { changes.contains(change.dot) && !change.isErased }

    /// The value of the group.
    package func value(of caseID: CaseID) -> [CBOR] {
        [.bytes(caseID.bytes), .array(changes.texts.map(CBOR.text)), .text(reason)]
    }

    static func read(_ standing: Standing) -> (CaseID, Erasure)? {
        let value = standing.value
        guard value.count >= 3, case .bytes(let bytes) = value[0], let caseID = CaseID(bytes: bytes),
            case .array(let entries) = value[1]
        else { return nil }
        let texts = entries.compactMap { if case .text(let text) = $0 { text } else { nil } }
        guard texts.count == entries.count, let changes = VersionVector(texts: texts) else { return nil }
        var reason = ""
        if case .text(let text) = value[2] { reason = text }
        return (caseID, Erasure(changes, reason: reason, milliseconds: standing.time.milliseconds))
    }

    /// Both; the later one's words.
    func joined(with later: Erasure) -> Erasure {
        var joined = later
        joined.changes.formUnion(changes)
        return joined
    }
}
