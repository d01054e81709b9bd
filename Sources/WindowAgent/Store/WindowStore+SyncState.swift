import Cryptography
import Persistence
import SyncProtocol

/// The one row that says where this window stands with central.
extension WindowStore {
    func loadSyncState() throws -> SyncState {
        try database.first(
            """
            SELECT epoch, position, chain, fingerprint, witness_position, witness_chain, repair_cause, repair_after,
                repair_only, repair_compared, repair_rounds, repair_head_position, repair_head_chain, mismatch_at,
                clock_offset, clock_stepped_back, mended_at
            FROM sync_state
            """
        ) { row throws(DatabaseError) in try SyncState(row) } ?? SyncState()
    }

    func save(_ state: SyncState) throws {
        try database.execute(
            """
            INSERT OR REPLACE INTO sync_state (id, epoch, position, chain, fingerprint, witness_position, witness_chain,
                repair_cause, repair_after, repair_only, repair_compared, repair_rounds, repair_head_position,
                repair_head_chain, mismatch_at, clock_offset, clock_stepped_back, mended_at)
            VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            SQLiteValue(state.epoch?.rawValue.bigEndianBytes), .integer(Int64(state.place.point.position)),
            .digest(state.place.point.chain.bytes), .digest(state.place.fingerprint.bytes),
            .integer(Int64(state.witness.position)), .digest(state.witness.chain.bytes),
            SQLiteValue(state.repair?.cause.rawValue), SQLiteValue(state.repair?.after?.bytes),
            SQLiteValue(state.repair?.only?.bytes), .integer(state.repair?.isCompared ?? false ? 1 : 0),
            .integer(Int64(state.repair?.rounds ?? 0)),
            SQLiteValue(state.repair?.head.map { Int64($0.position) }),
            SQLiteValue(digest: state.repair?.head?.chain.bytes),
            SQLiteValue(state.mismatchAt.map(Int64.init(clamping:))), SQLiteValue(state.clockOffset),
            .integer(state.clockSteppedBack ? 1 : 0), SQLiteValue(state.mendedAt.map(Int64.init(clamping:))))
        if state.repair == nil { try forgetRepairBundles() }
    }
}

extension SyncState {
    init(_ row: borrowing Row) throws(DatabaseError) {
        self.init()
        epoch = try row.optionalEpoch(0)
        place = FeedPlace(
            point: FeedPoint(position: UInt64(try row.integer(1)), chain: Chain(rawValue: try row.digest(2))),
            fingerprint: Fingerprint(rawValue: try row.digest(3)))
        witness = FeedPoint(position: UInt64(try row.integer(4)), chain: Chain(rawValue: try row.digest(5)))
        mismatchAt = try row.optionalInteger(13).map(UInt64.init(clamping:))
        clockOffset = try row.optionalInteger(14)
        clockSteppedBack = try row.integer(15) == 1
        mendedAt = try row.optionalInteger(16).map(UInt64.init(clamping:))
        if let cause = try row.optionalText(6) { repair = try Repair(cause, row) }
    }
}

extension SyncState.Repair {
    fileprivate init(_ word: String, _ row: borrowing Row) throws(DatabaseError) {
        guard let cause = Cause(rawValue: word) else {
            throw row.unexpected(6, wanted: "a cause of a repair")
        }
        self.init(cause: cause, only: try row.optionalBlob(8) == nil ? nil : try row.caseID(8))
        after = try row.optionalBlob(7) == nil ? nil : try row.caseID(7)
        isCompared = try row.integer(9) == 1
        rounds = Int(try row.integer(10))
        if let position = try row.optionalInteger(11) {
            head = FeedPoint(position: UInt64(position), chain: Chain(rawValue: try row.digest(12)))
        }
    }
}

extension Row {
    borrowing func optionalEpoch(_ column: Int32) throws(DatabaseError) -> Epoch? {
        guard let bytes = try optionalBlob(column) else { return nil }
        guard let value = UInt64(bigEndianBytes: bytes) else { throw unexpected(column, wanted: "8 bytes") }
        return Epoch(rawValue: value)
    }

    borrowing func digest(_ column: Int32) throws(DatabaseError) -> Digest {
        guard let digest = Digest(bytes: try digestBytes(column)) else {
            throw unexpected(column, wanted: "32 bytes")
        }
        return digest
    }
}
