import Persistence
package import SyncProtocol

/// Why a case is not wiped.
package enum WipeRefusal: Hashable, Sendable {
    /// It is this hospital's.
    case notDeparted
    /// Central has not confirmed that many changes of this window that would be wiped, or that stand in a chain with them.
    case unsent(Int)
    /// That many pictures that no other case names are still to be sent.
    case unsentPages(Int)
    /// Central is being brought what it lacks: perhaps this case.
    case repairing
}

/// Wiping a case that left: the one place where changes go from a window. Their names stay, so that the feed can be followed.
extension WindowStore {
    /// Removes all content of a case that left, and all that was made of it. Central has every change of it.
    ///
    /// The replicas that wrote to it are sealed: their chains have holes now. So that their other changes can still be brought
    /// back to a central that loses them, receipts are asked for.
    ///
    /// - Returns: how many changes are wiped, or would be.
    /// - Throws: ``StoreError/notWiped(_:)``, with nothing done.
    package func wipe(departed caseID: CaseID, isDryRun: Bool = false) throws -> Int {
        let count = try changes(of: caseID).count
        guard count > 0 else { throw StoreError.unknownCase(caseID) }
        if let refusal = try wipeRefusal(of: caseID) { throw StoreError.notWiped(refusal) }
        if isDryRun { return count }
        try write {
            if let refusal = try wipeRefusal(of: caseID) { throw StoreError.notWiped(refusal) }
            try sealReplicas(writing: caseID)
            try dropContent(of: caseID)
            try refreshOrDrop(caseID)
        }
        return count
    }

    private func wipeRefusal(of caseID: CaseID) throws -> WipeRefusal? {
        guard try hasDeparted(caseID) else { return .notDeparted }
        guard try loadSyncState().repair == nil else { return .repairing }
        let unsent = try database.first(
            """
            SELECT coalesce(sum(sequence - confirmed), 0) FROM replica
            WHERE number IN (SELECT own_replica FROM change WHERE case_id = ? AND own_replica IS NOT NULL)
            """, .blob(caseID.bytes)
        ) { row throws(DatabaseError) in Int(try row.integer(0)) }
        return unsent.flatMap { $0 > 0 ? .unsent($0) : nil }
    }

    private func sealReplicas(writing caseID: CaseID) throws {
        let numbers = try database.rows(
            "SELECT DISTINCT own_replica FROM change WHERE case_id = ? AND own_replica IS NOT NULL",
            .blob(caseID.bytes)
        ) { row throws(DatabaseError) in try row.integer(0) }
        for number in numbers {
            if memory.replica?.number == number { memory.replica = nil }
            try database.execute("UPDATE replica SET is_broken = 1 WHERE number = ?", .integer(number))
            try database.execute(
                """
                INSERT OR IGNORE INTO wanted (case_id)
                SELECT DISTINCT case_id FROM change
                WHERE replica = (SELECT id FROM replica WHERE number = ?1) AND own_replica = ?1
                    AND receipt IS NULL AND case_id NOT IN (SELECT case_id FROM departed)
                """, .integer(number))
        }
    }

    private func dropContent(of caseID: CaseID) throws {
        let id = SQLiteValue.blob(caseID.bytes)
        try database.execute(
            """
            INSERT OR IGNORE INTO wiped_change (content, case_id, replica, sequence, edition, position)
            SELECT content, case_id, replica, sequence, edition, position FROM change WHERE case_id = ?
            """, id)
        try database.execute(
            "DELETE FROM offer WHERE change IN (SELECT number FROM change WHERE case_id = ?)", id)
        try database.execute("DELETE FROM change WHERE case_id = ?", id)
        try database.execute("DELETE FROM wanted WHERE case_id = ?", id)
        try dropRenamed(of: caseID)
        try SQLConnection.file(database).seals?.destroyKey(of: caseID.bytes)
    }

    /// Drops what a fork left of a case under other names. While its key is there: by its body it is known.
    func dropRenamed(of caseID: CaseID) throws {
        let renamed = try database.rows("SELECT replica, sequence, body, content FROM renamed_change") {
            row throws(DatabaseError) in try StoredChange(row)
        }
        for stored in renamed where try stored.change.caseID == caseID {
            try database.execute(
                "DELETE FROM renamed_change WHERE content = ?", .digest(stored.content.bytes))
        }
    }

    /// Passes a change that was wiped here, with its place and without its content.
    func passWiped(_ content: ContentID, at position: Int64) throws -> Bool {
        try database.execute(
            "UPDATE wiped_change SET position = ? WHERE content = ?", .integer(position),
            .digest(content.bytes)
        ) > 0
    }

    /// Whether a case was wiped here.
    func isWiped(_ caseID: CaseID) throws -> Bool {
        try database.first("SELECT 1 FROM wiped_change WHERE case_id = ? LIMIT 1", .blob(caseID.bytes)) {
            row throws(DatabaseError) in true
        } ?? false
    }

    /// Keeps only the name of a change that came late to a case that was wiped.
    func noteWiped(_ change: Change, at position: Int64) throws {
        try database.execute(
            """
            INSERT OR REPLACE INTO wiped_change (content, case_id, replica, sequence, edition, position)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            .digest(change.id.bytes), .blob(change.caseID.bytes), .blob(change.replica.bytes),
            .integer(Int64(change.sequence)), .integer(Int64(change.edition)), .integer(position))
    }

    /// Forgets that a change was wiped, because it is here again.
    ///
    /// - Returns: its place in the feed; nil if it was not wiped or has none.
    func unwipe(_ content: ContentID) throws -> Int64? {
        try database.first(
            "DELETE FROM wiped_change WHERE content = ? RETURNING position", .digest(content.bytes)
        ) { row throws(DatabaseError) in try row.optionalInteger(0) } ?? nil
    }

    /// Asks for the content of wiped cases that belong here again.
    func wantReturned() throws {
        try database.execute(
            """
            INSERT OR IGNORE INTO wanted (case_id)
            SELECT DISTINCT case_id FROM wiped_change WHERE case_id NOT IN (SELECT case_id FROM departed)
            """)
    }
}
