import Bundles
import Persistence
package import SyncProtocol

/// What came of the first half of a bundle of central's: its answers, and whether its entries may be passed.
package enum BundleVerdict: Hashable, Sendable {
    /// The parts of the feed are to be taken now.
    case usable(confirmed: Int)
    /// Nothing in it is news.
    case old
    /// It shows that central went back in time: a repair has begun.
    case repair
    /// This window exchanged with central since the line was compared: compare it anew.
    case moved
}

/// Taking what central gave on a stick. There is no request that it answers: it is held against what this window knows itself.
extension WindowStore {
    /// The places of the feed that a bundle is compared with.
    package func bundlePlaces() throws -> [FeedPoint] { Self.places(try loadSyncState()) }

    private static func places(_ state: SyncState) -> [FeedPoint] {
        guard let repair = state.repair, repair.rereadsFeed else {
            return [state.place.point, state.witness]
        }
        return repair.head.map { [$0] } ?? []
    }

    /// Uses a bundle's answers, and decides about its entries, in one transaction. Doing it again is harmless.
    ///
    /// - Parameter line: the whole of the bundle's feed, compared with ``bundlePlaces()``.
    /// - Throws: ``BundleError/gap(needs:)`` and ``BundleError/repairing``: then nothing was used.
    package func takeBundle(
        _ opening: BundleOpening, _ answers: [ExchangeResponse], _ line: FeedLine
    ) throws -> BundleVerdict {
        try write {
            memory.generation &+= 1
            var state = try loadSyncState()
            if answers.contains(where: \.isRepairNeeded) {
                // Who does not know what was asked cannot know what the answer means.
                guard try madeBundle(opening.answers, inRepair: false) else { return .old }
                guard state.repair == nil else { throw BundleError.repairing }
                return try beginBundleRepair(&state)
            }
            guard line.known == Self.places(state) else { return .moved }
            if let repair = state.repair { return try endRepair(repair, &state, opening, answers, line) }
            switch line.verdict(cursor: state.place.point, witness: state.witness) {
            case .old: return .old
            case .gap: throw BundleError.gap(needs: state.place.point.position)
            case .otherLine: return try beginBundleRepair(&state)
            case .usable: return try use(answers, &state, opening, line, inRepair: false)
            }
        }
    }

    /// Passes one part of the feed, which a bundle that is ``BundleVerdict/usable(confirmed:)`` holds. What was passed before
    /// is passed over.
    package func takeBundlePart(_ part: ExchangeResponse, at point: FeedPoint) throws -> Taken {
        try write {
            memory.generation &+= 1
            try noteContact(at: environment.milliseconds())
            var taken = Taken()
            var state = try loadSyncState()
            let cursor = state.place.point
            guard let rest = part.after(cursor, from: point) else { return taken }
            if rest.isOther {
                state.repair = state.repair ?? SyncState.Repair(cause: .centralWentBack)
            } else {
                var response = rest.response
                // The sum is told for where the part begins.
                if rest.isShortened { response.fingerprint = state.place.fingerprint }
                try follow(response, try unasked(state), &state, &taken)
            }
            try save(state)
            taken.isRepairing = state.repair != nil
            return taken
        }
    }

    /// What an answer that nobody asked for is held against: a request that told nothing.
    private func unasked(_ state: SyncState) throws -> Outgoing {
        guard let enrolment = try loadEnrolment() else { throw StoreError.notEnrolled }
        return Outgoing(
            request: ExchangeRequest(hospital: enrolment.hospital, budget: 0, milliseconds: 0),
            outboxNumbers: [], offeredNumbers: [], place: state.place, isComparing: false, isAsking: false,
            generation: memory.generation)
    }

    private func beginBundleRepair(_ state: inout SyncState) throws -> BundleVerdict {
        state.repair = state.repair ?? SyncState.Repair(cause: .centralWentBack)
        try save(state)
        return .repair
    }

    /// Ends the repair under way if the bundle answers one that brought everything for it.
    private func endRepair(
        _ repair: SyncState.Repair, _ state: inout SyncState, _ opening: BundleOpening,
        _ answers: [ExchangeResponse], _ line: FeedLine
    ) throws -> BundleVerdict {
        guard try madeBundle(opening.answers, inRepair: true), !answers.isEmpty, let head = line.head else {
            throw BundleError.repairing
        }
        if repair.rereadsFeed {
            // What central said in the course of the repair must still be so.
            let isSame = repair.head.map { line.passes($0) } ?? true
            guard isSame, line.start == .start else { throw BundleError.repairing }
            try forgetFeed()
        } else {
            let verdict = line.verdict(cursor: state.place.point, witness: state.witness)
            if verdict == .otherLine {
                state.repair = repair.widened(by: SyncState.Repair(cause: .centralWentBack))
                return try beginBundleRepair(&state)
            }
            guard verdict == .usable else { throw BundleError.repairing }
        }
        try database.execute("DELETE FROM offer")
        state.finishRepair(at: head)
        return try use(answers, &state, opening, line, inRepair: true)
    }

    private func use(
        _ answers: [ExchangeResponse], _ state: inout SyncState, _ opening: BundleOpening, _ line: FeedLine,
        inRepair: Bool
    ) throws -> BundleVerdict {
        let now = environment.milliseconds()
        if let head = line.head, head.position > state.witness.position { state.witness = head }
        state.epoch = line.epoch ?? state.epoch
        state.judgeClock(bundleMadeAt: opening.milliseconds, heardAt: now)
        var confirmed = 0
        for answer in answers {
            let disputed = disputed(in: answer)
            confirmed += try confirm(
                answer.stored.filter { !disputed.contains($0.replica) }, inRepair: inRepair)
            try noteBackup(answer.backedUp)
            if !inRepair { try noteBackups(answer) }
            try noteRefusals(answer, at: now)
            _ = try settleForks(answer, try unasked(state))
        }
        try save(state)
        return .usable(confirmed: confirmed)
    }
}

extension ExchangeResponse {
    /// The rest of a part of the feed, for who has read to `cursor`; nil if nothing is left. Another chain there makes it of
    /// another line.
    func after(
        _ cursor: FeedPoint, from start: FeedPoint
    ) -> (response: ExchangeResponse, isOther: Bool, isShortened: Bool)? {
        var (point, rest) = (start, entries[...])
        while point.position < cursor.position {
            guard let entry = rest.popFirst(), let next = point.passing(entry) else { return nil }
            point = next
        }
        var response = self
        response.from = point.position
        response.entries = Array(rest)
        guard point.position == cursor.position else { return nil }
        return (response, point != cursor, point != start)
    }
}

extension SyncState {
    /// Takes in central's time as a bundle tells it. A stick may have been long under way: only a clock that is behind shows.
    mutating func judgeClock(bundleMadeAt made: UInt64, heardAt heard: UInt64) {
        let offset = Int64(clamping: made) - Int64(clamping: heard)
        if offset > 0 { clockOffset = max(clockOffset ?? 0, offset) }
    }
}
