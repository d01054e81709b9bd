import Casework
import SyncProtocol

/// Where central's people look at cases and edit them.
package struct CaseDesk: Sendable {
    let store: any CentralStore
    let books: Books
    let now: @Sendable () -> UInt64

    /// A case with all that stands in it.
    struct View: Sendable {
        let caseID: CaseID
        let state: CaseState
        let hospitals: [HospitalRecord]
        let tasks: [TaskRecord]
    }

    /// New answers to some fields of a case.
    struct Edit: Sendable {
        let caseID: CaseID
        /// Coded, by field key.
        let answers: [String: CBOR]
        /// The dots that the person saw, by group; a group that is absent is taken as it stands.
        var seen: [GroupID: [Dot]] = [:]
        var reason: String?
        let user: String
    }

    func view(_ caseID: CaseID) async throws(CentralError) -> View {
        try await store.read { transaction throws(CentralError) in
            let state = CaseState(folding: try transaction.changes(of: caseID).map(\.change))
            guard state.count > 0 else { throw CentralError.refused(.unknownCase) }
            return View(
                caseID: caseID, state: state, hospitals: try MergeDesk.hospitals(of: caseID, in: transaction),
                tasks: try transaction.tasks(of: caseID))
        }
    }

    /// Writes an ordinary change of central's. What others wrote since the person looked stands beside it.
    ///
    /// - Returns: the change; nil if nothing differs from what stands.
    @discardableResult
    func edit(_ edit: Edit) async throws(CentralError) -> Change? {
        let (books, milliseconds) = (books, now())
        return try await store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            let state = try ledger.knownState(of: edit.caseID)
            let author = Author(role: .central, unit: "", user: edit.user)
            let writes = try Self.writes(of: edit, by: author, state, books.casebook)
            if writes.isEmpty { return nil }
            let change = try ledger.write(
                Ledger.OwnChange(writes: writes, author: author, reason: edit.reason), on: edit.caseID)
            try ledger.finish()
            return change
        }
    }

    private static func writes(
        of edit: Edit, by author: Author, _ state: CaseState, _ casebook: Casebook
    ) throws(CentralError) -> [GroupID: ChangeContent.Write] {
        guard edit.seen.values.allSatisfy({ $0.allSatisfy(state.seen.contains) }) else {
            throw CentralError.refused(.unseenDots)
        }
        do throws(EditError) {
            return try CaseEdit(state, dictionary: casebook.dictionary)
                .writes(edit.answers, by: author, seen: edit.seen)
        } catch {
            throw CentralError.refused(.notEditable(error))
        }
    }
}

extension Casebook {
    /// Whether a value has one item per member of a group that is known.
    func isWellFormed(_ value: [CBOR], in group: GroupID) -> Bool {
        dictionary[group]?.members.count == value.count
    }
}
