import Cryptography
import Persistence
import SyncProtocol

/// Writing the caches.
extension SQLiteTransaction {
    func summary(of caseID: CaseID) throws(CentralError) -> CaseSummary? {
        try run { database throws(DatabaseError) in
            try database.first(
                """
                SELECT case_id, changes, fingerprint, conflicts, asides, forked, last FROM case_cache WHERE case_id = ?
                """, SQLiteValue(caseID)
            ) { row throws(DatabaseError) in try row.summary() }
        }
    }

    func put(_ digest: CaseDigest) throws(CentralError) -> Set<NumberRecord> {
        try putSummary(digest.summary, digest.lastTime)
        let renumbered = try put(digest.numbers, of: digest.summary.caseID)
        try put(digest.tasks, of: digest.summary.caseID)
        try put(digest.course, of: digest.summary.caseID)
        let id = SQLiteValue(digest.summary.caseID)
        try run { database throws(DatabaseError) in
            try database.execute("DELETE FROM conflict WHERE case_id = ?", id)
            try database.execute("DELETE FROM aside WHERE case_id = ?", id)
            try database.execute("DELETE FROM result WHERE case_id = ?", id)
            for conflict in digest.conflicts {
                try database.execute(
                    "INSERT INTO conflict (case_id, group_id, dots) VALUES (?, ?, ?)", id,
                    .integer(Int64(conflict.group.rawValue)), SQLiteValue(conflict.dots))
            }
            for aside in digest.asides {
                try database.execute(
                    "INSERT INTO aside (case_id, content, reasons, dots) VALUES (?, ?, ?, ?)", id,
                    SQLiteValue(aside.id), .text(aside.reasons.joined(separator: "\n")),
                    SQLiteValue(aside.dots))
            }
            for result in digest.results {
                try database.execute(
                    "INSERT INTO result (department, id, change, case_id) VALUES (?, ?, ?, ?)",
                    .text(result.department), .name(result.resultID, order: ""), SQLiteValue(result.change),
                    id)
            }
        }
        return renumbered
    }

    private func putSummary(_ summary: CaseSummary, _ lastTime: HybridTime) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO case_cache (case_id, changes, fingerprint, conflicts, asides, forked, last, last_time)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (case_id) DO UPDATE SET changes = excluded.changes, fingerprint = excluded.fingerprint,
                    conflicts = excluded.conflicts, asides = excluded.asides, forked = excluded.forked,
                    last = excluded.last, last_time = excluded.last_time
                """,
                SQLiteValue(summary.caseID), .integer(Int64(summary.changeCount)),
                SQLiteValue(summary.fingerprint), .integer(Int64(summary.conflictCount)),
                .integer(Int64(summary.asideCount)), .integer(Int64(summary.forkedCount)),
                SQLiteValue(summary.lastMilliseconds), SQLiteValue(lastTime.rawValue))
        }
    }

    func dropCaches() throws(CentralError) {
        try run { database throws(DatabaseError) in
            try database.execute("DELETE FROM case_cache")
            try database.execute("DELETE FROM conflict")
            try database.execute("DELETE FROM aside")
            try database.execute("DELETE FROM result")
            try database.execute("DELETE FROM desk_entry")
            try database.execute("DELETE FROM case_number")
            try database.execute("DELETE FROM attachment_name")
            try database.execute("DELETE FROM published_policy")
            try database.execute("DELETE FROM certificate_range")
            try database.execute("DELETE FROM voided_certificate")
            try database.execute("DELETE FROM duplicate_case")
            try database.execute("DELETE FROM duplicate_key")
            try database.execute("DELETE FROM duplicate_pair")
            try database.execute("DELETE FROM case_fact")
            try database.execute("DELETE FROM open_item")
            try database.execute("DELETE FROM record_calendar")
            try database.execute("DELETE FROM record_setting")
            try database.execute("DELETE FROM withdrawn_policy")
            try database.execute("DELETE FROM case_course")
            try database.execute("DELETE FROM act")
        }
    }

    func cacheMaker() throws(CentralError) -> Digest? {
        try run { database throws(DatabaseError) in
            try database.first("SELECT fingerprint FROM cache_maker") { row throws(DatabaseError) in
                try row.digest(0)
            }
        }
    }

    func setCacheMaker(_ fingerprint: Digest) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO cache_maker (id, fingerprint) VALUES (1, ?)
                ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint
                """, .digest(fingerprint.bytes))
        }
    }

    func result(_ id: String, of department: String) throws(CentralError) -> ContentID? {
        try run { database throws(DatabaseError) in
            try database.first(
                "SELECT change FROM result WHERE department = ? AND id = ? ORDER BY change LIMIT 1",
                .text(department), .name(id, order: "")
            ) { row throws(DatabaseError) in try row.contentID(0) }
        }
    }
}

extension Row {
    /// The columns of `case_cache` that a summary shows, in their order.
    func summary() throws(DatabaseError) -> CaseSummary {
        CaseSummary(
            caseID: try caseID(0), changeCount: try count(1), fingerprint: try fingerprint(2),
            conflictCount: try count(3), asideCount: try count(4), forkedCount: try count(5),
            lastMilliseconds: try number(6))
    }
}
