package import Accounts
package import Cryptography
import Persistence

/// Who is signed in at this window. Nothing of it goes to the second copy or to central.
extension WindowStore {
    package func begin(_ session: Session) throws {
        try writeQuietly {
            // Those that are over by now are nobody's.
            let earliest = session.began - min(session.began, Session.lengthMax)
            try database.execute("DELETE FROM session WHERE began < ?", .integer(Int64(clamping: earliest)))
            try database.execute(
                "INSERT INTO session (id, account, password, began, seen) VALUES (?, ?, ?, ?, ?)",
                .digest(session.id.bytes), .text(session.account), .digest(session.password.bytes),
                .integer(Int64(clamping: session.began)), .integer(Int64(clamping: session.lastSeen)))
            let others = try sessions(of: session.account).filter { $0.id != session.id }
            for old in others.dropFirst(Session.countMax - 1) { try drop(old.id) }
        }
    }

    package func session(_ id: Digest) throws -> Session? {
        try database.first(
            "SELECT id, account, password, began, seen FROM session WHERE id = ?", .digest(id.bytes)
        ) { row throws(DatabaseError) in try row.session() }
    }

    package func note(_ id: Digest, seen milliseconds: UInt64) throws {
        _ = try writeQuietly {
            try database.execute(
                "UPDATE session SET seen = ? WHERE id = ?", .integer(Int64(clamping: milliseconds)),
                .digest(id.bytes))
        }
    }

    package func end(_ id: Digest) throws { try writeQuietly { try drop(id) } }

    private func drop(_ id: Digest) throws {
        try database.execute("DELETE FROM session WHERE id = ?", .digest(id.bytes))
    }

    /// The latest first.
    package func sessions(of account: String) throws -> [Session] {
        try database.rows(
            "SELECT id, account, password, began, seen FROM session WHERE account = ? ORDER BY began DESC",
            .text(account)
        ) { row throws(DatabaseError) in try row.session() }
    }
}

/// When central last answered, so that a restart does not forget how long ago that is.
extension WindowStore {
    /// Milliseconds between two notes of it.
    static let contactNoteEvery: UInt64 = 3_600_000

    /// By this machine's clock; nil if central never answered.
    func lastContact() throws -> UInt64? {
        try database.first("SELECT at FROM contact") { row throws(DatabaseError) in
            UInt64(clamping: try row.integer(0))
        }
    }

    /// Inside the caller's transaction.
    func noteContact(at now: UInt64) throws {
        if let last = try lastContact(), last <= now, now - last < Self.contactNoteEvery { return }
        try database.execute(
            "INSERT INTO contact (id, at) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at",
            .integer(Int64(clamping: now)))
    }

    /// How long central has not been heard of.
    package func contactNotice() throws -> ContactNotice? {
        let enrolled = try database.first("SELECT enrolled_at FROM enrolment") { row throws(DatabaseError) in
            UInt64(clamping: try row.integer(0))
        }
        guard let last = try lastContact() ?? enrolled else { return nil }
        return ContactNotice(lastContact: last, now: environment.milliseconds())
    }
}

extension Row {
    /// `id, account, password, began, seen`.
    fileprivate borrowing func session() throws(DatabaseError) -> Session {
        Session(
            id: try digest(0), account: try text(1), password: try digest(2),
            began: UInt64(clamping: try integer(3)), lastSeen: UInt64(clamping: try integer(4)))
    }
}
