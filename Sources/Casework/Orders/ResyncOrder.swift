package import SyncProtocol

/// What a technician can have a window do about its exchange with central. None of them discards an unconfirmed change.
package enum ResyncKind: String, Hashable, Sendable, CaseIterable {
    /// Compares all cases with central's, and mends those that differ.
    case verify
    /// Brings central all that it lacks.
    case push
    /// Pushes, then reads the whole feed again.
    case pull
    /// Makes the caches anew from the log.
    case rebuild
}

/// A resync that central ordered, as a value of the group `resyncOrder` in the hospital's record (PROTOCOL.md section 14).
package struct ResyncOrder: Hashable, Sendable {
    package let id: String
    /// A word of ``ResyncKind``; another one is of a later version.
    package let kind: String
    /// Nil for all cases.
    package let only: CaseID?
    package let isDryRun: Bool
    package let reason: String?
    /// The devices that it is for: those that the hospital had when it was given.
    package let windows: [String]
    package var isWithdrawn = false
    /// When it was given, milliseconds since 1970 by central's clock.
    package let milliseconds: UInt64
    /// Who gave it.
    package let user: String
    /// Dots of the values that say this.
    package var dots: [Dot] = []

    /// Devices that one order may be for.
    package static let windowsMax = FieldType.listCountMax
    /// Characters of an ID.
    package static let idLongest = 80

    package init(
        id: String, kind: String, only: CaseID? = nil, isDryRun: Bool = false, reason: String? = nil,
        windows: [String], milliseconds: UInt64 = 0, user: String = ""
    ) {
        (self.id, self.kind, self.only, self.isDryRun) = (id, kind, only, isDryRun)
        (self.reason, self.windows, self.milliseconds, self.user) = (reason, windows, milliseconds, user)
    }

    /// The value of the group, in the order of its members.
    package var value: [CBOR] {
        [
            .text(id), .text(kind), only.map { .bytes($0.bytes) } ?? .null, .bool(isDryRun),
            reason.map(CBOR.text) ?? .null, .array(windows.map(CBOR.text)), .bool(isWithdrawn),
        ]
    }

    /// Nil for what cannot be read.
    init?(_ standing: Standing) {
        let value = standing.value
        guard standing.author.role == .central, let id = value.text(0), let kind = value.text(1),
            id.count <= Self.idLongest, case .array(let windows)? = value.member(5)
        else { return nil }
        var only: CaseID?
        if case .bytes(let bytes)? = value.member(2) {
            guard let id = CaseID(bytes: bytes) else { return nil }
            only = id
        }
        self.init(
            id: id, kind: kind, only: only, isDryRun: value.member(3) == .bool(true), reason: value.text(4),
            windows: windows.compactMap { if case .text(let window) = $0 { window } else { nil } },
            milliseconds: standing.time.milliseconds, user: standing.author.user)
        isWithdrawn = value.member(6) == .bool(true)
        dots = [standing.dot]
    }
}

extension [CBOR] {
    /// What stands at a place; nil where there is nothing, as in the value of an earlier version.
    func member(_ index: Int) -> CBOR? { indices.contains(index) ? self[index] : nil }

    func text(_ index: Int) -> String? {
        if case .text(let text)? = member(index) { text } else { nil }
    }

    func number(_ index: Int) -> Int {
        if case .unsigned(let number)? = member(index) { Int(clamping: number) } else { 0 }
    }
}
