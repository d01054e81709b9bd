import Casework
import Persistence
import SyncProtocol

extension WindowStore {
    /// Marks every cache as stale if another program made them, at the opening: each is made anew before it is looked at.
    /// Cases of the log that have no cache get one.
    static func noteCacheMaker(_ maker: CacheMaker, in database: Database) throws {
        let known = try database.first("SELECT fingerprint FROM cache_maker") { row throws(DatabaseError) in
            try row.digest(0)
        }
        guard known != maker.fingerprint else { return }
        try database.transaction(.immediate) {
            try database.execute("UPDATE case_cache SET is_stale = 1")
            try database.execute(
                """
                INSERT INTO case_cache (case_id, fingerprint, changes, conflicts, asides, forked, changed_at, summary)
                SELECT case_id, ?, count(*), 0, 0, 0, max(saved_at), ? FROM change
                WHERE case_id NOT IN (SELECT case_id FROM case_cache) GROUP BY case_id
                """, .digest(Fingerprint.empty.bytes), .sealed(Array("{}".utf8), .store(ListedRow.place)))
            try database.execute(
                "INSERT OR REPLACE INTO cache_maker (id, fingerprint) VALUES (1, ?)",
                .digest(maker.fingerprint.bytes))
        }
    }
}
