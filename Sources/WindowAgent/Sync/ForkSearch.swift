/// Looks for the last change that this window's chain of a replica has in common with central's, by halving.
struct ForkSearch: Hashable, Sendable {
    /// A sequence at which the chains are equal.
    private(set) var equal: UInt64 = 0
    /// A later sequence at which they differ, or the one after the end.
    private(set) var different: UInt64

    /// - Parameter length: of this window's chain.
    init(length: UInt64) { different = length + 1 }

    /// The next sequence to compare.
    var middle: UInt64 { equal + (different - equal) / 2 }
    var isFound: Bool { different == equal + 1 }

    mutating func learn(_ sequence: UInt64, isEqual: Bool) {
        if isEqual {
            if sequence < different { equal = max(equal, sequence) }
        } else if sequence > equal {
            different = min(different, sequence)
        }
    }
}
