extension CaseState {
    /// Folds a case from all its changes, in any order and with repeats.
    ///
    /// A change set aside is left out, and what it had replaced stands again, unless a change in effect that replaced the
    /// set-aside dot is there: that one is taken to have replaced, in the same group, also what the set-aside change had
    /// replaced, transitively. A dot with several contents is never followed in this way, because nobody can tell which of
    /// them was seen, and its values are never replaced, also when all but one of its changes are set aside: nothing is
    /// silently lost, and a person who has looked sets aside by content ID what is not to stand. No change replaces itself.
    package init(folding changes: some Sequence<Change>) {
        var contents: [Dot: [Change]] = [:]
        var known: Set<ContentID> = []
        for change in changes where known.insert(change.id).inserted {
            contents[change.dot, default: []].append(change)
            seen.insert(change.dot)
            fingerprint.add(change.id)
            count += 1
            if change.isErased { erasedCount += 1 }
            lastTime = max(lastTime, change.content?.time ?? lastTime)
        }
        let all = contents.values.flatMap { $0 }
        asides = Self.verdicts(of: all)
        forked = contents.filter { $0.value.count > 1 }.keys.sorted()
        let inEffect = all.filter { !isAside($0.id) }
        let replaced = Self.replaced(
            by: inEffect,
            passing: contents.compactMapValues { $0.count == 1 && isAside($0[0].id) ? $0[0] : nil })
        let immune = Set(forked)
        for change in inEffect {
            guard let content = change.content else { continue }
            for (group, write) in content.writes {
                var register = registers[group] ?? Register()
                if immune.contains(change.dot) || !(replaced[group]?.contains(change.dot) ?? false) {
                    register.insert(Standing(write, of: content, in: change))
                }
                registers[group] = register
            }
        }
        for (group, dots) in replaced { registers[group]?.awaited = dots.filter { !seen.contains($0) } }
    }

    /// The live verdicts on each change: those that no other verdict on the same change has replaced.
    private static func verdicts(of changes: [Change]) -> [ContentID: Verdicts] {
        var given: [ContentID: [(dot: Dot, id: ContentID, aside: ChangeContent.Aside)]] = [:]
        for change in changes {
            for (target, aside) in change.content?.centralAsides ?? [:] {
                given[target, default: []].append((change.dot, change.id, aside))
            }
        }
        return given.mapValues { verdicts in
            let replaced = Set(verdicts.flatMap(\.aside.replaces))
            let live = verdicts.filter { !replaced.contains($0.dot) }.sorted {
                ($0.dot, $0.id) < ($1.dot, $1.id)
            }
            return Verdicts(dots: Set(live.map(\.dot)).sorted(), reasons: live.compactMap(\.aside.reason))
        }
    }

    /// Per group, the dots that changes in effect have replaced.
    private static func replaced(by changes: [Change], passing: [Dot: Change]) -> [GroupID: Set<Dot>] {
        var replaced: [GroupID: Set<Dot>] = [:]
        for change in changes {
            for (group, write) in change.content?.writes ?? [:] {
                var reached = reached(from: write.replaces, in: group, passing: passing)
                reached.remove(change.dot)
                replaced[group, default: []].formUnion(reached)
            }
        }
        return replaced
    }

    /// Some dots, and all that is reached from them through the changes that are left out.
    private static func reached(from dots: [Dot], in group: GroupID, passing: [Dot: Change]) -> Set<Dot> {
        var reached = Set(dots)
        var open = passing.isEmpty ? [] : dots
        while let dot = open.popLast() {
            for next in passing[dot]?.content?.writes[group]?.replaces ?? []
            where reached.insert(next).inserted {
                open.append(next)
            }
        }
        return reached
    }
}
