import Casework
import SyncProtocol

/// What a person decides on two cases.
extension DuplicateDesk {
    /// One case goes on as another.
    struct Merge: Sendable {
        let from: CaseID
        let into: CaseID
        /// Groups in which the value of the case that is merged is taken over.
        var takes: [GroupID] = []
        /// The fingerprints of the cases that the person saw; a case that is absent is taken as it stands.
        var seen: [CaseID: Fingerprint] = [:]
        let reason: String
        let user: String
    }

    /// Merges a case into another: it is closed to its window and held for the departments, and the values that were chosen are
    /// written to the other. What was merged names the changes that it had seen: if the closed case is changed later, by a window that had
    /// not heard of it, it shows as decided on data that has changed.
    func merge(_ merge: Merge) async throws(CentralError) {
        let (books, milliseconds) = (books, now())
        try await store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            let (from, into) = (try ledger.side(merge.from), try ledger.side(merge.into))
            try Self.check(from, into, books)
            try Self.check(merge, from, into, books.casebook, transaction)
            let author = Author(role: .central, unit: "", user: merge.user)
            let dictionary = books.casebook.dictionary
            try ledger.write(
                Ledger.OwnChange(
                    writes: try Self.taken(merge.takes, from, into, books.casebook)
                        .merging(
                            into.state.additions(
                                [
                                    "mergedFrom": .bytes(merge.from.bytes),
                                    "mergedFromNumber": .from(from.state.text("caseNumber", in: dictionary)),
                                    "mergedFromHospital": .from(from.hospitals.first?.name),
                                ], dictionary)
                        ) { $1 },
                    author: author, reason: merge.reason), on: merge.into)
            try ledger.write(
                Ledger.OwnChange(
                    writes: from.state.replacements(
                        [
                            "mergedInto": .bytes(merge.into.bytes),
                            "mergedIntoNumber": .from(into.state.text("caseNumber", in: dictionary)),
                            "mergedIntoHospital": .from(into.hospitals.first?.name),
                        ], dictionary),
                    author: author, basis: Self.basis(of: from.state, dictionary), reason: merge.reason),
                on: merge.from)
            try ledger.finish()
        }
    }

    /// Says that two cases are two children: the pair is not shown any more, whichever of them is changed.
    func dismiss(_ cases: CasePair, reason: String, user: String) async throws(CentralError) {
        let (books, milliseconds) = (books, now())
        try await store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            let sides = [try ledger.side(cases.first), try ledger.side(cases.second)]
            try Self.check(sides[0], sides[1], books)
            guard Self.decisions(on: cases, sides, books.casebook.dictionary).isEmpty else {
                throw CentralError.refused(.duplicates(.alreadyDecided))
            }
            for side in sides {
                let other = cases.other(than: side.caseID)
                try ledger.write(
                    Ledger.OwnChange(
                        writes: side.state.additions(
                            ["notDuplicateOf": .array([.bytes(other.bytes)])], books.casebook.dictionary),
                        author: Author(role: .central, unit: "", user: user), reason: reason),
                    on: side.caseID)
            }
            try ledger.finish()
        }
    }

    /// Takes back what central's people have said of two cases: each change is set aside, and what it had replaced stands again, unless
    /// somebody has written there since.
    func undo(_ cases: CasePair, reason: String, user: String) async throws(CentralError) {
        let (books, milliseconds) = (books, now())
        try await store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            let sides = [try ledger.side(cases.first), try ledger.side(cases.second)]
            try Self.check(sides[0], sides[1], books)
            let decisions = Self.decisions(on: cases, sides, books.casebook.dictionary)
            guard !decisions.isEmpty else { throw CentralError.refused(.duplicates(.nothingToUndo)) }
            for (side, id) in decisions {
                let aside = ChangeContent.Aside(
                    reason: reason, replaces: side.state.asides[id]?.dots ?? [])
                try ledger.write(
                    Ledger.OwnChange(
                        author: Author(role: .central, unit: "", user: user), reason: reason,
                        asides: [id: aside]), on: side.caseID)
            }
            try ledger.finish()
        }
    }

    /// Central's changes by which one of two cases names the other.
    private static func decisions(
        on cases: CasePair, _ sides: [Side], _ dictionary: FieldDictionary
    ) -> [(side: Side, id: ContentID)] {
        sides.flatMap { side -> [(side: Side, id: ContentID)] in
            let other = CBOR.bytes(cases.other(than: side.caseID).bytes)
            let standing = ["mergedInto", "mergedFrom", "notDuplicateOf"].flatMap { name in
                dictionary.group(named: name).flatMap { side.state.registers[$0.id]?.standing } ?? []
            }
            let naming = standing.filter { standing in
                standing.author.role == .central
                    && (standing.value.first == other || standing.value.first == .array([other]))
            }
            return Set(naming.map(\.id)).sorted().map { (side, $0) }
        }
    }

    private static func check(
        _ merge: Merge, _ from: Side, _ into: Side, _ casebook: Casebook,
        _ transaction: any CentralTransaction
    ) throws(CentralError) {
        for side in [from, into] {
            guard merge.seen[side.caseID] ?? side.state.fingerprint == side.state.fingerprint else {
                throw CentralError.refused(.duplicates(.changedSince(side.caseID)))
            }
        }
        if let target = from.state.mergeTargets(casebook.dictionary).first {
            throw CentralError.refused(.duplicates(.alreadyMerged(into: target)))
        }
        var last = into.state.mergeTargets(casebook.dictionary).first
        guard let first = last else { return }
        for _ in 0..<Ledger.chainMax {
            guard let next = last else { break }
            guard next != merge.from else { throw CentralError.refused(.duplicates(.circle)) }
            last = try transaction.duplicateCase(next)?.mergedInto
        }
        throw CentralError.refused(.duplicates(.targetMerged(into: first)))
    }

    /// What the person chose of the case that is merged, replacing all that stands in the other; of a group whose values are all shown,
    /// beside it.
    private static func taken(
        _ groups: [GroupID], _ from: Side, _ into: Side, _ casebook: Casebook
    ) throws(CentralError) -> [GroupID: ChangeContent.Write] {
        let values = Answers(state: from.state, dictionary: casebook.dictionary).groups(
            in: casebook.dictionary)
        var writes: [GroupID: ChangeContent.Write] = [:]
        for id in groups {
            guard let group = casebook.dictionary[id], isTaken(group) else {
                throw CentralError.refused(.duplicates(.notTaken(id)))
            }
            guard case .array(let value)? = values[id] else {
                throw CentralError.refused(.duplicates(.nothingToTake(id)))
            }
            let replaces = group.rule == .union ? [] : into.state.registers[id]?.dots ?? []
            writes[id] = ChangeContent.Write(value: value, replaces: replaces)
        }
        return writes
    }

    /// Whether a group may be taken over: what was entered, and the photographs. Where the window is the owner, a person at central may
    /// overrule it as in settling: the value is another window's.
    static func isTaken(_ group: FieldGroup) -> Bool {
        if case .owner(.department) = group.rule { return false }
        return group.isEntered && group.name != "acceptance" || group.name == "attachments"
    }

    /// What a person looked at who merged a case.
    private static func basis(of state: CaseState, _ dictionary: FieldDictionary) -> [GroupID: [Dot]] {
        state.registers.filter { dictionary[$0.key]?.isEntered ?? false }.mapValues(\.dots)
    }
}

