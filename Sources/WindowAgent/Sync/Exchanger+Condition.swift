import Casework
import SyncProtocol

/// Telling central how this window stands.
extension Exchanger {
    /// What is to be told with the next exchange; nil most of the time. What cannot be read is told another time.
    func standingToTell() async -> ConditionTelling.Standing? {
        let now = environment.milliseconds()
        guard telling.isLookDue(now: now) else { return nil }
        guard let standing = try? await standing(now: now) else {
            telling.noteFailed()
            return nil
        }
        return telling.isTellDue(standing, now: now) ? standing : nil
    }

    /// - Returns: nil while it is not known yet.
    private func standing(now: UInt64) async throws -> ConditionTelling.Standing? {
        guard let copy = copyToTell(now: now) else { return nil }
        let (progress, figures) = (await linkProgress, try await store.figures())
        var condition = ExchangeRequest.Condition()
        (condition.photos, condition.photoBytes) = (UInt64(progress.photos), progress.photoBytes)
        (condition.refused, condition.setAside) = (UInt64(figures.refusals), UInt64(figures.asides))
        (condition.isMetered, condition.isSpent) = (progress.rules.isMetered, progress.isSpent)
        (condition.secondCopy, condition.behindSeconds) = (copy.told, copy.behindSeconds ?? 0)
        return ConditionTelling.Standing(condition: condition, policies: try await store.heldPolicies())
    }

    /// How the second copy stood when it was last asked. No exchange waits for it: a share that hangs holds up whoever asks. One that
    /// has not answered within a minute fails.
    private func copyToTell(now: UInt64) -> SecondCopyStatus? {
        guard let secondCopy else { return SecondCopyStatus() }
        if let asked = copyAsked, now >= asked, now - asked >= ConditionTelling.lookMilliseconds {
            var hanging = copy ?? SecondCopyStatus()
            (hanging.place, hanging.failure) = (hanging.place ?? "", .medium)
            return hanging
        }
        if copyAsked == nil {
            copyAsked = now
            Task { note(try? await secondCopy.status()) }
        }
        return copy
    }

    private func note(_ status: SecondCopyStatus?) {
        copy = status ?? copy
        copyAsked = nil
    }
}

extension SecondCopyStatus {
    /// How central is told of it.
    var told: ExchangeRequest.Condition.SecondCopy {
        if place == nil { return .none }
        if failure != nil { return .failing }
        return switch level {
        case .green: .whole
        case .amber: .late
        case .red: .stale
        }
    }
}

extension WindowStore {
    /// The newest versions here of the policies that the hospital offers, by ID.
    func heldPolicies() throws -> [ExchangeRequest.HeldPolicy] {
        let rules = try rules()
        return rules.record.offered.sorted().prefix(Limits.heldPoliciesMax).compactMap { id in
            rules.policies[id].map { .init(id: id, version: UInt64($0.version)) }
        }
    }
}
