import Persistence
import SyncProtocol

/// What central would not take, and what could not be taken in here: told to clerk and technician, and in nobody's way.
extension WindowStore {
    /// Central's word for a replica that another device has written with.
    static let notYourReplica = "not-your-replica"
    /// Central's word for a change of others whose receipt it does not know.
    static let badReceipt = "receipt"

    func noteRefusals(_ response: ExchangeResponse, at now: UInt64) throws {
        for refused in response.unreadable {
            try noteRefusal(refused.replica, refused.sequence, refused.reason, at: now)
        }
        for fork in response.forks { try noteRefusal(fork.replica, 0, "fork", at: now) }
    }

    func noteRefusal(_ replica: ReplicaID, _ sequence: UInt64, _ reason: String, at now: UInt64) throws {
        try database.execute(
            "INSERT OR REPLACE INTO refusal (replica, sequence, reason, told_at) VALUES (?, ?, ?, ?)",
            .blob(replica.bytes), .integer(Int64(sequence)), .text(reason), .integer(Int64(now)))
    }

    func isRefused(_ replica: ReplicaID, _ sequence: UInt64, because reason: String) throws -> Bool {
        try database.first(
            "SELECT 1 FROM refusal WHERE replica = ? AND sequence = ? AND reason = ?", .blob(replica.bytes),
            .integer(Int64(sequence)), .text(reason)
        ) { row throws(DatabaseError) in try row.integer(0) } != nil
    }
}
