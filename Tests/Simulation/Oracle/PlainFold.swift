import SyncProtocol

/// The fold's definition (PROTOCOL section 7) written down once more, as plainly as it reads.
struct PlainFold {
    let changes: [Change]
    private let bearers: [Dot: [Change]]
    private let setAside: Set<ContentID>

    init(_ all: [Change]) {
        var known: Set<ContentID> = []
        changes = all.filter { known.insert($0.id).inserted }
        bearers = Dictionary(grouping: changes, by: \.dot)
        var verdicts: [ContentID: [(dot: Dot, aside: ChangeContent.Aside)]] = [:]
        for change in changes where change.content?.author.role == .central {
            for (target, aside) in change.content?.asides ?? [:] {
                verdicts[target, default: []].append((change.dot, aside))
            }
        }
        setAside = Set(
            verdicts.filter { _, all in
                all.contains { one in
                    one.aside.reason != nil && !all.contains { $0.aside.replaces.contains(one.dot) }
                }
            }.keys)
    }

    func isAside(_ id: ContentID) -> Bool { setAside.contains(id) }

    var forked: [Dot] { bearers.filter { $0.value.count > 1 }.keys.sorted() }

    var fingerprint: Fingerprint {
        changes.reduce(into: Fingerprint.empty) { $0.add($1.id) }
    }

    var seen: VersionVector { changes.reduce(into: VersionVector()) { $0.insert($1.dot) } }

    var groups: Set<GroupID> {
        Set(changes.flatMap { change in change.content.map { Array($0.writes.keys) } ?? [] })
    }

    /// What was written in a group by changes in effect, each with the changes in effect that have replaced it there.
    func writes(in group: GroupID) -> [(change: Change, replacers: [Change])] {
        let writers = changes.filter { !isAside($0.id) && $0.content?.writes[group] != nil }
        let replacing = writers.map { (change: $0, dots: reached(from: $0, in: group)) }
        return writers.map { change in
            (
                change,
                replacing.filter { $0.change.dot != change.dot && $0.dots.contains(change.dot) }.map(\.change)
            )
        }
    }

    /// Content IDs of what stands in a group.
    func standing(in group: GroupID) -> Set<ContentID> {
        Set(writes(in: group).filter { isForked($0.change.dot) || $0.replacers.isEmpty }.map(\.change.id))
    }

    func isForked(_ dot: Dot) -> Bool { bearers[dot, default: []].count > 1 }

    /// What a change replaces, and what those that are set aside among it had replaced.
    private func reached(from change: Change, in group: GroupID) -> Set<Dot> {
        var reached: Set<Dot> = []
        var open = change.content?.writes[group]?.replaces ?? []
        while let dot = open.popLast() {
            guard reached.insert(dot).inserted, bearers[dot]?.count == 1, let only = bearers[dot]?.first,
                isAside(only.id)
            else { continue }
            open += only.content?.writes[group]?.replaces ?? []
        }
        return reached
    }
}
