import Casework
import Persistence
import SyncProtocol

extension WindowStore {
    /// This hospital's cases of which a department has sent an item back and the window has not handed it in again, the last changed
    /// first.
    package func returnedCases(limit: Int, offset: Int = 0) throws -> [ListedCase] {
        try freshen()
        return try database.rows(
            """
            SELECT case_id, summary, conflicts, asides, changed_at, 0 FROM case_cache
            WHERE returned > 0 AND case_id NOT IN (SELECT case_id FROM departed)
            ORDER BY changed_at DESC, case_id LIMIT ? OFFSET ?
            """, .integer(Int64(limit)), .integer(Int64(offset)), decode: ListedRow.init
        ).map { try $0.listed }
    }
}
