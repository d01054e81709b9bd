import Persistence
import SyncProtocol

/// The log: reading and adding changes. Everything here runs inside the caller's transaction.
extension WindowStore {
    /// The changes of a case in the order in which they came here.
    func changes(of caseID: CaseID) throws -> [Change] {
        try database.rows(
            "SELECT replica, sequence, body FROM change WHERE case_id = ? ORDER BY number",
            .blob(caseID.bytes)
        ) { row throws(DatabaseError) in
            StoredChange(
                replica: try row.blob(0), sequence: UInt64(try row.integer(1)), body: try row.blob(2))
        }.map { try $0.change }
    }

    /// Whether a change is in the log already.
    func number(of content: ContentID) throws -> Int64? {
        try database.first("SELECT number FROM change WHERE content = ?", .blob(content.bytes)) {
            row throws(DatabaseError) in try row.integer(0)
        }
    }

    /// The replica that this opening writes with, minted at its first write.
    func openReplica() throws -> OpenReplica {
        if let replica { return replica }
        let id = ReplicaID(rawValue: environment.random())
        try database.execute(
            "INSERT INTO replica (id, sequence, chain, opened_at) VALUES (?, 0, ?, ?)",
            .blob(id.bytes), .blob(Chain.start.bytes), .integer(Int64(environment.milliseconds())))
        let number = try database.first("SELECT number FROM replica WHERE id = ?", .blob(id.bytes)) {
            row throws(DatabaseError) in try row.integer(0)
        }
        guard let number else { throw StoreError.damaged("replica \(id)") }
        let opened = OpenReplica(id: id, number: number)
        replica = opened
        return opened
    }

    /// Writes a new change of this window: log, chain and outbox. Sequence, edition and chain are read here, inside the
    /// transaction.
    func append(_ content: ChangeContent, to caseID: CaseID, savedAt: UInt64) throws -> Change {
        let replica = try openReplica()
        guard let head = try ownHead(replica.number) else {
            throw StoreError.damaged("replica \(replica.id)")
        }
        let edition = try database.first(
            "SELECT max(edition) FROM change WHERE case_id = ? AND replica = ?",
            .blob(caseID.bytes), .blob(replica.id.bytes)
        ) { row throws(DatabaseError) in try row.optionalInteger(0) }
        let change: Change
        do throws(CBORError) {
            change = try Change(
                replica: replica.id, sequence: head.sequence + 1, caseID: caseID,
                edition: UInt64((edition ?? nil) ?? 0) + 1, content: content)
        } catch {
            throw StoreError.changeTooLarge
        }
        let chain = head.chain.appending(change.id)
        let number = try insert(change, own: (replica.number, chain), receipt: nil, savedAt: savedAt)
        try database.execute(
            "UPDATE replica SET sequence = ?, chain = ? WHERE number = ?",
            .integer(Int64(change.sequence)), .blob(chain.bytes), .integer(replica.number))
        try database.execute(
            "INSERT INTO outbox (change, queued_at) VALUES (?, ?)", .integer(number), .integer(Int64(savedAt))
        )
        return change
    }

    func ownHead(_ number: Int64) throws -> ReplicaHead? {
        try database.first("SELECT id, sequence, chain FROM replica WHERE number = ?", .integer(number)) {
            row throws(DatabaseError) in try row.replicaHead()
        }
    }

    /// Adds a change that is not in the log yet.
    ///
    /// A dot or a sequence that stands for another content already keeps both, as a further variant: a fork.
    @discardableResult
    func insert(
        _ change: Change, own: (replica: Int64, chain: Chain)?, receipt: Receipt?, savedAt: UInt64
    ) throws -> Int64 {
        let variant = try database.first(
            """
            SELECT count(*) FROM change
            WHERE (replica = ?1 AND sequence = ?2) OR (case_id = ?3 AND replica = ?1 AND edition = ?4)
            """,
            .blob(change.replica.bytes), .integer(Int64(change.sequence)), .blob(change.caseID.bytes),
            .integer(Int64(change.edition))
        ) { row throws(DatabaseError) in try row.integer(0) }
        let number = try database.first(
            """
            INSERT INTO change (content, replica, sequence, case_id, edition, variant, body, own_replica, chain,
                receipt, saved_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number
            """,
            .blob(change.id.bytes), .blob(change.replica.bytes), .integer(Int64(change.sequence)),
            .blob(change.caseID.bytes), .integer(Int64(change.edition)), .integer(variant ?? 0),
            .blob(change.body), SQLiteValue(own?.replica), SQLiteValue(own?.chain.bytes),
            SQLiteValue(receipt?.bytes), .integer(Int64(savedAt))
        ) { row throws(DatabaseError) in try row.integer(0) }
        guard let number else { throw StoreError.damaged("change \(change.id)") }
        return number
    }
}

/// A change as a row holds it, before it is taken apart.
struct StoredChange {
    let replica: [UInt8]
    let sequence: UInt64
    let body: [UInt8]

    var change: Change {
        get throws {
            guard let value = UInt64(bigEndianBytes: replica) else {
                throw StoreError.damaged("a replica's name")
            }
            do throws(CBORError) {
                return try Change(replica: ReplicaID(rawValue: value), sequence: sequence, body: body)
            } catch {
                throw StoreError.damaged("change \(ReplicaID(rawValue: value)).\(sequence)")
            }
        }
    }
}

extension Row {
    /// `id, sequence, chain` in the first three columns.
    borrowing func replicaHead() throws(DatabaseError) -> ReplicaHead {
        ReplicaHead(
            replica: try replicaID(0), sequence: UInt64(try integer(1)), chain: Chain(rawValue: try digest(2))
        )
    }

    borrowing func replicaID(_ column: Int32) throws(DatabaseError) -> ReplicaID {
        guard let value = UInt64(bigEndianBytes: try blob(column)) else {
            throw unexpected(column, wanted: "8 bytes")
        }
        return ReplicaID(rawValue: value)
    }

    borrowing func caseID(_ column: Int32) throws(DatabaseError) -> CaseID {
        guard let id = CaseID(bytes: try blob(column)) else { throw unexpected(column, wanted: "16 bytes") }
        return id
    }
}
