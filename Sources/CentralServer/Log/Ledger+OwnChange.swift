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
        let replica = try transaction.ownReplica()
        var record = try transaction.replica(replica) ?? ReplicaRecord(id: replica, device: nil)
        let edition = try transaction.lastEdition(of: replica, on: caseID) + 1
        let (time, isDoubtful) = try tick(after: try state(of: caseID))
        let content = ChangeContent(
            writes: own.writes, time: time, author: own.author, isDoubtful: isDoubtful, basis: own.basis,
            reason: own.reason, asides: own.asides)
        let change: Change
        do throws(CBORError) {
            change = try Change(
                replica: replica, sequence: record.length + 1, caseID: caseID, edition: edition,
                content: content)
        } catch {
            throw CentralError.notEncodable(error)
        }
        record.length += 1
        record.chain = record.chain.appending(change.id)
        try transaction.put(record)
        try take(change, chain: record.chain, for: hospital)
        return change
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
