import Accounts
import SyncProtocol

/// Changes that central itself writes: in its own name, or in that of a department.
extension Ledger {
    /// What an own change says; time, dot and chain are given here.
    struct OwnChange {
        var writes: [GroupID: ChangeContent.Write] = [:]
        var author: Author
        var basis: [GroupID: [Dot]] = [:]
        var reason: String?
        var asides: [ContentID: ChangeContent.Aside] = [:]
    }

    /// Writes a change on central's own replica. Sequence, edition, chain and clock are read inside this transaction.
    ///
    /// - Parameter hospital: into whose scope the case comes, if it is not there.
    @discardableResult
    mutating func write(
        _ own: OwnChange, on caseID: CaseID, for hospital: HospitalID? = nil
    ) throws(CentralError) -> Change {
        AuditNote.current?.touch(caseID)
        let change = try next(own, on: caseID)
        try append(change, for: hospital)
        return change
    }

    /// Writes a change that is set aside before it takes effect: a person has to look at it first.
    @discardableResult
    mutating func keep(
        _ own: OwnChange, on caseID: CaseID, reason: String
    ) throws(CentralError) -> Change {
        // The verdict precedes its target in the feeds, so it takes the place before it.
        let change = try next(own, on: caseID, skipping: 1)
        try setAside(change.id, on: caseID, reason: reason, for: nil)
        try append(change, for: nil)
        return change
    }

    /// The change that comes after so many others of central's own replica on this case.
    private mutating func next(
        _ own: OwnChange, on caseID: CaseID, skipping count: UInt64 = 0
    ) throws(CentralError) -> Change {
        let replica = try transaction.ownReplica()
        let length = try transaction.replica(replica)?.length ?? 0
        let edition = try transaction.lastEdition(of: replica, on: caseID)
        let (time, isDoubtful) = try tick(after: try state(of: caseID))
        let content = ChangeContent(
            writes: own.writes, time: time, author: own.author, isDoubtful: isDoubtful, basis: own.basis,
            reason: own.reason, asides: own.asides)
        do throws(CBORError) {
            return try Change(
                replica: replica, sequence: length + 1 + count, caseID: caseID, edition: edition + 1 + count,
                content: content)
        } catch {
            throw CentralError.notEncodable(error)
        }
    }

    private mutating func append(_ change: Change, for hospital: HospitalID?) throws(CentralError) {
        var record = try transaction.replica(change.replica) ?? ReplicaRecord(id: change.replica, device: nil)
        record.length += 1
        record.chain = record.chain.appending(change.id)
        try transaction.put(record)
        try take(change, chain: record.chain, for: hospital)
    }

    /// Sets a change aside. The verdict is to be written before its target is taken, so that it precedes it in the feeds.
    @discardableResult
    mutating func setAside(
        _ target: ContentID, on caseID: CaseID, reason: String, for hospital: HospitalID?
    ) throws(CentralError) -> Change {
        let own = OwnChange(
            author: Author(role: .central, unit: "", user: ""),
            asides: [target: ChangeContent.Aside(reason: reason, replaces: [])])
        return try write(own, on: caseID, for: hospital)
    }

    /// A time later than all that stands in the case, as far as the wall clock allows.
    private func tick(after state: CaseState) throws(CentralError) -> (HybridTime, Bool) {
        var clock = HybridClock(last: try transaction.lastTime())
        if let latest = state.registers.values.compactMap({ $0.standing.map(\.time).max() }).max() {
            clock.receive(latest, wallMilliseconds: milliseconds)
        }
        let (time, isDoubtful) = clock.tick(wallMilliseconds: milliseconds)
        try transaction.setLastTime(clock.last)
        return (time, isDoubtful)
    }
}
