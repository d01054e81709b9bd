import SyncProtocol

/// Who is at a task, so that two people of one department do not do it twice. A claim hinders nobody to answer: what was done was
/// done.
extension DepartmentDesk {
    /// Minutes for which a task may be claimed at once.
    static let claimMinutesMax: UInt64 = 24 * 60

    /// Claims a ready task for an operator, or prolongs the operator's own claim.
    ///
    /// - Returns: until when, milliseconds since 1970.
    func claim(
        _ item: String, on caseID: CaseID, of code: String, by holder: String, minutes: UInt64
    ) async throws(CentralError) -> UInt64 {
        guard 1...Self.claimMinutesMax ~= minutes else {
            throw CentralError.refused(.malformed("A claim is for 1 to \(Self.claimMinutesMax) minutes."))
        }
        let now = environment.now()
        let claim = TaskClaim(holder: holder, expires: now + minutes * 60_000)
        try await store.write { transaction throws(CentralError) in
            guard let turn = try transaction.task(of: code, on: caseID, item) else {
                throw CentralError.refused(.unknownTask)
            }
            guard turn.record.state == .ready else {
                throw CentralError.refused(
                    .wrongResult(["该任务目前不能办理。\(turn.record.reason)"]))
            }
            if let other = try transaction.claim(of: code, on: caseID, item), other.expires > now,
                other.holder != holder
            {
                throw CentralError.refused(.claimed(by: other.holder, untilMilliseconds: other.expires))
            }
            try transaction.put(claim, of: code, on: caseID, item)
        }
        return claim.expires
    }

    /// Gives a claimed task back; only who holds it can. One that nobody holds is no error.
    func release(
        _ item: String, on caseID: CaseID, of code: String, by holder: String
    ) async throws(CentralError) {
        let now = environment.now()
        try await store.write { transaction throws(CentralError) in
            guard let claim = try transaction.claim(of: code, on: caseID, item) else { return }
            guard claim.holder == holder || claim.expires <= now else {
                throw CentralError.refused(.claimed(by: claim.holder, untilMilliseconds: claim.expires))
            }
            try transaction.dropClaim(of: code, on: caseID, item)
        }
    }
}
