/// What the changes of one case amount to: a pure function of their set.
///
/// Laws, tested as properties: the order of changes does not matter and repeats are harmless; one by one gives what all
/// at once gives; no value disappears unless a change in effect that had seen it replaced it, and none that was replaced
/// comes back while that change is in effect.
package struct CaseState: Hashable, Sendable {
    /// Which changes were folded in, those set aside included.
    package internal(set) var seen = VersionVector()
    /// Over all changes, those set aside included.
    package internal(set) var fingerprint = Fingerprint.empty
    /// How many changes were folded in.
    package internal(set) var count = 0
    /// How many of them were erased: they count, and nothing is known of what they said.
    package internal(set) var erasedCount = 0
    /// The greatest time among all changes whose content decodes, those set aside and doubtful ones included; 0 if there is
    /// none. The place of the case in a verify: a pure function of the set, and no statement about when anything was.
    package internal(set) var lastTime = HybridTime(rawValue: 0)
    package internal(set) var registers: [GroupID: Register] = [:]
    /// Changes that central has given a verdict on, also those that have not come yet.
    package internal(set) var asides: [ContentID: Verdicts] = [:]
    /// Dots that stand for more than one content, ascending: the mark of a cloned running machine.
    package internal(set) var forked: [Dot] = []

    /// A case of which nothing is known.
    package init() {}

    /// The live verdicts on one change.
    package struct Verdicts: Hashable, Sendable {
        /// The dots of the changes that carry them, ascending.
        package let dots: [Dot]
        /// Why it is set aside; empty if it was taken up again. Contradictory verdicts: set aside.
        package let reasons: [String]

        /// One reason is enough: verdicts that contradict each other set aside.
        package var isAside: Bool { !reasons.isEmpty }
    }

    /// What became of a change that was offered.
    package enum Application: Hashable, Sendable {
        case applied
        /// Its dot is known: a repeat, or, if the content is another, a fork: fold the case from all its changes.
        case known
        /// The case must be folded from all its changes, with this one among them.
        case needsAll
    }

    /// Folds in one more change. Cheap, and possible as long as nothing of the case is set aside or forked.
    package mutating func apply(_ change: Change) -> Application {
        guard !seen.contains(change.dot) else { return .known }
        guard asides.isEmpty, forked.isEmpty, change.content?.centralAsides.isEmpty ?? true else {
            return .needsAll
        }
        seen.insert(change.dot)
        fingerprint.add(change.id)
        count += 1
        if change.isErased { erasedCount += 1 }
        lastTime = max(lastTime, change.content?.time ?? lastTime)
        if let content = change.content { put(content, of: change) }
        for group in registers.keys { registers[group]?.awaited.remove(change.dot) }
        return .applied
    }

    private mutating func put(_ content: ChangeContent, of change: Change) {
        for (group, write) in content.writes {
            var register = registers[group] ?? Register()
            for dot in write.replaces {
                register.standing.removeAll { $0.dot == dot }
                if !seen.contains(dot) { register.awaited.insert(dot) }
            }
            if !register.awaited.contains(change.dot) {
                register.insert(Standing(write, of: content, in: change))
            }
            registers[group] = register
        }
    }

    /// Whether a change is left out of the fold.
    package func isAside(_ id: ContentID) -> Bool { asides[id]?.isAside ?? false }
}

extension ChangeContent {
    /// The verdicts that count: only central's do.
    var centralAsides: [ContentID: Aside] { author.role == .central ? asides : [:] }
}
