import SyncProtocol

/// What is to be done with a run of changes, decided from its place in its replica's chain. Pure.
enum RunPlan: Hashable, Sendable {
    /// Changes before it are missing: nothing is taken, and the sender hears how far the chain reaches.
    case gap
    /// Two writers used the replica.
    case fork
    /// The bodies from this index on are new, in order. At the end of the run: a repeat.
    case take(from: Int)

    /// - Parameters:
    ///   - length: how far central's chain of the replica reaches.
    ///   - before: central's chain value before the run's first sequence; nil beyond the end.
    ///   - overlap: the content IDs of the run's bodies up to `length`, and of what central has linked there.
    init(
        first: UInt64, chain: Chain, length: UInt64, before: Chain?,
        overlap: (sent: [ContentID], linked: [ContentID])
    ) {
        guard first <= length + 1 else {
            self = .gap
            return
        }
        guard before == chain, overlap.sent == overlap.linked else {
            self = .fork
            return
        }
        self = .take(from: overlap.sent.count)
    }

    /// How many of a run's bodies lie within a chain of this length.
    static func overlapCount(first: UInt64, count: Int, length: UInt64) -> Int {
        guard first <= length else { return 0 }
        return Int(min(UInt64(count), length - first + 1))
    }
}

/// The same for a bundle, where there is nobody to ask again: the last ones, one by one. Ascending.
func lastSequences(length: UInt64) -> [UInt64] {
    guard length > 0 else { return [] }
    return Array((length - min(length - 1, UInt64(Limits.checkpointsMax) - 1))...length)
}

/// The sequences at which central tells its chain of a forked replica: n, n−1, n−2, n−4 … 1. Ascending.
func checkpointSequences(length: UInt64) -> [UInt64] {
    guard length > 0 else { return [] }
    var sequences: Set<UInt64> = [length, 1]
    var step: UInt64 = 1
    while step < length {
        sequences.insert(length - step)
        step *= 2
    }
    return Array(sequences.sorted().suffix(Limits.checkpointsMax))
}
