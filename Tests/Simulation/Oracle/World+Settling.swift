import SyncProtocol
import WindowAgent

/// The faults stop, and everybody exchanges until nothing is left to do.
extension World {
    /// Rounds of all machines at most until nothing moves.
    static let roundsMax = 12
    /// Exchanges of one machine in one round at most.
    static let exchangesMax = 400

    func settle() async throws {
        note("settle")
        lateRequests = []
        for _ in 0..<Self.roundsMax {
            var hasMoved = false
            for index in present {
                if try await exchangeUntilQuiet(index) { hasMoved = true }
            }
            if !hasMoved { return }
            // What is done once a day at most has its turn.
            time.pass(milliseconds: 25 * 3600 * 1000)
        }
        violate("it does not come to rest within \(Self.roundsMax) rounds")
    }

    /// - Returns: whether anything moved.
    private func exchangeUntilQuiet(_ index: Int) async throws -> Bool {
        for count in 0..<Self.exchangesMax {
            let before = try await machines[index].store.figures()
            guard let taken = try await exchange(index) else { return true }
            let after = try await machines[index].store.figures()
            if taken.hasMore { continue }
            let isQuiet = taken.confirmed == 0 && taken.received == 0 && taken.passed == 0 && before == after
            return count > 0 || !isQuiet
        }
        violate("\(machines[index].name) does not come to rest within \(Self.exchangesMax) exchanges")
        return false
    }
}
