import Accounts
import Cryptography
import Persistence
import SyncProtocol

/// Central's audit log.
extension SQLiteTransaction {
    func auditChain() -> AuditChain {
        AuditChain(key: session.database.seals?.chainKey ?? SecretBytes([UInt8](repeating: 0, count: 32)))
    }

    func append(_ lines: [AuditLine]) throws(CentralError) {
        guard let first = lines.first else { return }
        let chain = auditChain()
        var head = if let head = try auditHead() { head } else { try beginLog(chain) }
        if !session.hasOpenedLog {
            var line = AuditLine(.log, at: first.milliseconds, site: .central, route: "")
            // Copies of one store that are opened at two machines, or a copy that was put back, part here.
            line.note =
                (head.end.sequence == 0 ? "begun " : "opened ")
                + session.randomNumber().bigEndianBytes.hexadecimal
            try append(line, chain, to: &head)
        }
        for line in lines { try append(line, chain, to: &head) }
        let end = head.end
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                "UPDATE audit_log SET sequence = ?, chain = ? WHERE id = 1", SQLiteValue(end.sequence),
                .blob(end.value.bytes))
        }
        session.hasOpenedLog = true
    }

    private func append(
        _ line: AuditLine, _ chain: AuditChain, to head: inout AuditHead
    ) throws(CentralError) {
        let (sequence, bytes) = (head.end.sequence + 1, line.encoded)
        let value = chain.value(after: head.end.value, sequence, bytes)
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                "INSERT INTO audit_line (sequence, at, case_id, line, chain) VALUES (?, ?, ?, ?, ?)",
                SQLiteValue(sequence), .integer(Int64(clamping: line.milliseconds)),
                line.cases.first.map { SQLiteValue($0) } ?? .null,
                .sealed(bytes, .store(SealedColumn.auditLine)), .blob(value.bytes))
        }
        head.end = AuditPlace(sequence: sequence, value: value)
    }

    private func beginLog(_ chain: AuditChain) throws(CentralError) -> AuditHead {
        let log = session.randomNumber().bigEndianBytes + session.randomNumber().bigEndianBytes
        let start = AuditPlace(sequence: 0, value: chain.start(of: log))
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                "INSERT INTO audit_log (id, log, cut, cut_chain, sequence, chain) VALUES (1, ?, 0, ?, 0, ?)",
                .blob(log), .blob(start.value.bytes), .blob(start.value.bytes))
        }
        return AuditHead(log: log, cut: start, end: start)
    }

    func auditHead() throws(CentralError) -> AuditHead? {
        try run { database throws(DatabaseError) in
            try database.first("SELECT log, cut, cut_chain, sequence, chain FROM audit_log WHERE id = 1") {
                row throws(DatabaseError) in
                AuditHead(
                    log: try row.blob(0),
                    cut: AuditPlace(sequence: try row.number(1), value: try row.plainDigest(2)),
                    end: AuditPlace(sequence: try row.number(3), value: try row.plainDigest(4)))
            }
        }
    }

    func auditLines(
        before sequence: UInt64, of caseID: CaseID?, countMax: Int
    ) throws(CentralError) -> [StoredAuditLine] {
        let place = SQLiteValue.integer(Int64(clamping: sequence))
        return try run { database throws(DatabaseError) in
            guard let caseID else {
                return try database.rows(
                    """
                    SELECT sequence, at, case_id, line, chain FROM audit_line WHERE sequence < ?
                    ORDER BY sequence DESC LIMIT ?
                    """, place, .integer(Int64(countMax)), decode: StoredAuditLine.init)
            }
            return try database.rows(
                """
                SELECT sequence, at, case_id, line, chain FROM audit_line WHERE case_id = ? AND sequence < ?
                ORDER BY sequence DESC LIMIT ?
                """, SQLiteValue(caseID), place, .integer(Int64(countMax)), decode: StoredAuditLine.init)
        }
    }

    func auditLines(after sequence: UInt64, countMax: Int) throws(CentralError) -> [StoredAuditLine] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT sequence, at, case_id, line, chain FROM audit_line WHERE sequence > ?
                ORDER BY sequence LIMIT ?
                """, .integer(Int64(clamping: sequence)), .integer(Int64(countMax)),
                decode: StoredAuditLine.init)
        }
    }

    func cutAudit(through place: AuditPlace) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute("DELETE FROM audit_line WHERE sequence <= ?", SQLiteValue(place.sequence))
            return try database.execute(
                "UPDATE audit_log SET cut = ?, cut_chain = ? WHERE id = 1", SQLiteValue(place.sequence),
                .blob(place.value.bytes))
        }
    }

    func put(_ anchor: AuditAnchor, of device: DeviceID, milliseconds: UInt64) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO audit_anchor (device, log, sequence, chain, received) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (device, log, sequence, chain) DO NOTHING
                """, SQLiteValue(device), .blob(anchor.log), SQLiteValue(anchor.sequence),
                .blob(anchor.value.bytes), SQLiteValue(milliseconds))
        }
    }

    func auditAnchors(of device: DeviceID, countMax: Int) throws(CentralError) -> [KeptAnchor] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT log, sequence, chain, received FROM audit_anchor WHERE device = ?
                ORDER BY received DESC, sequence DESC LIMIT ?
                """, SQLiteValue(device), .integer(Int64(countMax))
            ) { row throws(DatabaseError) in
                KeptAnchor(
                    AuditAnchor(
                        log: try row.blob(0), sequence: try row.number(1), value: try row.plainDigest(2)),
                    milliseconds: try row.number(3))
            }
        }
    }

    func isOver(_ caseID: CaseID) throws(CentralError) -> Bool {
        try run { database throws(DatabaseError) in
            try database.first(
                "SELECT ended, archived FROM case_course WHERE case_id = ?", SQLiteValue(caseID)
            ) { row throws(DatabaseError) in
                let (ended, archived) = (try row.integer(0), try row.integer(1))
                return ended > 0 || archived == 1
            } ?? false
        }
    }
}

extension StoredAuditLine {
    /// `sequence, at, case_id, line, chain`
    fileprivate init(_ row: borrowing Row) throws(DatabaseError) {
        self.init(
            sequence: try row.number(0), bytes: try row.sealedIfSound(3, SealedColumn.auditLine),
            value: try row.plainDigest(4), milliseconds: try row.number(1),
            firstCase: try row.optionalBlob(2).flatMap { CaseID(bytes: $0) })
    }
}

extension Row {
    /// A keyed value, which lies open.
    fileprivate borrowing func plainDigest(_ column: Int32) throws(DatabaseError) -> Digest {
        guard let digest = Digest(bytes: try blob(column)) else {
            throw unexpected(column, wanted: "32 bytes")
        }
        return digest
    }
}
