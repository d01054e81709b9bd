import Casework
import SyncProtocol

extension MergeDesk {
    /// Says who works on what waits in a case, or that nobody does. It is a change of the case: its windows see it, too. What waits without
    /// a case is assigned by its hospital's record.
    ///
    /// - Parameter assignee: an account name; nil for nobody.
    /// - Returns: nil if that is so already.
    @discardableResult
    func assign(
        _ caseID: CaseID, to assignee: String?, by user: String
    ) async throws(CentralError) -> Change? {
        guard 1...SyncProtocol.Limits.nameBytesMax ~= (assignee ?? "-").utf8.count else {
            throw CentralError.refused(.malformed("The assignee's name is empty or too long."))
        }
        let (books, milliseconds) = (books, now())
        return try await store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            let group = try books.casebook.group("deskAssignee")
            let hospital = try transaction.hospital(HospitalID(record: caseID))
            let state = hospital == nil ? try ledger.knownState(of: caseID) : try ledger.state(of: caseID)
            guard state.text("deskAssignee", in: books.casebook.dictionary) != assignee else { return nil }
            let write = ChangeContent.Write(
                value: [assignee.map { .text($0) } ?? .null], replaces: state.registers[group]?.dots ?? [])
            let change = try ledger.write(
                Ledger.OwnChange(
                    writes: [group: write], author: Author(role: .central, unit: "", user: user)),
                on: caseID, for: hospital?.id)
            try ledger.finish()
            return change
        }
    }
}
