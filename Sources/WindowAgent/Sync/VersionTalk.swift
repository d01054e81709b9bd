import Persistence
import SyncProtocol

/// Finds the version of the protocol that this window and central have in common, and remembers it.
struct VersionTalk: Sendable {
    let store: WindowStore
    let environment: WindowStore.Environment
    /// The versions that this window speaks.
    let spoken: ClosedRange<UInt64>

    /// Asks in the version that is right as far as is known, and once more, at once, if central speaks others.
    ///
    /// - Returns: the answer, which is of the version that was asked in.
    func carry(_ ask: (UInt64) async throws -> LinkAnswer) async throws -> LinkAnswer {
        let (epoch, now) = (try await store.epoch(), environment.milliseconds())
        let choice = VersionChoice(spoken: spoken, agreement: try await agreement(in: epoch))
        let first = choice.version(epoch: epoch, software: Agent.version, milliseconds: now)
        do {
            let answer = try await Self.ask(first, ask)
            if first == spoken.upperBound, choice.agreement != nil { try await store.agree(on: nil) }
            return answer
        } catch LinkError.unsupportedVersion(let versions) {
            guard let common = choice.common(with: versions), common != first else {
                throw LinkError.noCommonVersion(central: versions, here: spoken)
            }
            let answer = try await Self.ask(common, ask)
            try await store.agree(
                on: VersionChoice.Agreement(
                    version: common, epoch: epoch, software: Agent.version, milliseconds: now))
            return answer
        }
    }

    /// What was agreed. In a window's first exchange that was before it had heard of an epoch: it holds for the first one.
    private func agreement(in epoch: Epoch?) async throws -> VersionChoice.Agreement? {
        guard let agreed = try await store.agreedVersion() else { return nil }
        guard agreed.epoch == nil, let epoch else { return agreed }
        let named = VersionChoice.Agreement(
            version: agreed.version, epoch: epoch, software: agreed.software,
            milliseconds: agreed.milliseconds)
        try await store.agree(on: named)
        return named
    }

    private static func ask(
        _ version: UInt64, _ ask: (UInt64) async throws -> LinkAnswer
    ) async throws -> LinkAnswer {
        let answer = try await ask(version)
        let told: UInt64
        do throws(CBORError) { told = try ExchangeRequest.version(of: answer.response) } catch {
            throw LinkError.malformed(error.description)
        }
        guard told == version else { throw LinkError.malformed("it is of version \(told) of the protocol") }
        return answer
    }
}

extension WindowStore {
    /// What was agreed with central about the version of the protocol; nil if nothing had to be.
    func agreedVersion() throws -> VersionChoice.Agreement? {
        try database.first("SELECT version, epoch, software, agreed_at FROM agreed_version") {
            row throws(DatabaseError) in
            VersionChoice.Agreement(
                version: UInt64(clamping: try row.integer(0)), epoch: try row.optionalEpoch(1),
                software: try row.text(2), milliseconds: UInt64(clamping: try row.integer(3)))
        }
    }

    /// Remembers what was agreed, or that nothing has to be.
    func agree(on agreement: VersionChoice.Agreement?) throws {
        try write {
            guard let agreement else {
                try database.execute("DELETE FROM agreed_version")
                return
            }
            try database.execute(
                """
                INSERT OR REPLACE INTO agreed_version (id, version, epoch, software, agreed_at)
                VALUES (1, ?, ?, ?, ?)
                """,
                .integer(Int64(clamping: agreement.version)),
                SQLiteValue(agreement.epoch?.rawValue.bigEndianBytes), .text(agreement.software),
                .integer(Int64(clamping: agreement.milliseconds)))
        }
    }

    /// Central's epoch as last heard.
    func epoch() throws -> Epoch? { try loadSyncState().epoch }
}
