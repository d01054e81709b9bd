/// The name of a change within its case: which replica wrote it, as its how-manieth on this case.
package struct Dot: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let replica: ReplicaID
    /// 1, 2, 3 … for each replica and case.
    package let edition: UInt64

    package init(replica: ReplicaID, edition: UInt64) {
        self.replica = replica
        self.edition = edition
    }

    package var description: String { "\(replica).\(edition)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.replica, left.edition) < (right.replica, right.edition)
    }
}
