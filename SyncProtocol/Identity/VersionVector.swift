/// What has been seen of a case: per replica the highest edition without a gap, and the few dots above a gap.
///
/// Inserting commutes and repeats are harmless; `union` is the least vector that contains both.
package struct VersionVector: Hashable, Sendable {
    /// The highest edition of each replica such that all up to it have been seen. Never 0.
    package private(set) var contiguous: [ReplicaID: UInt64] = [:]
    /// Dots seen beyond an edition that has not been seen.
    package private(set) var aboveGap: Set<Dot> = []

    /// Nothing has been seen.
    package init() {}

    /// True if nothing has been seen.
    package var isEmpty: Bool { contiguous.isEmpty && aboveGap.isEmpty }

    /// Whether a change has been seen.
    package func contains(_ dot: Dot) -> Bool {
        contiguous[dot.replica, default: 0] >= dot.edition || aboveGap.contains(dot)
    }

    /// False if the dot had been seen before.
    @discardableResult
    package mutating func insert(_ dot: Dot) -> Bool {
        guard dot.edition > 0, !contains(dot) else { return false }
        aboveGap.insert(dot)
        close(dot.replica)
        return true
    }

    /// Takes in all that another vector has seen.
    package mutating func formUnion(_ other: VersionVector) {
        for (replica, edition) in other.contiguous where contiguous[replica, default: 0] < edition {
            contiguous[replica] = edition
            aboveGap = aboveGap.filter { $0.replica != replica || $0.edition > edition }
        }
        for dot in other.aboveGap where !contains(dot) { aboveGap.insert(dot) }
        for replica in Set(other.contiguous.keys).union(other.aboveGap.map(\.replica)) { close(replica) }
    }

    /// The replicas that occur, ascending.
    package var replicas: [ReplicaID] {
        Set(contiguous.keys).union(aboveGap.map(\.replica)).sorted()
    }

    private mutating func close(_ replica: ReplicaID) {
        var edition = contiguous[replica, default: 0]
        while edition < .max, aboveGap.remove(Dot(replica: replica, edition: edition + 1)) != nil {
            edition += 1
            contiguous[replica] = edition
        }
    }
}

extension VersionVector {
    /// Takes over one replica's part as it was read, without walking through its editions.
    mutating func restore(_ replica: ReplicaID, contiguous edition: UInt64, above: [UInt64]) {
        if edition > 0 { contiguous[replica] = edition }
        for next in above { aboveGap.insert(Dot(replica: replica, edition: next)) }
    }
}
