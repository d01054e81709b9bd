import Persistence
import SyncProtocol

extension SQLiteTransaction {
    func epoch() throws(CentralError) -> Epoch { Epoch(rawValue: try meta("epoch")) }

    func ownReplica() throws(CentralError) -> ReplicaID { session.replica }

    func lastTime() throws(CentralError) -> HybridTime { HybridTime(rawValue: try meta("clock")) }

    func setLastTime(_ time: HybridTime) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute("UPDATE meta SET value = ? WHERE name = 'clock'", SQLiteValue(time.rawValue))
        }
    }

    private func meta(_ name: String) throws(CentralError) -> UInt64 {
        try run { database throws(DatabaseError) in
            try database.first("SELECT value FROM meta WHERE name = ?", .text(name)) {
                row throws(DatabaseError) in try row.number(0)
            } ?? 0
        }
    }

    func replica(_ id: ReplicaID) throws(CentralError) -> ReplicaRecord? {
        try run { database throws(DatabaseError) in
            try database.first("SELECT device, length, chain FROM replica WHERE id = ?", SQLiteValue(id)) {
                row throws(DatabaseError) in
                ReplicaRecord(
                    id: id, device: try row.optionalBlob(0) == nil ? nil : try row.device(0),
                    length: try row.number(1), chain: try row.chain(2))
            }
        }
    }

    func put(_ replica: ReplicaRecord) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO replica (id, device, length, chain) VALUES (?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET length = excluded.length, chain = excluded.chain
                """,
                SQLiteValue(replica.id), SQLiteValue(replica.device?.bytes), SQLiteValue(replica.length),
                SQLiteValue(replica.chain))
        }
    }

    func chain(of replica: ReplicaID, at sequence: UInt64) throws(CentralError) -> Chain? {
        if sequence == 0 { return .start }
        return try holdings(of: replica, from: sequence, through: sequence).lazy.compactMap(\.chain).first
    }

    func holdings(
        of replica: ReplicaID, from first: UInt64, through last: UInt64
    ) throws(CentralError) -> [Holding] {
        let arguments = [SQLiteValue(replica), SQLiteValue(first), SQLiteValue(last)]
        return try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT sequence, content, chain, number FROM change WHERE replica = ? AND sequence BETWEEN ? AND ?
                UNION ALL SELECT sequence, content, chain, NULL FROM unreadable
                WHERE replica = ? AND sequence BETWEEN ? AND ? ORDER BY 1
                """,
                arguments[0], arguments[1], arguments[2], arguments[0], arguments[1], arguments[2]
            ) { row throws(DatabaseError) in
                Holding(
                    sequence: try row.number(0), id: try row.contentID(1), chain: try row.optionalChain(2),
                    number: try row.optionalInteger(3).map(ChangeNumber.init))
            }
        }
    }

    func insert(
        _ change: Change, chain: Chain?, milliseconds: UInt64
    ) throws(CentralError) -> ChangeNumber {
        let number = try run { database throws(DatabaseError) in
            try database.first(
                """
                INSERT INTO log_end (id, number) VALUES (1, 1)
                ON CONFLICT (id) DO UPDATE SET number = log_end.number + 1 RETURNING number
                """
            ) { row throws(DatabaseError) in ChangeNumber(rawValue: try row.integer(0)) }
                ?? ChangeNumber(rawValue: 0)
        }
        try insert(change, chain: chain, as: number, milliseconds: milliseconds)
        return number
    }

    func insert(
        _ change: Change, chain: Chain?, as number: ChangeNumber, milliseconds: UInt64
    ) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO change (number, replica, sequence, content, case_id, edition, chain, body, received)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                .integer(number.rawValue), SQLiteValue(change.replica), SQLiteValue(change.sequence),
                SQLiteValue(change.id), SQLiteValue(change.caseID), SQLiteValue(change.edition),
                SQLiteValue(digest: chain?.bytes), SQLiteValue(body: change), SQLiteValue(milliseconds))
        }
    }

    func link(_ change: ChangeNumber, chain: Chain) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                "UPDATE change SET chain = ? WHERE number = ?", SQLiteValue(chain), .integer(change.rawValue))
        }
    }

    func changes(of caseID: CaseID) throws(CentralError) -> [NumberedChange] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT number, replica, sequence, content, body, received FROM change
                WHERE case_id = ? ORDER BY number
                """, SQLiteValue(caseID)
            ) { row throws(DatabaseError) in
                NumberedChange(
                    number: ChangeNumber(rawValue: try row.integer(0)), change: try row.change(1),
                    milliseconds: try row.number(5))
            }
        }
    }

    func isKnown(_ caseID: CaseID) throws(CentralError) -> Bool {
        try run { database throws(DatabaseError) in
            try database.first("SELECT 1 FROM change WHERE case_id = ? LIMIT 1", SQLiteValue(caseID)) {
                row throws(DatabaseError) in true
            } ?? false
        }
    }

    func holdsDot(_ dot: Dot, of caseID: CaseID) throws(CentralError) -> Bool {
        try run { database throws(DatabaseError) in
            try database.first(
                "SELECT 1 FROM change WHERE case_id = ? AND replica = ? AND edition = ? LIMIT 1",
                SQLiteValue(caseID), SQLiteValue(dot.replica), SQLiteValue(dot.edition)
            ) { row throws(DatabaseError) in true } ?? false
        }
    }

    func lastEdition(of replica: ReplicaID, on caseID: CaseID) throws(CentralError) -> UInt64 {
        try run { database throws(DatabaseError) in
            try database.first(
                """
                SELECT edition FROM change WHERE case_id = ? AND replica = ? ORDER BY edition DESC LIMIT 1
                """, SQLiteValue(caseID), SQLiteValue(replica)
            ) { row throws(DatabaseError) in try row.number(0) } ?? 0
        }
    }

    func caseIDs(after: CaseID?, countMax: Int) throws(CentralError) -> [CaseID] {
        try run { database throws(DatabaseError) in
            try database.rows(
                "SELECT DISTINCT case_id FROM change WHERE case_id > ? ORDER BY case_id LIMIT ?",
                .blob(after?.bytes ?? []), .integer(Int64(countMax))
            ) { row throws(DatabaseError) in try row.caseID(0) }
        }
    }
}
