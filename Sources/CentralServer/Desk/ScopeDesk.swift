import Casework
package import SyncProtocol

/// Where central's people give a case to another hospital.
///
/// The move is a change of the case, by central: it reaches both hospitals, stays in the history, and comes back from either if
/// central loses it. See docs/decisions/0013-scope-and-moves.md.
package struct ScopeDesk: Sendable {
    let store: any CentralStore
    let books: Books
    let now: @Sendable () -> UInt64

    /// An order to move a case.
    package struct Move: Hashable, Sendable {
        let caseID: CaseID
        /// The code of the hospital that gets it.
        let code: String
        let reason: String
        let user: String

        package init(_ caseID: CaseID, to code: String, reason: String, by user: String) {
            (self.caseID, self.code, self.reason, self.user) = (caseID, code, reason, user)
        }
    }

    /// What came of it, or would.
    package struct Moved: Hashable, Sendable {
        /// The codes of the hospitals that had the case.
        package let from: [String]
        package let to: String
        /// Changes that the new hospital gets, the move included.
        package let changeCount: Int
    }

    /// Moves a case: the new hospital gets all of it, the old one hears that it left.
    ///
    /// - Throws: a refusal: of an unknown case or hospital, of a hospital's record, without a reason, or if the case is exactly
    ///   there already.
    @discardableResult
    package func move(_ move: Move, isDryRun: Bool = false) async throws(CentralError) -> Moved {
        guard 1...SyncProtocol.Limits.reasonBytesMax ~= move.reason.utf8.count else {
            throw CentralError.refused(
                .malformed("A move needs a reason of at most \(SyncProtocol.Limits.reasonBytesMax) bytes."))
        }
        let (books, milliseconds) = (books, now())
        guard !isDryRun else {
            return try await store.read { transaction throws(CentralError) in
                let state = CaseState(folding: try transaction.changes(of: move.caseID).map(\.change))
                return try Self.plan(move, state, in: transaction).moved
            }
        }
        return try await store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            let state = try ledger.state(of: move.caseID)
            let plan = try Self.plan(move, state, in: transaction)
            try ledger.write(
                Ledger.OwnChange(
                    writes: try books.casebook.writes(moving: state, to: plan.hospital),
                    author: Author(role: .central, unit: "", user: move.user), reason: move.reason),
                on: move.caseID)
            try ledger.finish()
            return plan.moved
        }
    }

    static func plan(
        _ move: Move, _ state: CaseState, in transaction: any CentralTransaction
    ) throws(CentralError) -> (hospital: HospitalRecord, moved: Moved) {
        guard state.count > 0, move.caseID != .centralRecord, move.caseID != .staffRecord,
            try transaction.hospital(HospitalID(record: move.caseID)) == nil
        else { throw CentralError.refused(.unknownCase) }
        guard let hospital = try transaction.hospital(code: move.code) else {
            throw CentralError.refused(.unknownHospital)
        }
        let from = try MergeDesk.hospitals(of: move.caseID, in: transaction)
        guard from.map(\.id) != [hospital.id] else {
            throw CentralError.refused(.alreadyThere(hospital.code))
        }
        return (
            hospital,
            Moved(from: from.map(\.code).sorted(), to: hospital.code, changeCount: state.count + 1)
        )
    }
}

extension Casebook {
    /// The writes that give a case to a hospital, replacing what stands there.
    func writes(
        moving state: CaseState, to hospital: HospitalRecord
    ) throws(CentralError) -> [GroupID: ChangeContent.Write] {
        var writes: [GroupID: ChangeContent.Write] = [:]
        for (name, value) in [
            ("hospital", CBOR.bytes(hospital.id.record.bytes)), ("movedTo", .text(hospital.code)),
        ] {
            let group = try group(name)
            writes[group] = ChangeContent.Write(value: [value], replaces: state.registers[group]?.dots ?? [])
        }
        return writes
    }
}
