import SyncProtocol

/// The fold's definition, value by value and as slowly as it reads: who stands, and why not.
///
/// It asks backwards: from a value to those that name it, where ``CaseState`` goes from each change to what it names.
struct FoldOracle {
    private let changes: [Change]

    init(_ changes: [Change]) {
        self.changes = changes.reduce(into: []) { known, change in
            if !known.contains(where: { $0.id == change.id }) { known.append(change) }
        }
    }

    /// The content IDs of the values that stand in a group.
    func standing(in group: GroupID) -> Set<ContentID> {
        Set(changes.filter { $0.content?.writes[group] != nil && stands($0, in: group) }.map(\.id))
    }

    func isAside(_ id: ContentID) -> Bool {
        let verdicts = changes.filter { $0.content?.author.role == .central && $0.content?.asides[id] != nil }
        return verdicts.contains { verdict in
            verdict.content?.asides[id]?.reason != nil
                && !verdicts.contains { $0.content?.asides[id]?.replaces.contains(verdict.dot) ?? false }
        }
    }

    var forked: [Dot] { Set(changes.map(\.dot)).filter { bearers(of: $0).count > 1 }.sorted() }

    private func bearers(of dot: Dot) -> [Change] { changes.filter { $0.dot == dot } }

    private func stands(_ change: Change, in group: GroupID) -> Bool {
        guard !isAside(change.id) else { return false }
        if bearers(of: change.dot).count > 1 { return true }
        return !isReplaced(change.dot, in: group, notBy: change.id, passed: [])
    }

    /// Whether a change in effect names the dot, or names one that is set aside, alone under its name, and does.
    private func isReplaced(_ dot: Dot, in group: GroupID, notBy own: ContentID, passed: Set<Dot>) -> Bool {
        changes.contains { other in
            guard other.content?.writes[group]?.replaces.contains(dot) ?? false else { return false }
            if !isAside(other.id) { return other.id != own && !sharesDot(other, with: own) }
            guard bearers(of: other.dot).count == 1, !passed.contains(other.dot) else { return false }
            return isReplaced(other.dot, in: group, notBy: own, passed: passed.union([other.dot]))
        }
    }

    /// A change never replaces its own dot, not even under its other content.
    private func sharesDot(_ change: Change, with own: ContentID) -> Bool {
        changes.contains { $0.id == own && $0.dot == change.dot }
    }

    /// Every dot that was folded in, as contiguous editions and those above.
    func hasSeen(_ vector: VersionVector) -> Bool {
        let dots = Set(changes.map(\.dot))
        for replica in Set(dots.map(\.replica)).union(vector.replicas) {
            let editions = Set(dots.filter { $0.replica == replica }.map(\.edition))
            let gapless = UInt64((1...UInt64(editions.count + 1)).first { !editions.contains($0) } ?? 1) - 1
            guard vector.contiguous[replica, default: 0] == gapless,
                Set(vector.aboveGap.filter { $0.replica == replica }.map(\.edition))
                    == editions.filter({ $0 > gapless })
            else { return false }
        }
        return true
    }

    /// The sum of the content IDs modulo 2²⁵⁶, digit by digit.
    var fingerprint: [UInt8] {
        changes.reduce([UInt8](repeating: 0, count: 32)) { sum, change in
            var carry = 0
            let digits = zip(sum, change.id.bytes).reversed().map { pair -> UInt8 in
                let total = Int(pair.0) + Int(pair.1) + carry
                carry = total >> 8
                return UInt8(total & 0xFF)
            }
            return digits.reversed()
        }
    }
}
