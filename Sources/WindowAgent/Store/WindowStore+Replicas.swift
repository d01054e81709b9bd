import Persistence
import SyncProtocol

/// A replica of this window: one that it wrote with in this or an earlier opening.
struct OwnReplica: Hashable, Sendable {
    let id: ReplicaID
    let number: Int64
    /// How many changes it has.
    let sequence: UInt64
    let chain: Chain
    /// How many of them central has.
    let confirmed: UInt64
}

extension WindowStore {
    /// Nil for somebody else's replica.
    func ownReplica(_ id: ReplicaID) throws -> OwnReplica? {
        try database.first(
            "SELECT id, sequence, chain, number, confirmed FROM replica WHERE id = ?", .blob(id.bytes)
        ) { row throws(DatabaseError) in
            let head = try row.replicaHead()
            return OwnReplica(
                id: head.replica, number: try row.integer(3), sequence: head.sequence, chain: head.chain,
                confirmed: UInt64(try row.integer(4)))
        }
    }

    /// Puts own changes that central lacks into the outbox once more.
    func queueAgain(_ own: OwnReplica, after sequence: UInt64) throws {
        try database.execute(
            """
            INSERT OR IGNORE INTO outbox (change, queued_at)
            SELECT number, saved_at FROM change WHERE replica = ? AND sequence > ? AND own_replica = ?
            """, .blob(own.id.bytes), .integer(Int64(sequence)), .integer(own.number))
    }

    func setConfirmed(_ own: OwnReplica, _ sequence: UInt64) throws {
        try database.execute(
            "UPDATE replica SET confirmed = ? WHERE number = ?", .integer(Int64(sequence)),
            .integer(own.number))
    }

    /// The value of an own replica's chain after one of its changes; nil if that change is not here.
    func chain(of own: OwnReplica, at sequence: UInt64) throws -> Chain? {
        if sequence == 0 { return .start }
        if sequence == own.sequence { return own.chain }
        return try database.first(
            "SELECT chain FROM change WHERE replica = ? AND sequence = ? AND own_replica = ?",
            .blob(own.id.bytes), .integer(Int64(sequence)), .integer(own.number)
        ) { row throws(DatabaseError) in Chain(rawValue: try row.digest(0)) }
    }

    /// Notes that a change of this replica is not here, though it should be. Its head is not told any more, so that central
    /// sends its changes like those of others.
    func noteBroken(_ id: ReplicaID, at sequence: UInt64) throws {
        try database.execute("UPDATE replica SET is_broken = 1 WHERE id = ?", .blob(id.bytes))
        if memory.replica?.id == id { memory.replica = nil }
        try noteRefusal(id, sequence, "lost-here", at: environment.milliseconds())
    }

    /// Tables of which it matters only whether anything waits in them.
    enum Queue { case outbox, offer, wanted }

    func hasRows(in table: Queue) throws -> Bool {
        let sql: StaticString =
            switch table {
            case .outbox: "SELECT EXISTS (SELECT 1 FROM outbox)"
            case .offer: "SELECT EXISTS (SELECT 1 FROM offer)"
            case .wanted: "SELECT EXISTS (SELECT 1 FROM wanted)"
            }
        return try database.first(sql) { row throws(DatabaseError) in try row.integer(0) == 1 } ?? false
    }
}
