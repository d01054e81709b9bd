package import Casework
import Cryptography
import Persistence
package import SyncProtocol

/// Another case of this window that looks like the same child.
package struct Lookalike: Hashable, Sendable {
    package let caseID: CaseID
    /// Nil if the case shows none.
    package let number: String?
    package let likeness: Likeness

    /// What a clerk is told: number and reasons, no value of either case.
    package var chinese: String {
        let reasons = likeness.codes.map { "\($0) \(DuplicateRules.standard.text(of: $0))" }.joined()
        return "可能与办件 \(number ?? caseID.description) 为同一新生儿（相似度 \(likeness.score)）：\(reasons)请核对；已照常保存。"
    }
}

/// Looking for the same child among this window's own cases, without any network. It warns and never hinders.
extension WindowStore {
    /// Cases that share a key at most: a key that more share tells nothing.
    static let duplicateBlockMax: Int64 = 64
    /// Cases that one is compared with, those that share most keys first.
    static let duplicatePartnersMax = 64
    /// Cases that are told of one.
    package static let lookalikesMax = 5

    /// The cases that look like the same child as this one, the likest first; those that a person has told apart, and those that were
    /// merged, are left out.
    package func lookalikes(of caseID: CaseID) throws -> [Lookalike] {
        try freshen()
        return try lookalikes(of: traits(of: try state(of: caseID), caseID))
    }

    /// Keeps by what a case can be found, while its cache is written, inside the caller's transaction.
    func refreshDuplicateKeys(of caseID: CaseID, _ state: CaseState) throws {
        guard let duplicates else { return }
        let id = SQLiteValue.blob(caseID.bytes)
        let tokens = Set(tokens(of: traits(of: state, caseID), duplicates))
        let known = Set(
            try database.rows("SELECT token FROM duplicate_key WHERE case_id = ?", id) {
                row throws(DatabaseError) in try row.blob(0)
            })
        for gone in known.subtracting(tokens) {
            try database.execute(
                "DELETE FROM duplicate_key WHERE token = ? AND case_id = ?", .blob(gone), id)
        }
        for added in tokens.subtracting(known) {
            try database.execute(
                "INSERT INTO duplicate_key (token, case_id) VALUES (?, ?)", .blob(added), id)
        }
    }

    /// Warns of what the last write of a case has made it look like, inside the caller's transaction.
    ///
    /// - Parameter before: the case as it was; what it looked like then was told then.
    func duplicateWarnings(of caseID: CaseID, before: CaseState = CaseState()) throws -> [String] {
        guard duplicates != nil else { return [] }
        let groups = ChildTraits.groups(in: dictionary)
        let after = try state(of: caseID)
        guard groups.contains(where: { before.registers[$0] != after.registers[$0] }) else { return [] }
        let known = traits(of: before, caseID)
        return try lookalikes(of: traits(of: after, caseID), unlessOf: known).map(\.chinese)
    }

    private func lookalikes(of traits: ChildTraits, unlessOf known: ChildTraits? = nil) throws -> [Lookalike]
    {
        guard let duplicates, traits.mergedInto.isEmpty else { return [] }
        var found: [Lookalike] = []
        for partner in try partners(of: traits, duplicates) {
            let state = try state(of: partner)
            let other = self.traits(of: state, partner)
            guard other.mergedInto.isEmpty, !traits.dismissed.contains(partner),
                !other.dismissed.contains(traits.caseID),
                known.map({ DuplicateRules.standard.likeness($0, other) == nil }) ?? true,
                let likeness = DuplicateRules.standard.likeness(traits, other)
            else { continue }
            found.append(
                Lookalike(
                    caseID: partner, number: state.text("caseNumber", in: dictionary), likeness: likeness))
        }
        let likest = found.sorted { ($1.likeness.score, $0.caseID) < ($0.likeness.score, $1.caseID) }
        return Array(likest.prefix(Self.lookalikesMax))
    }

    private func partners(of traits: ChildTraits, _ key: MessageAuthentication) throws -> [CaseID] {
        var shared: [CaseID: Int] = [:]
        for token in tokens(of: traits, key) {
            let block = try database.rows(
                "SELECT case_id FROM duplicate_key WHERE token = ? ORDER BY case_id LIMIT ?", .blob(token),
                .integer(Self.duplicateBlockMax + 1)
            ) { row throws(DatabaseError) in try row.caseID(0) }
            guard block.count <= Int(Self.duplicateBlockMax) else { continue }
            for other in block where other != traits.caseID { shared[other, default: 0] += 1 }
        }
        return shared.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .prefix(Self.duplicatePartnersMax).map(\.key)
    }

    private func traits(of state: CaseState, _ caseID: CaseID) -> ChildTraits {
        ChildTraits(caseID, state, dictionary: dictionary)
    }

    private func tokens(of traits: ChildTraits, _ key: MessageAuthentication) -> [[UInt8]] {
        traits.keys.sorted().map { key.shortCode(Array($0.utf8)) }
    }
}
