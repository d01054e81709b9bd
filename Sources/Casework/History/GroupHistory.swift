package import SyncProtocol

/// How the values of one field group of a case came after one another: every write, and which ones its author had seen.
///
/// Hostile changes may name each other in a circle, or give one dot two contents: neither is followed twice.
package struct GroupHistory: Hashable, Sendable {
    /// One write of the group, in effect or not.
    package struct Write: Hashable, Sendable {
        package let dot: Dot
        package let id: ContentID
        package let value: [CBOR]
        /// What its author had seen there and put aside, ascending.
        package let replaces: [Dot]
        package let author: Author
        package let time: HybridTime
        package let isDoubtful: Bool
        package let reason: String?
        /// It is left out of the fold.
        package let isAside: Bool
    }

    package let group: GroupID
    /// Ascending by (time, dot, content ID).
    package let writes: [Write]
    private let byDot: [Dot: [Write]]

    /// - Parameters:
    ///   - changes: all changes of the case, in any order and with repeats.
    ///   - state: their fold.
    package init(of group: GroupID, in changes: some Sequence<Change>, _ state: CaseState) {
        var known: Set<ContentID> = []
        var writes: [Write] = []
        for change in changes {
            guard let content = change.content, let write = content.writes[group],
                known.insert(change.id).inserted
            else { continue }
            writes.append(
                Write(
                    dot: change.dot, id: change.id, value: write.value, replaces: write.replaces,
                    author: content.author, time: content.time, isDoubtful: content.isDoubtful,
                    reason: content.reason, isAside: state.isAside(change.id)))
        }
        self.group = group
        self.writes = writes.sorted { ($0.time, $0.dot, $0.id) < ($1.time, $1.dot, $1.id) }
        byDot = Dictionary(grouping: self.writes, by: \.dot)
    }

    /// The write with a dot; nil if there is none, or if the dot is forked.
    package func write(_ dot: Dot) -> Write? {
        guard let writes = byDot[dot], writes.count == 1 else { return nil }
        return writes[0]
    }

    /// All that a write had seen in the group, and what that had seen, and so on; also what is left out of the fold.
    package func ancestors(of dot: Dot) -> Set<Dot> {
        var found: Set<Dot> = []
        var open = (byDot[dot] ?? []).flatMap(\.replaces)
        while let next = open.popLast() {
            guard next != dot, found.insert(next).inserted else { continue }
            open += write(next)?.replaces ?? []
        }
        return found
    }

    /// The writes in effect that replaced a dot directly.
    package func replacers(of dot: Dot) -> [Write] {
        writes.filter { !$0.isAside && $0.replaces.contains(dot) }
    }

    /// Who wrote this value first: an undo of central's brings a value back that is its author's still.
    package func origin(of write: Write) -> Write {
        var (origin, seen) = (write, Set([write.dot]))
        while origin.author.role == .central {
            let before = origin.replaces.compactMap { self.write($0) }.flatMap(\.replaces)
            guard
                let earlier = before.lazy.compactMap({ self.write($0) }).first(where: {
                    $0.value == origin.value
                }), seen.insert(earlier.dot).inserted
            else { break }
            origin = earlier
        }
        return origin
    }

    /// The last values that the authors of all these writes had seen and replaced; empty if they had nothing in common.
    package func base(of dots: [Dot]) -> [Write] {
        let origins = Set(dots.map { dot in write(dot).map { origin(of: $0).dot } ?? dot })
        guard origins.count > 1 else { return [] }
        let common = shared(origins).filter { write($0)?.isAside == false }
        let older = common.reduce(into: Set<Dot>()) { $0.formUnion(ancestors(of: $1)) }
        return writes.filter { common.contains($0.dot) && !older.contains($0.dot) }
    }

    private func shared(_ dots: some Collection<Dot>) -> Set<Dot> {
        guard let first = dots.first else { return [] }
        return dots.dropFirst().reduce(ancestors(of: first)) { $0.intersection(ancestors(of: $1)) }
    }

    /// Since when differing values have stood beside one another here, in milliseconds since 1970; 0 if they do not.
    ///
    /// A branch begins with the first write that not all of the others had seen; a later write on it does not make it younger.
    ///
    /// - Parameter arrival: when a change came here.
    package func conflictSince(_ dots: [Dot], arrival: (ContentID) -> UInt64) -> UInt64 {
        let common = shared(dots)
        let branches = dots.flatMap { byDot[$0] ?? [] }.map { write in
            let own = ancestors(of: write.dot).subtracting(common).compactMap { self.write($0) }
            let first = own.filter { !$0.isAside }.map { arrival($0.id) }.min()
            return (value: write.value, began: min(first ?? .max, arrival(write.id)))
        }.sorted { $0.began < $1.began }
        return branches.first { $0.value != branches[0].value }?.began ?? 0
    }

    /// The writes of central's that took the place of the very same values as one of them: one settlement, or all values that one
    /// undo brought back. Empty if the dot is not central's, or replaced nothing.
    package func act(of dot: Dot) -> [Write] {
        guard let write = write(dot), write.author.role == .central, !write.replaces.isEmpty else {
            return []
        }
        return writes.filter {
            $0.author.role == .central && $0.replaces == write.replaces && !$0.isAside
        }
    }

    /// The distinct values that an act took the place of, in the order of ``writes``.
    package func values(before act: [Write]) -> [[CBOR]] {
        let replaced = Set(act.flatMap(\.replaces))
        var known: Set<[CBOR]> = []
        return writes.filter {
            !$0.isAside && replaced.contains($0.dot) && known.insert($0.value).inserted
        }.map(\.value)
    }
}
