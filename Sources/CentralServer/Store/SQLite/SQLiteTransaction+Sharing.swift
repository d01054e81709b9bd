import Cryptography
import Persistence
import SyncProtocol

/// What processes over one database have to know of each other.
extension SQLiteTransaction {
    func rulesMark() throws(CentralError) -> UInt64? {
        try run { database throws(DatabaseError) in
            try database.first("SELECT mark FROM rules_mark WHERE id = 1") { row throws(DatabaseError) in
                try row.number(0)
            }
        }
    }

    func renewRulesMark() throws(CentralError) {
        let mark = SQLiteValue(session.randomNumber())
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                "INSERT INTO rules_mark (id, mark) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET mark = excluded.mark",
                mark)
        }
    }

    func keyMark(_ name: String) throws(CentralError) -> KeyMark? {
        // As it is, unsealed: marks are compared before the store's key is known to be the right one.
        let bytes = try run { database throws(DatabaseError) in
            try database.first("SELECT mark FROM key_mark WHERE name = ?", .text(name)) {
                row throws(DatabaseError) in try row.blob(0)
            }
        }
        return bytes.flatMap { Digest(bytes: $0) }.map { KeyMark(name: name, mark: $0) }
    }

    func put(_ mark: KeyMark) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                "INSERT INTO key_mark (name, mark) VALUES (?, ?)", .text(mark.name), .blob(mark.mark.bytes))
        }
    }
}
