/// What a change of schema 1 says. Groups come in ascending order in the bytes, as do dots.
package struct ChangeContent: Hashable, Sendable {
    /// One field group's new value, and what the author saw there and puts aside.
    package struct Write: Hashable, Sendable {
        /// One item for each member of the group, in the dictionary's order; null where unanswered.
        package let value: [CBOR]
        /// Ascending.
        package let replaces: [Dot]

        package init(value: [CBOR], replaces: [Dot]) {
            self.value = value
            self.replaces = Set(replaces).sorted()
        }
    }

    /// Central's verdict on another change: set aside for a reason, or taken up again.
    package struct Aside: Hashable, Sendable {
        /// Why the change is set aside; nil takes it up again.
        package let reason: String?
        /// The dots of the verdicts on the same change that the author saw and puts aside. Ascending.
        package let replaces: [Dot]

        package init(reason: String?, replaces: [Dot]) {
            self.reason = reason
            self.replaces = Set(replaces).sorted()
        }
    }

    /// The groups that the change gives a new value.
    package var writes: [GroupID: Write]
    /// For display and order only.
    package var time: HybridTime
    package var author: Author
    /// True if the clock was in doubt when the change was written.
    package var isDoubtful: Bool
    /// For a decision: the live dots of each group that it relied on.
    package var basis: [GroupID: [Dot]]
    /// Why, in a person's words; for a settling or a withdrawal.
    package var reason: String?
    /// Only central's count.
    package var asides: [ContentID: Aside]

    package init(
        writes: [GroupID: Write] = [:], time: HybridTime, author: Author, isDoubtful: Bool = false,
        basis: [GroupID: [Dot]] = [:], reason: String? = nil, asides: [ContentID: Aside] = [:]
    ) {
        self.writes = writes
        self.time = time
        self.author = author
        self.isDoubtful = isDoubtful
        self.basis = basis.mapValues { Set($0).sorted() }
        self.reason = reason
        self.asides = asides
    }

    /// Every dot that the change names as seen: it must have been seen by its author.
    package var namedDots: [Dot] {
        writes.values.flatMap(\.replaces) + basis.values.flatMap { $0 } + asides.values.flatMap(\.replaces)
    }
}
