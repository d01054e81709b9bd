import Cryptography
import Persistence
import SyncProtocol

extension SQLiteTransaction {
    func erase(
        _ caseID: CaseID, leaving left: [NumberedChange], milliseconds: UInt64
    ) throws(CentralError) {
        let id = SQLiteValue(caseID)
        try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO erased_attachment (hash) SELECT n.hash FROM attachment_name AS n
                WHERE n.case_id = ? AND NOT EXISTS (
                    SELECT 1 FROM attachment_name AS o WHERE o.hash = n.hash AND o.case_id <> n.case_id)
                ON CONFLICT DO NOTHING
                """, id)
            try database.execute(
                "DELETE FROM attachment_want WHERE hash IN (SELECT hash FROM erased_attachment)")
            try database.execute("DELETE FROM attachment_name WHERE case_id = ?", id)
            // Sealed under the key that goes, or made of what goes.
            try database.execute("DELETE FROM case_fact WHERE case_id = ?", id)
            try database.execute("DELETE FROM duplicate_case WHERE case_id = ?", id)
            try database.execute("DELETE FROM duplicate_key WHERE case_id = ?", id)
            try database.execute("DELETE FROM duplicate_pair WHERE first_case = ?", id)
            try database.execute("DELETE FROM duplicate_pair WHERE second_case = ?", id)
            try database.seals?.destroyKey(of: caseID.bytes)
            for item in left {
                try database.execute(
                    "UPDATE change SET body = ? WHERE number = ?", SQLiteValue(body: item.change),
                    .integer(item.number.rawValue))
            }
            // A reader of its tasks hears that they are gone; the words of them go now.
            try database.execute(
                "UPDATE task SET reason = ? WHERE case_id = ?",
                .sealedText("", .of(caseID.bytes, SealedColumn.task)), id)
            try database.execute(
                "INSERT INTO erasure_due (id, since) VALUES (1, ?) ON CONFLICT (id) DO NOTHING",
                SQLiteValue(milliseconds))
        }
    }

    func isErasureDue() throws(CentralError) -> Bool {
        try run { database throws(DatabaseError) in
            try database.first("SELECT 1 FROM erasure_due") { row throws(DatabaseError) in true } ?? false
        }
    }

    func erasedAttachments(countMax: Int) throws(CentralError) -> [Digest] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT hash FROM erased_attachment AS e
                WHERE NOT EXISTS (SELECT 1 FROM attachment_name AS n WHERE n.hash = e.hash) LIMIT ?
                """, .integer(Int64(countMax))
            ) { row throws(DatabaseError) in try row.digest(0) }
        }
    }

    func forgetErased(_ attachments: [Digest]) throws(CentralError) {
        try run { database throws(DatabaseError) in
            for hash in attachments {
                try database.execute("DELETE FROM erased_attachment WHERE hash = ?", .digest(hash.bytes))
            }
        }
    }

    func noteErasureDone() throws(CentralError) {
        try run { database throws(DatabaseError) in
            // What another case names by now stays.
            try database.execute(
                """
                DELETE FROM erased_attachment
                WHERE EXISTS (SELECT 1 FROM attachment_name AS n WHERE n.hash = erased_attachment.hash)
                """)
            try database.execute("DELETE FROM erasure_due WHERE NOT EXISTS (SELECT 1 FROM erased_attachment)")
        }
    }
}
