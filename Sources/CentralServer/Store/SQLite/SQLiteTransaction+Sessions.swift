import Accounts
import Cryptography
import Persistence

/// Who is signed in.
extension SQLiteTransaction {
    func put(_ session: Session) throws(CentralError) {
        try run { database throws(DatabaseError) in
            let earliest = session.began - min(session.began, Session.lengthMax)
            try database.execute("DELETE FROM session WHERE began < ?", SQLiteValue(earliest))
            try database.execute(
                "INSERT INTO session (id, account, password, began, seen) VALUES (?, ?, ?, ?, ?)",
                .digest(session.id.bytes), .text(session.account), .digest(session.password.bytes),
                SQLiteValue(session.began), SQLiteValue(session.lastSeen))
        }
    }

    func session(_ id: Digest) throws(CentralError) -> Session? {
        try run { database throws(DatabaseError) in
            try database.first(
                "SELECT id, account, password, began, seen FROM session WHERE id = ?", .digest(id.bytes)
            ) { row throws(DatabaseError) in try row.session() }
        }
    }

    func sessions(of account: String) throws(CentralError) -> [Session] {
        try run { database throws(DatabaseError) in
            try database.rows(
                "SELECT id, account, password, began, seen FROM session WHERE account = ? ORDER BY began DESC",
                .text(account)
            ) { row throws(DatabaseError) in try row.session() }
        }
    }

    func note(_ id: Digest, seen milliseconds: UInt64) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                "UPDATE session SET seen = ? WHERE id = ?", SQLiteValue(milliseconds), .digest(id.bytes))
        }
    }

    func dropSession(_ id: Digest) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute("DELETE FROM session WHERE id = ?", .digest(id.bytes))
        }
    }
}

extension Row {
    /// `id, account, password, began, seen`.
    fileprivate borrowing func session() throws(DatabaseError) -> Session {
        Session(
            id: try digest(0), account: try text(1), password: try digest(2), began: try number(3),
            lastSeen: try number(4))
    }
}
