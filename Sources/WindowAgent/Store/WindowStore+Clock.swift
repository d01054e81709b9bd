import Persistence
import SyncProtocol

/// What the store thinks of this machine's clock.
extension WindowStore {
    /// Whether changes saved now carry a doubt mark: central told another time, or the clock was set back and central has
    /// not told since then that it is right.
    package func isClockDoubtful() throws -> Bool { try loadSyncState().isClockDoubtful }

    /// The time for a change written now, later than all that the case shows.
    func tick(after state: CaseState, at now: UInt64) throws -> (time: HybridTime, isDoubtful: Bool) {
        let latest = state.registers.values.compactMap { $0.standing.last?.time }.max()
        if let latest { memory.clock.receive(latest, wallMilliseconds: now) }
        let (time, steppedBack) = memory.clock.tick(wallMilliseconds: now)
        var sync = try loadSyncState()
        if steppedBack, !sync.clockSteppedBack {
            sync.clockSteppedBack = true
            try save(sync)
        }
        return (time, sync.isClockDoubtful)
    }

    /// The time of the last change in the log: the clock's memory over a restart.
    static func lastTime(in database: Database) throws -> HybridTime {
        let last = try database.first(
            """
            SELECT saved_at, own_replica, replica, sequence, body, content
            FROM change ORDER BY number DESC LIMIT 1
            """
        ) { row throws(DatabaseError) in
            (
                savedAt: try row.integer(0), isOwn: try row.optionalInteger(1) != nil,
                change: try StoredChange(row, from: 2)
            )
        }
        guard let last else { return HybridTime(rawValue: 0) }
        let heard = HybridTime(milliseconds: UInt64(max(0, last.savedAt)))
        // Of one that is damaged only the row's own time counts: those who read it say so.
        guard last.isOwn, let own = (try? last.change.change)?.content?.time else { return heard }
        return max(heard, own)
    }
}
