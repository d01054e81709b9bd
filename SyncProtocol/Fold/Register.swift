/// A value that stands in a field group, with all that a person needs to judge it.
package struct Standing: Hashable, Sendable {
    /// The dot that a write which had seen this value names.
    package let dot: Dot
    /// Tells two contents of one dot apart.
    package let id: ContentID
    package let value: [CBOR]
    package let time: HybridTime
    package let isDoubtful: Bool
    package let author: Author
    package let reason: String?
    /// What a decision relied on; empty for anything else.
    package let basis: [GroupID: [Dot]]

    init(_ write: ChangeContent.Write, of content: ChangeContent, in change: Change) {
        dot = change.dot
        id = change.id
        value = write.value
        time = content.time
        isDoubtful = content.isDoubtful
        author = content.author
        reason = content.reason
        basis = content.basis
    }

    /// The order in which values are shown: time, then dot, then content.
    package static func precedes(_ left: Standing, _ right: Standing) -> Bool {
        (left.time, left.dot, left.id) < (right.time, right.dot, right.id)
    }
}

/// A multi-value register: the values that no change in effect has replaced.
package struct Register: Hashable, Sendable {
    /// Ascending by (time, dot, content ID). More than one: they are concurrent.
    package internal(set) var standing: [Standing] = []
    /// Dots that were replaced before they arrived.
    package internal(set) var awaited: Set<Dot> = []

    package init() {}

    /// The dots that a new write of this group puts aside, ascending.
    package var dots: [Dot] { Set(standing.map(\.dot)).sorted() }

    mutating func insert(_ value: Standing) {
        let index = standing.firstIndex { Standing.precedes(value, $0) } ?? standing.endIndex
        standing.insert(value, at: index)
    }
}
