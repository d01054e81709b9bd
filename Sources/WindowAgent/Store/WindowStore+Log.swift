import Accounts
import Casework
import Persistence
package import SyncProtocol

/// The log: reading and adding changes. Everything here runs inside the caller's transaction.
extension WindowStore {
    /// The changes of a case in the order in which they came here.
    package func changes(of caseID: CaseID) throws -> [Change] {
        try database.rows(
            "SELECT replica, sequence, body, content FROM change WHERE case_id = ? ORDER BY number",
            .blob(caseID.bytes)
        ) { row throws(DatabaseError) in try StoredChange(row) }.map { try $0.change }
    }

    /// Whether a change is in the log already.
    func number(of content: ContentID) throws -> Int64? {
        try database.first("SELECT number FROM change WHERE content = ?", .digest(content.bytes)) {
            row throws(DatabaseError) in try row.integer(0)
        }
    }

    /// The replica that this opening writes with, minted at its first write.
    ///
    /// If its head in the file is not what this opening wrote last, an older state was put back under the open store, and
    /// it is minted anew: no name is used for two changes.
    func openReplica() throws -> OpenReplica {
        if let open = memory.replica {
            let head = try ownHead(open.number)
            if head == ReplicaHead(replica: open.id, sequence: open.sequence, chain: open.chain) {
                return open
            }
        }
        let opened = try addReplica(ReplicaID(rawValue: environment.random()))
        memory.replica = opened
        return opened
    }

    /// Adds a replica of this window that has written nothing yet.
    func addReplica(_ id: ReplicaID) throws -> OpenReplica {
        let number = try database.first(
            "INSERT INTO replica (id, sequence, chain, opened_at) VALUES (?, 0, ?, ?) RETURNING number",
            .blob(id.bytes), .digest(Chain.start.bytes), .integer(Int64(environment.milliseconds()))
        ) { row throws(DatabaseError) in try row.integer(0) }
        guard let number else { throw StoreError.damaged("replica \(id)") }
        return OpenReplica(id: id, number: number, sequence: 0, chain: .start)
    }

    /// Writes a new change of this window: log, chain and outbox. Sequence, edition and chain are read here, inside the
    /// transaction.
    func append(_ content: ChangeContent, to caseID: CaseID, savedAt: UInt64) throws -> Change {
        var replica = try openReplica()
        let change = try append(content, to: caseID, by: &replica, savedAt: savedAt)
        memory.replica = replica
        return change
    }

    /// Adds the next change of a replica to the log and the outbox.
    func append(
        _ content: ChangeContent, to caseID: CaseID, by replica: inout OpenReplica, savedAt: UInt64
    ) throws -> Change {
        precondition(caseID != .centralRecord, "only central writes to its own record")
        AuditNote.current?.touch(caseID)
        let edition = try database.first(
            "SELECT max(edition) FROM change WHERE case_id = ? AND replica = ?",
            .blob(caseID.bytes), .blob(replica.id.bytes)
        ) { row throws(DatabaseError) in try row.optionalInteger(0) }
        let change: Change
        do throws(CBORError) {
            change = try Change(
                replica: replica.id, sequence: replica.sequence + 1, caseID: caseID,
                edition: UInt64((edition ?? nil) ?? 0) + 1, content: content)
        } catch {
            throw StoreError.changeTooLarge
        }
        replica.sequence += 1
        replica.chain = replica.chain.appending(change.id)
        let number = try insert(
            change, own: (replica.number, replica.chain), receipt: nil, savedAt: savedAt)
        try database.execute(
            "UPDATE replica SET sequence = ?, chain = ? WHERE number = ?",
            .integer(Int64(replica.sequence)), .digest(replica.chain.bytes), .integer(replica.number))
        try database.execute(
            "INSERT INTO outbox (change, queued_at) VALUES (?, ?)", .integer(number), .integer(Int64(savedAt))
        )
        try offerProof(of: caseID)
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
            SELECT max(variant) + 1 FROM (
                SELECT variant FROM change WHERE replica = ?1 AND sequence = ?2
                UNION ALL SELECT variant FROM change WHERE case_id = ?3 AND replica = ?1 AND edition = ?4)
            """,
            .blob(change.replica.bytes), .integer(Int64(change.sequence)), .blob(change.caseID.bytes),
            .integer(Int64(change.edition))
        ) { row throws(DatabaseError) in try row.optionalInteger(0) }
        let number = try database.first(
            """
            INSERT INTO change (content, replica, sequence, case_id, edition, variant, body, own_replica, chain,
                receipt, saved_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number
            """,
            .digest(change.id.bytes), .blob(change.replica.bytes), .integer(Int64(change.sequence)),
            .blob(change.caseID.bytes), .integer(Int64(change.edition)), .integer((variant ?? nil) ?? 0),
            .sealed(change.body, .of(change.caseID.bytes, StoredChange.place)), SQLiteValue(own?.replica),
            SQLiteValue(digest: own?.chain.bytes),
            SQLiteValue(receipt?.bytes), .integer(Int64(savedAt))
        ) { row throws(DatabaseError) in try row.integer(0) }
        guard let number else { throw StoreError.damaged("change \(change.id)") }
        memory.tally?.changes += 1
        return number
    }
}

/// A change as a row holds it, before it is taken apart. A byte of it that has changed on the disk is found by its content ID.
struct StoredChange {
    /// Where bodies are sealed, also those of changes that were renamed.
    static let place = "change.body"

    let replica: ReplicaID
    let sequence: UInt64
    /// Empty if it does not open, which no content ID names.
    let body: [UInt8]
    let content: ContentID

    /// `replica, sequence, body, content` in four columns.
    init(_ row: borrowing Row, from column: Int32 = 0) throws(DatabaseError) {
        replica = try row.replicaID(column)
        sequence = UInt64(try row.integer(column + 1))
        body = try row.sealedIfSound(column + 2, Self.place) ?? []
        content = ContentID(rawValue: try row.digest(column + 3))
    }

    /// - Throws: ``StoreError/damaged(_:)`` if it is not what was stored.
    var change: Change {
        get throws {
            let change: Change
            do throws(CBORError) {
                change = try Change(replica: replica, sequence: sequence, body: body)
            } catch {
                throw damage
            }
            guard change.id == content else { throw damage }
            return change
        }
    }

    /// Throws unless it is what was stored.
    func verify() throws {
        guard ContentID(replica: replica, sequence: sequence, body: body) == content else { throw damage }
    }

    private var damage: StoreError { .damaged("change \(replica).\(sequence) is not what was saved") }
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
