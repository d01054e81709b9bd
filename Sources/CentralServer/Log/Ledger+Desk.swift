import Casework
import Cryptography
import SyncProtocol

/// What of a case waits for a person. It is made of the log alone, so that a rebuild comes to the same.
extension Ledger {
    /// What entered no case, of one hospital, that is in the queue at a time; the rest follows as these are dealt with.
    static let straysPerHospitalMax = 1000
    /// Cases with one number that are read to tell since when it is shared.
    static let holdersMax = 16

    /// Replaces the entries of a case.
    mutating func cacheDesk(of caseID: CaseID, _ state: CaseState) throws(CentralError) {
        let casebook = books.casebook
        let conflicts = state.conflicts(by: casebook.rules)
        let shared = try transaction.sharedNumbers(of: caseID)
        let isRecord = try transaction.hospital(HospitalID(record: caseID)) != nil
        var entries = try duplicates(of: caseID) + (isRecord ? strays(of: caseID, state) : [])
        if !conflicts.isEmpty || !shared.isEmpty || state.asides.values.contains(where: \.isAside) {
            let log = try transaction.changes(of: caseID)
            entries += casebook.conflicts(conflicts, of: caseID, state, log)
            entries += casebook.openAsides(of: caseID, state, log.map(\.change))
            for kind in Set(shared.map(\.kind)) {
                let numbers = shared.filter { $0.kind == kind }
                entries.append(try collision(of: caseID, numbers, kind))
            }
        }
        if !entries.isEmpty {
            let hospital = try scopes(of: caseID).first { $0.left == nil }?.hospital
            for index in entries.indices {
                entries[index].hospital = isRecord ? HospitalID(record: caseID) : hospital
                entries[index].assignee = state.text("deskAssignee", in: casebook.dictionary) ?? ""
                entries[index].policy = state.text("policyID", in: casebook.dictionary) ?? ""
            }
        }
        try transaction.put(entries, of: caseID)
    }

    /// Cases that may be one child's with this one. The case that was registered later has the entry.
    private func duplicates(of caseID: CaseID) throws(CentralError) -> [DeskEntry] {
        try transaction.duplicatePairs(of: caseID, countMax: Self.partnersMax).filter { pair in
            pair.cases.second == caseID && (pair.state == .open || pair.state == .circular)
        }.map { pair in
            DeskEntry(
                caseID: caseID, kind: .duplicate, subject: pair.cases.first.bytes,
                sinceMilliseconds: pair.sinceMilliseconds)
        }
    }

    /// What entered no case waits under the record of the hospital that it came from, until the record rejects it.
    private func strays(of record: CaseID, _ state: CaseState) throws(CentralError) -> [DeskEntry] {
        for id in books.casebook.rejected(in: state) { try transaction.settle(stray: id) }
        return try transaction.strays(of: HospitalID(record: record), countMax: Self.straysPerHospitalMax).map
        {
            DeskEntry(
                caseID: record, kind: $0.kind, subject: $0.id.bytes, sinceMilliseconds: $0.milliseconds)
        }
    }

    /// Numbers of one kind that other cases hold, too: since the second case came to hold one of them.
    private func collision(
        of caseID: CaseID, _ numbers: [NumberRecord], _ kind: NumberRecord.Kind
    ) throws(CentralError) -> DeskEntry {
        var since = UInt64.max
        for number in numbers {
            var times: [UInt64] = []
            for holder in try transaction.holders(of: number, countMax: Self.holdersMax) {
                let log = try transaction.changes(of: holder)
                times +=
                    log.lazy.filter { books.casebook.writes($0.change, number.number) }
                    .map(\.knownMilliseconds).min().map { [$0] } ?? []
            }
            times.sort()
            if times.count > 1 { since = min(since, times[1]) }
        }
        return DeskEntry(
            caseID: caseID, kind: .collision, subject: Array(kind.rawValue.utf8),
            sinceMilliseconds: since == .max ? 0 : since)
    }
}

extension NumberedChange {
    /// When central first knew of it; for what came before that was kept, when it was written.
    var knownMilliseconds: UInt64 {
        milliseconds == 0 ? change.content?.time.milliseconds ?? 0 : milliseconds
    }
}

extension DeskEntry {
    init(conflictIn group: GroupID, of caseID: CaseID, _ kind: Kind, since: UInt64) {
        let number = group.rawValue
        self.init(
            caseID: caseID, kind: kind,
            subject: [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }, sinceMilliseconds: since)
        self.group = group
    }
}

extension Casebook {
    fileprivate func conflicts(
        _ groups: [GroupID], of caseID: CaseID, _ state: CaseState, _ log: [NumberedChange]
    ) -> [DeskEntry] {
        if groups.isEmpty { return [] }
        let arrivals = Dictionary(
            log.map { ($0.change.id, $0.knownMilliseconds) }, uniquingKeysWith: { first, _ in first })
        let progress = progress(of: state)
        return groups.map { group in
            let history = GroupHistory(of: group, in: log.lazy.map(\.change), state)
            let since = history.conflictSince(state.registers[group]?.dots ?? []) { arrivals[$0] ?? 0 }
            var entry = DeskEntry(
                conflictIn: group, of: caseID, resultIDIndex(of: group) == nil ? .conflict : .result,
                since: since)
            entry.waitingCount = ConflictEffects(group, state, progress).count
            return entry
        }
    }

    /// Changes set aside on which nobody has decided, or persons have contradicted each other.
    fileprivate func openAsides(of caseID: CaseID, _ state: CaseState, _ changes: [Change]) -> [DeskEntry] {
        let asides = state.asides.filter(\.value.isAside)
        if asides.isEmpty { return [] }
        return asides.sorted { $0.key < $1.key }.compactMap { target, verdicts in
            let given = changes.filter {
                verdicts.dots.contains($0.dot) && $0.content?.asides[target] != nil
            }
            let isByRule = given.contains { $0.content?.author.user.isEmpty ?? false }
            guard isByRule || verdicts.reasons.count < verdicts.dots.count else { return nil }
            return DeskEntry(
                caseID: caseID, kind: .aside, subject: target.bytes,
                sinceMilliseconds: given.compactMap { $0.content?.time.milliseconds }.min() ?? 0)
        }
    }

    /// What of a hospital's strays central's people have rejected.
    func rejected(in state: CaseState) -> [ContentID] {
        guard let group = dictionary.group(named: "deskRejection")?.id else { return [] }
        return (state.registers[group]?.standing ?? []).compactMap { standing in
            guard standing.author.role == .central, case .text(let text)? = standing.value.first else {
                return nil
            }
            // Central wrote it, so it is 64 hexadecimal digits.
            return [UInt8](hexadecimal: text).flatMap { Digest(bytes: $0) }.map(ContentID.init)
        }
    }

    /// Whether a change gives its case a number.
    fileprivate func writes(_ change: Change, _ number: String) -> Bool {
        change.content?.writes.values.contains { $0.value.contains(.text(number)) } ?? false
    }
}
