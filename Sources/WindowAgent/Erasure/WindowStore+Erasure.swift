import Casework
import Cryptography
import Persistence
import SyncProtocol

/// Erasing a case that central's record names: the content of its changes goes, with its key, and their names stay. So the feed, the
/// chains and every sum are as before, and what is sent of it from now on is what is left (``SyncProtocol/ErasedBody``).
extension WindowStore {
    /// Destroys what central's record says is to be destroyed of a case, inside the caller's transaction; its caches are the caller's.
    /// What central had not seen when it was said stays: it is set aside there.
    ///
    /// - Parameter changes: all of the case.
    /// - Returns: all of them as they are afterwards.
    func erased(_ caseID: CaseID, _ changes: [Change]) throws -> [Change] {
        guard let erasure = try rules().record.erasures[caseID], changes.contains(where: erasure.covers)
        else { return changes }
        let left = changes.map { erasure.covers($0) ? $0.erased : $0 }
        try noteErasedPages(changes.filter(erasure.covers), left, of: caseID)
        try dropRenamed(of: caseID)
        try SQLConnection.file(database).seals?.destroyKey(of: caseID.bytes)
        for change in left {
            try database.execute(
                "UPDATE change SET body = ? WHERE content = ?",
                .sealed(change.body, .of(caseID.bytes, StoredChange.place)), .digest(change.id.bytes))
        }
        try database.execute(
            "INSERT OR IGNORE INTO given_up_journal (journal) SELECT journal FROM second_copy")
        try database.execute("DELETE FROM second_copy")
        try database.execute(
            "INSERT OR REPLACE INTO erasure_due (id, since) VALUES (1, ?)",
            .integer(Int64(clamping: environment.milliseconds())))
        return left
    }

    /// Erases the cases of which central's record says something new, inside the caller's transaction.
    func refreshErased(_ earlier: [CaseID: Erasure], _ now: [CaseID: Erasure]) throws {
        for (caseID, erasure) in now where earlier[caseID] != erasure {
            if try isHere(caseID) { try refresh(caseID) }
        }
    }

    private func isHere(_ caseID: CaseID) throws -> Bool {
        try database.first("SELECT 1 FROM change WHERE case_id = ? LIMIT 1", .blob(caseID.bytes)) {
            row throws(DatabaseError) in true
        } ?? false
    }

    /// Pictures that only what is erased names.
    private func noteErasedPages(_ gone: [Change], _ left: [Change], of caseID: CaseID) throws {
        func pages(_ changes: [Change]) -> Set<[UInt8]> {
            changes.reduce(into: []) { $0.formUnion(dictionary.attachments(in: $1.content?.writes ?? [:])) }
        }
        for hash in pages(gone).subtracting(pages(left)) where hash.count == Digest.byteCount {
            try database.execute(
                """
                INSERT OR IGNORE INTO erased_attachment (hash) SELECT ?1
                WHERE NOT EXISTS (SELECT 1 FROM attachment_name WHERE hash = ?1 AND case_id <> ?2)
                """, .digest(hash), .blob(caseID.bytes))
        }
    }
}

/// What is done after the transaction, and again after a crash.
extension WindowStore {
    /// Whether something is left to do after an erasure.
    func isErasureDue() throws -> Bool {
        try database.first("SELECT 1 FROM erasure_due") { row throws(DatabaseError) in true } ?? false
    }

    /// Pictures of erased cases whose files are to go; one that a case names by now stays.
    func erasedPages() throws -> [Digest] {
        try database.execute(
            """
            DELETE FROM erased_attachment
            WHERE EXISTS (SELECT 1 FROM attachment_name AS n WHERE n.hash = erased_attachment.hash)
            """)
        return try database.rows("SELECT hash FROM erased_attachment") { row throws(DatabaseError) in
            try row.digest(0)
        }
    }

    /// The files are gone: empties the log of the database, in which earlier pages lie, and notes that nothing is left to do.
    func finishErasure(of pages: [Digest]) throws {
        try database.checkpoint()
        try writeQuietly {
            for hash in pages {
                try database.execute("DELETE FROM erased_attachment WHERE hash = ?", .digest(hash.bytes))
            }
            let more = try database.first("SELECT 1 FROM erased_attachment LIMIT 1") {
                row throws(DatabaseError) in true
            }
            if more == nil { try database.execute("DELETE FROM erasure_due") }
        }
    }

    /// Journals that hold what was erased since; each goes when it is found on the medium beside one that is whole.
    func givenUpJournals() throws -> [[UInt8]] {
        try database.rows("SELECT journal FROM given_up_journal") { row throws(DatabaseError) in
            try row.blob(0)
        }
    }

    /// A journal is gone from its medium.
    func forget(givenUp journal: [UInt8]) throws {
        try writeQuietly {
            try database.execute("DELETE FROM given_up_journal WHERE journal = ?", .blob(journal))
        }
    }
}
