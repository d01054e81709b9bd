import Casework
import Persistence
package import SyncProtocol

/// How a case that belongs to another hospital by now stands here.
package struct Departure: Hashable, Sendable {
    /// The code of the hospital that has it now; nil if this window was not told.
    package let hospitalCode: String?
    /// Own changes of it that central has not confirmed.
    package let unsentCount: Int
}

/// Cases that left the hospital: hidden from clerks, kept for the technician.
extension WindowStore {
    /// Cases that left, the last first.
    package func departedCases(limit: Int) throws -> [ListedCase] {
        try freshen()
        return try database.rows(
            """
            SELECT departed.case_id, summary, conflicts, asides, changed_at, 1
            FROM departed CROSS JOIN case_cache USING (case_id) ORDER BY departed.position DESC LIMIT ?
            """, .integer(Int64(limit)), decode: ListedRow.init
        ).map { try $0.listed }
    }

    /// Nil for a case that is this hospital's.
    package func departure(of caseID: CaseID) throws -> Departure? {
        guard try hasDeparted(caseID) else { return nil }
        return Departure(
            hospitalCode: try state(of: caseID).text("movedToCode", in: dictionary),
            unsentCount: try unsentCount(of: caseID))
    }

    func hasDeparted(_ caseID: CaseID) throws -> Bool {
        try database.first("SELECT 1 FROM departed WHERE case_id = ?", .blob(caseID.bytes)) {
            row throws(DatabaseError) in try row.integer(0)
        } != nil
    }

    private func unsentCount(of caseID: CaseID) throws -> Int {
        try database.first(
            """
            SELECT count(*) FROM change JOIN outbox ON outbox.change = change.number WHERE change.case_id = ?
            """, .blob(caseID.bytes)
        ) { row throws(DatabaseError) in Int(try row.integer(0)) } ?? 0
    }
}
