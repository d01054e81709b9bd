import SyncProtocol

/// Where central's people see conflicts and changes set aside, and settle them. All of it is ordinary changes of central's.
package struct MergeDesk: Sendable {
    let store: any CentralStore
    let books: Books
    let now: @Sendable () -> UInt64

    package init(store: any CentralStore, books: Books, now: @escaping @Sendable () -> UInt64) {
        self.store = store
        self.books = books
        self.now = now
    }

    /// One group of a case that waits for a person.
    struct Conflict: Hashable, Sendable {
        let caseID: CaseID
        let group: GroupID
        let state: CaseState
        /// The hospitals in whose scope the case is.
        let hospitals: [HospitalRecord]
    }

    /// What a person decides on one group of a case.
    struct Settlement: Sendable {
        enum Choice: Sendable {
            /// The value that stands under this dot.
            case standing(Dot)
            case value([CBOR])
        }

        let caseID: CaseID
        let group: GroupID
        /// The dots that the person saw, all of them.
        let seen: [Dot]
        let choice: Choice
        let reason: String
        let user: String
    }

    /// Up to `countMax` conflicts after one, with what stands there.
    func conflicts(
        after: (caseID: CaseID, group: GroupID)?, countMax: Int
    ) async throws(CentralError) -> [Conflict] {
        return try await store.read { transaction throws(CentralError) in
            var states: [CaseID: CaseState] = [:]
            var conflicts: [Conflict] = []
            for record in try transaction.conflicts(after: after, countMax: countMax) {
                let state: CaseState
                if let known = states[record.caseID] {
                    state = known
                } else {
                    state = CaseState(folding: try transaction.changes(of: record.caseID).map(\.change))
                }
                states[record.caseID] = state
                conflicts.append(
                    Conflict(
                        caseID: record.caseID, group: record.group,
                        state: state,
                        hospitals: try Self.hospitals(of: record.caseID, in: transaction)))
            }
            return conflicts
        }
    }

    /// Replaces all the values of a group in conflict by one.
    ///
    /// Refused as stale, with what stands now, if that is not exactly what the person saw. The owner of a group may be
    /// overruled here and only here: its own values contradict each other.
    @discardableResult
    func settle(_ settlement: Settlement) async throws(CentralError) -> Change {
        let (books, milliseconds) = (books, now())
        return try await store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            let state = try ledger.knownState(of: settlement.caseID)
            let register = state.registers[settlement.group] ?? Register()
            guard register.dots == settlement.seen.sorted() else {
                throw CentralError.refused(.stale(settlement.group, live: register.dots))
            }
            guard state.reading(of: settlement.group, by: books.casebook.rules).isConflict else {
                throw CentralError.refused(.noConflict(settlement.group))
            }
            let value = try Self.value(of: settlement, register, books.casebook)
            let change = try ledger.write(
                Ledger.OwnChange(
                    writes: [settlement.group: ChangeContent.Write(value: value, replaces: register.dots)],
                    author: Author(role: .central, unit: "", user: settlement.user), reason: settlement.reason
                ),
                on: settlement.caseID)
            try ledger.finish()
            return change
        }
    }

    private static func value(
        of settlement: Settlement, _ register: Register, _ casebook: Casebook
    ) throws(CentralError) -> [CBOR] {
        switch settlement.choice {
        case .value(let value):
            guard casebook.isWellFormed(value, in: settlement.group) else {
                throw CentralError.refused(.malformedValue(settlement.group))
            }
            return value
        case .standing(let dot):
            guard let standing = register.standing.first(where: { $0.dot == dot }) else {
                throw CentralError.refused(.unseenDots)
            }
            return standing.value
        }
    }

    static func hospitals(
        of caseID: CaseID, in transaction: any CentralTransaction
    ) throws(CentralError) -> [HospitalRecord] {
        var hospitals: [HospitalRecord] = []
        for scope in try transaction.scopes(of: caseID) where scope.left == nil {
            if let hospital = try transaction.hospital(scope.hospital) { hospitals.append(hospital) }
        }
        return hospitals
    }
}

extension Ledger {
    /// The case as it stands, which must have a change.
    mutating func knownState(of caseID: CaseID) throws(CentralError) -> CaseState {
        let state = try state(of: caseID)
        guard state.count > 0 else { throw CentralError.refused(.unknownCase) }
        return state
    }
}
