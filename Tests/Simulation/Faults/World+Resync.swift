import SyncProtocol
import WindowAgent

/// What a technician orders.
extension World {
    func resync() async throws {
        let index = try anyMachine()
        let store = machines[index].store
        let only = random.chance(1, in: 2) ? try await casesHere(index).randomElement(using: &random) : nil
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            note("resync: \(machines[index].name) push \(only?.description ?? "all")")
            try await store.orderRepair(.push, only: only)
        case 1:
            note("resync: \(machines[index].name) pull \(only?.description ?? "all")")
            try await store.orderRepair(.pull, only: only)
        case 2:
            note("resync: \(machines[index].name) verify")
            // A verify that finds nothing to compare, because of a repair under way, is begun again by its technician.
            guard let result = try await verify(index), !result.isEqual else { return }
            try await store.orderRepair(of: result.cases)
        default:
            note("resync: \(machines[index].name) rebuild")
            _ = try await store.rebuild(only: only)
        }
    }

    /// Compares a window's scope with central's.
    ///
    /// - Returns: nil if a repair is under way, or central is at another place of the feed.
    func verify(_ index: Int) async throws -> VerifyResult? {
        guard let scope = try await machines[index].store.scopeSums(), scope.isCurrent else { return nil }
        if scope.recached > 0 { violate("\(machines[index].name): \(scope.recached) caches were wrong") }
        var initiator = VerifyInitiator(scope.sums, of: scope.hospital, at: scope.point)
        var request = initiator.first
        while true {
            let answer = try await central.respond(
                to: try machines[index].device.request(
                    request.encoded, to: "/sync/v1/verify", type: SyncMessage.verify.mediaType(version: 1),
                    at: centralClock.now,
                    nonce: random.next()))
            guard answer.status == 200 else { throw Broken("a verify was refused: \(answer.status)") }
            let response = try VerifyResponse(decoding: try machines[index].device.message(in: answer))
            switch try initiator.receive(response) {
            case .send(let next): request = next
            case .elsewhere: return nil
            case .finished(let result): return result
            }
        }
    }
}
