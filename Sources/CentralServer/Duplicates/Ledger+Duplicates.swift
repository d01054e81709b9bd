import Casework
import Cryptography
import SyncProtocol

/// Looking for the same child in other cases, whenever a case's caches are written.
///
/// What it costs is bounded: nothing if no field has changed that is compared; else one look-up for each of at most
/// ``Casework/ChildTraits/keysMax`` tokens and a fold of at most ``partnersMax`` other cases.
extension Ledger {
    /// Cases that share a token at most: one that more share, such as the telephone of a ward, tells nothing and is passed over.
    static let blockMax = 64
    /// Other cases that one is compared with at a time; those that share most tokens come first.
    static let partnersMax = 64
    /// Cases that are followed from one to the one that it was merged into.
    static let chainMax = 16

    /// Compares a case with all that share a token with it, if anything in it has changed that is compared.
    mutating func compare(_ caseID: CaseID, _ state: CaseState) throws(CentralError) {
        let known = try transaction.duplicateCase(caseID)
        guard let fingerprint = Self.fingerprint(state, books.casebook.comparedGroups) else { return }
        guard known?.fingerprint != fingerprint else { return }
        let traits = ChildTraits(caseID, state, dictionary: books.casebook.dictionary)
        let tokens = books.receipts.duplicates.tokens(of: traits)
        let target = traits.mergedInto.count == 1 ? traits.mergedInto.first : nil
        try transaction.put(
            DuplicateCase(caseID: caseID, fingerprint: fingerprint, mergedInto: target), tokens: tokens)
        for partner in try partners(of: traits, tokens) { try compare(traits, with: partner) }
        if let left = known?.mergedInto, left != target { try markCircles(from: left) }
        if target != nil { try markCircles(from: caseID) }
    }

    /// Changes whenever a group is written, or a write of it set aside; nil if none ever was.
    private static func fingerprint(_ state: CaseState, _ groups: [GroupID]) -> Digest? {
        var writer = CBORWriter()
        var isEmpty = true
        for group in groups {
            let dots = state.registers[group]?.dots ?? []
            isEmpty = isEmpty && dots.isEmpty && state.registers[group] == nil
            writer.write(dots)
        }
        return isEmpty ? nil : SHA256.hash(writer.bytes)
    }

    /// Those that share tokens, those that were found before, and those into which a person has merged it.
    private func partners(of traits: ChildTraits, _ tokens: [[UInt8]]) throws(CentralError) -> [CaseID] {
        var shared: [CaseID: Int] = [:]
        for token in tokens {
            let block = try transaction.cases(foundBy: token, countMax: Self.blockMax + 1)
            guard block.count <= Self.blockMax else { continue }
            for other in block where other != traits.caseID { shared[other, default: 0] += 1 }
        }
        let best = shared.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.partnersMax)
        let found = try transaction.duplicatePairs(of: traits.caseID, countMax: Self.partnersMax)
            .map { $0.cases.other(than: traits.caseID) }
        return Set(best.map(\.key) + found + traits.mergedInto).sorted()
    }

    private mutating func compare(_ traits: ChildTraits, with partner: CaseID) throws(CentralError) {
        let casebook = books.casebook
        let cases = CasePair(traits.caseID, partner)
        unsettled.insert(cases.second)
        let state = CaseState(folding: try transaction.changes(of: partner).map(\.change))
        let other = ChildTraits(partner, state, dictionary: casebook.dictionary)
        let likeness = DuplicateRules.standard.likeness(traits, other)
        let isMerged = traits.mergedInto.contains(partner) || other.mergedInto.contains(traits.caseID)
        guard likeness != nil || isMerged else { return try transaction.dropDuplicatePair(cases) }
        try transaction.put(
            DuplicatePair(
                cases: cases, score: likeness?.score ?? 0, codes: likeness?.codes ?? [],
                state: Self.state(of: traits, and: other)))
    }

    private static func state(of one: ChildTraits, and other: ChildTraits) -> DuplicatePair.State {
        if !one.mergedInto.isEmpty || !other.mergedInto.isEmpty { return .merged }
        let isDismissed = one.dismissed.contains(other.caseID) || other.dismissed.contains(one.caseID)
        return isDismissed ? .dismissed : .open
    }

    /// Follows the cases from one to the next that it was merged into, and marks those that come back to themselves, and those that do so
    /// no more.
    private mutating func markCircles(from start: CaseID) throws(CentralError) {
        var path = [start]
        var round: Set<CasePair> = []
        while path.count <= Self.chainMax, let last = path.last,
            let next = try transaction.duplicateCase(last)?.mergedInto
        {
            if let begin = path.firstIndex(of: next) {
                let members = Array(path[begin...]) + [next]
                round = Set(zip(members, members.dropFirst()).map { CasePair($0, $1) })
                break
            }
            path.append(next)
        }
        let steps = zip(path, path.dropFirst()).map { CasePair($0, $1) }
        for cases in round.union(steps) {
            let state: DuplicatePair.State = round.contains(cases) ? .circular : .merged
            guard let pair = try transaction.duplicatePair(cases), pair.state != state else { continue }
            unsettled.insert(cases.second)
            try transaction.put(
                DuplicatePair(cases: cases, score: pair.score, codes: pair.codes, state: state))
        }
    }
}
