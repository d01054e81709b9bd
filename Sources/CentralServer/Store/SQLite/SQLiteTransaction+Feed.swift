import Persistence
import SyncProtocol

extension SQLiteTransaction {
    func feedHead(of hospital: HospitalID) throws(CentralError) -> FeedHead? {
        try run { database throws(DatabaseError) in
            try database.first(
                "SELECT position, chain, fingerprint FROM hospital WHERE id = ?", SQLiteValue(hospital)
            ) { row throws(DatabaseError) in try row.feedHead(0) }
        }
    }

    func setFeedHead(_ head: FeedHead, of hospital: HospitalID) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                "UPDATE hospital SET position = ?, chain = ?, fingerprint = ? WHERE id = ?",
                SQLiteValue(head.position), SQLiteValue(head.chain), SQLiteValue(head.fingerprint),
                SQLiteValue(hospital))
        }
        session.noteGrown(hospital, to: head.position)
    }

    func append(_ row: FeedRow, to hospital: HospitalID) throws(CentralError) {
        let kind: SQLiteValue
        var (change, caseID, receipt) = (SQLiteValue.null, SQLiteValue.null, SQLiteValue.null)
        switch row.subject {
        case .change(let number, let proof):
            (kind, change, receipt) = (1, .integer(number.rawValue), .blob(proof.bytes))
        case .enters(let id): (kind, caseID) = (3, SQLiteValue(id))
        case .leaves(let id): (kind, caseID) = (4, SQLiteValue(id))
        case .late(let number, let proof):
            (kind, change, receipt) = (6, .integer(number.rawValue), .blob(proof.bytes))
        }
        let subject = (kind, change, caseID, receipt)
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO feed (hospital, position, kind, change, case_id, receipt, chain, fingerprint)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                SQLiteValue(hospital), SQLiteValue(row.head.position), subject.0, subject.1, subject.2,
                subject.3,
                SQLiteValue(row.head.chain), SQLiteValue(row.head.fingerprint))
        }
    }

    func feedHead(of hospital: HospitalID, at position: UInt64) throws(CentralError) -> FeedHead? {
        if position == 0 { return .start }
        return try run { database throws(DatabaseError) in
            try database.first(
                "SELECT position, chain, fingerprint FROM feed WHERE hospital = ? AND position = ?",
                SQLiteValue(hospital), SQLiteValue(position)
            ) { row throws(DatabaseError) in try row.feedHead(0) }
        }
    }

    func feed(
        of hospital: HospitalID, after position: UInt64, countMax: Int
    ) throws(CentralError) -> [FeedItem] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT f.position, f.kind, f.case_id, f.receipt, c.replica, c.sequence, c.content, c.body,
                    c.chain IS NOT NULL
                FROM feed AS f LEFT JOIN change AS c ON c.number = f.change
                WHERE f.hospital = ? AND f.position > ? ORDER BY f.position LIMIT ?
                """, SQLiteValue(hospital), SQLiteValue(position), .integer(Int64(countMax))
            ) { row throws(DatabaseError) in
                FeedItem(position: try row.number(0), subject: try row.feedSubject())
            }
        }
    }

    func scopes(of caseID: CaseID) throws(CentralError) -> [Scope] {
        try run { database throws(DatabaseError) in
            try database.rows(
                "SELECT hospital, entered, \"left\" FROM scope WHERE case_id = ? ORDER BY hospital",
                SQLiteValue(caseID)
            ) { row throws(DatabaseError) in
                Scope(
                    hospital: try row.hospital(0), caseID: caseID, entered: try row.number(1),
                    left: try row.optionalInteger(2).map(UInt64.init(bitPattern:)))
            }
        }
    }

    func scope(of caseID: CaseID, in hospital: HospitalID) throws(CentralError) -> Scope? {
        try run { database throws(DatabaseError) in
            try database.first(
                "SELECT entered, \"left\" FROM scope WHERE case_id = ? AND hospital = ?", SQLiteValue(caseID),
                SQLiteValue(hospital)
            ) { row throws(DatabaseError) in
                Scope(
                    hospital: hospital, caseID: caseID, entered: try row.number(0),
                    left: try row.optionalInteger(1).map(UInt64.init(bitPattern:)))
            }
        }
    }

    func isLate(_ change: ChangeNumber, in hospital: HospitalID) throws(CentralError) -> Bool {
        try run { database throws(DatabaseError) in
            try database.first(
                "SELECT 1 FROM feed WHERE hospital = ? AND change = ? AND kind = 6", SQLiteValue(hospital),
                .integer(change.rawValue)
            ) { row throws(DatabaseError) in true } ?? false
        }
    }

    func put(_ scope: Scope) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO scope (case_id, hospital, entered, "left") VALUES (?, ?, ?, ?)
                ON CONFLICT (case_id, hospital) DO UPDATE SET entered = excluded.entered, "left" = excluded."left"
                """,
                SQLiteValue(scope.caseID), SQLiteValue(scope.hospital), SQLiteValue(scope.entered),
                SQLiteValue(scope.left.map(Int64.init(bitPattern:))))
        }
    }
}

extension Row {
    /// Kind, case, receipt, replica, sequence, content ID, body and link in the columns from 1. Nothing is sent that the disk
    /// has altered.
    fileprivate func feedSubject() throws(DatabaseError) -> FeedItem.Subject {
        switch try integer(1) {
        case 1, 6:
            guard let receipt = Receipt(bytes: try blob(3)) else { throw unexpected(3, wanted: "16 bytes") }
            let (replica, sequence, body) = (try replica(4), try number(5), try sealed(7, SealedColumn.body))
            guard ContentID(replica: replica, sequence: sequence, body: body) == (try contentID(6)) else {
                throw unexpected(7, wanted: "the body that the content ID names")
            }
            guard try integer(1) == 1 else {
                return .late(replica: replica, sequence: sequence, body: body, receipt: receipt)
            }
            return .change(
                replica: replica, sequence: sequence, body: body, receipt: receipt,
                isLinked: try integer(8) == 1)
        case 3: return .enters(try caseID(2))
        case 4: return .leaves(try caseID(2))
        default: throw unexpected(1, wanted: "an entry's kind")
        }
    }
}