extension Ledger {
    /// A case as it stands, with its hospitals.
    fileprivate mutating func side(_ caseID: CaseID) throws(CentralError) -> DuplicateDesk.Side {
        DuplicateDesk.Side(
            caseID: caseID, state: try knownState(of: caseID),
            hospitals: try MergeDesk.hospitals(of: caseID, in: transaction))
    }
}

extension CaseState {
    /// The cases that this one goes on as, by all that stands.
    fileprivate func mergeTargets(_ dictionary: FieldDictionary) -> [CaseID] {
        let standing = dictionary.group(named: "mergedInto").flatMap { registers[$0.id]?.standing } ?? []
        return standing.compactMap { standing in
            if case .bytes(let bytes)? = standing.value.first { CaseID(bytes: bytes) } else { nil }
        }
    }

    /// Answers as values beside all that stands in their groups.
    fileprivate func additions(
        _ answers: [String: CBOR], _ dictionary: FieldDictionary
    ) -> [GroupID: ChangeContent.Write] {
        writes(answers, dictionary) { _ in [] }
    }

    /// Answers in the place of all that stands in their groups.
    fileprivate func replacements(
        _ answers: [String: CBOR], _ dictionary: FieldDictionary
    ) -> [GroupID: ChangeContent.Write] {
        writes(answers, dictionary) { registers[$0]?.dots ?? [] }
    }

    private func writes(
        _ answers: [String: CBOR], _ dictionary: FieldDictionary, replacing: (GroupID) -> [Dot]
    ) -> [GroupID: ChangeContent.Write] {
        var writes: [GroupID: ChangeContent.Write] = [:]
        for (id, value) in Answers(answers).groups(in: dictionary) {
            guard case .array(let members) = value else { continue }
            writes[id] = ChangeContent.Write(value: members, replaces: replacing(id))
        }
        return writes
    }
}

extension CBOR {
    /// A text, or null for none.
    fileprivate static func from(_ text: String?) -> CBOR { text.map(CBOR.text) ?? .null }
}
