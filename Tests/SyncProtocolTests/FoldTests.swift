import Foundation
import SyncProtocol
import Testing

@Suite("The fold's laws")
struct FoldTests {
    private static let blocks = 0..<10
    /// Each law holds over this many histories; `BIRTHWINDOW_SEEDS` asks for more.
    private static let seedsPerBlock =
        max(10, Int(ProcessInfo.processInfo.environment["BIRTHWINDOW_SEEDS"] ?? "") ?? 2000) / blocks.count
    private static let histories = (0..<seedsPerBlock * blocks.count).map {
        HistoryGenerator.history(seed: $0)
    }

    private func seeds(_ block: Int) -> Range<Int> {
        block * Self.seedsPerBlock..<(block + 1) * Self.seedsPerBlock
    }

    @Test("Any order, with repeats, folds to the same", arguments: blocks)
    func anyOrder(block: Int) {
        for seed in seeds(block) {
            let history = Self.histories[seed]
            let state = history.state
            var random = SeededGenerator(seed: seed)
            for _ in 0..<3 {
                let repeated = history.changes + history.changes.filter { _ in random.chance(1, in: 3) }
                #expect(CaseState(folding: repeated.shuffled(using: &random)) == state, "seed \(seed)")
            }
        }
    }

    @Test("One by one folds to what all at once gives, at every step", arguments: blocks)
    func oneByOne(block: Int) {
        for seed in seeds(block) {
            var random = SeededGenerator(seed: seed)
            let history = Self.histories[seed]
            var (state, stored): (CaseState, [Change]) = (CaseState(), [])
            for change in history.changes.shuffled(using: &random) {
                state.take(change, into: &stored)
                #expect(state == CaseState(folding: stored), "seed \(seed), after \(stored.count)")
                if random.chance(1, in: 4), let again = stored.randomElement(using: &random) {
                    #expect(state.apply(again) == .known, "seed \(seed)")
                }
            }
            #expect(state == history.state, "seed \(seed)")
        }
    }

    @Test("Any split into batches folds to the same", arguments: blocks)
    func batches(block: Int) {
        for seed in seeds(block) {
            var random = SeededGenerator(seed: seed)
            let history = Self.histories[seed]
            var (state, stored): (CaseState, [Change]) = (CaseState(), [])
            var rest = history.changes.shuffled(using: &random)[...]
            while !rest.isEmpty {
                let batch = rest.prefix(Int.random(in: 1...6, using: &random))
                rest = rest.dropFirst(batch.count)
                if random.chance(1, in: 3) {
                    stored += batch.filter { !stored.contains($0) }
                    state = CaseState(folding: stored)
                } else {
                    for change in batch { state.take(change, into: &stored) }
                }
            }
            #expect(state == history.state, "seed \(seed)")
        }
    }

    @Test("What stands is what the definition says, value by value", arguments: blocks)
    func definition(block: Int) {
        var (asides, forks, conflicts, returned) = (0, 0, 0, 0)
        for seed in seeds(block) {
            let history = Self.histories[seed]
            let (state, oracle) = (history.state, FoldOracle(history.changes))
            for group in History.groups {
                let standing = state.registers[group]?.standing ?? []
                #expect(Set(standing.map(\.id)) == oracle.standing(in: group), "seed \(seed), group \(group)")
                #expect(standing.count == Set(standing.map(\.id)).count, "seed \(seed), group \(group)")
                conflicts += standing.count > 1 ? 1 : 0
            }
            for change in history.changes {
                #expect(state.isAside(change.id) == oracle.isAside(change.id), "seed \(seed), \(change.dot)")
            }
            #expect(state.forked == oracle.forked, "seed \(seed)")
            #expect(oracle.hasSeen(state.seen), "seed \(seed)")
            #expect(state.fingerprint.bytes == oracle.fingerprint, "seed \(seed)")
            #expect(state.count == history.changes.count, "seed \(seed)")
            asides += history.changes.contains { state.isAside($0.id) } ? 1 : 0
            returned += state.asides.values.contains { !$0.isAside } ? 1 : 0
            forks += state.forked.isEmpty ? 0 : 1
        }
        let part = Self.seedsPerBlock
        #expect(asides > part / 20 && returned > part / 50, "the histories must hold set-asides")
        #expect(forks > part / 20 && conflicts > part / 2, "the histories must hold forks and conflicts")
    }

    @Test(
        "Without set-asides and forks nothing that was replaced comes back, in any order", arguments: blocks)
    func replacedStaysReplaced(block: Int) {
        for seed in seeds(block) {
            var random = SeededGenerator(seed: seed)
            let history = HistoryGenerator.history(seed: seed, kinds: .opaque)
            var gone: [GroupID: Set<Dot>] = [:]
            var (state, stored): (CaseState, [Change]) = (CaseState(), [])
            for change in history.changes.shuffled(using: &random) {
                #expect(state.apply(change) == .applied, "seed \(seed)")
                stored.append(change)
                for (group, write) in change.content?.writes ?? [:] {
                    gone[group, default: []].formUnion(write.replaces)
                }
                for (group, register) in state.registers {
                    #expect(
                        gone[group, default: []].isDisjoint(with: register.dots),
                        "seed \(seed), group \(group)")
                }
            }
            for (group, register) in history.state.registers {
                #expect(register.awaited.isEmpty, "seed \(seed), group \(group): all has come")
            }
        }
    }

    @Test(
        "Settling is stable when what it had seen comes late, and leaves what it had not seen",
        arguments: blocks)
    func settling(block: Int) throws {
        for seed in seeds(block) {
            var random = SeededGenerator(seed: seed)
            let history = HistoryGenerator.history(seed: seed, kinds: [])
            let seen = CaseState(folding: history.changes.filter { _ in random.chance(1, in: 2) })
            guard let group = seen.registers.keys.sorted().randomElement(using: &random) else { continue }
            let write = ChangeContent.Write(
                value: [.text("settled")], replaces: seen.registers[group]?.dots ?? [])
            let settling = try change(writing: [group: write], replica: ReplicaID(rawValue: 1))
            var (state, stored): (CaseState, [Change]) = (CaseState(), [])
            for change in ([settling] + history.changes).shuffled(using: &random) {
                state.take(change, into: &stored)
                let stands = state.registers[group]?.dots.contains(settling.dot) ?? false
                #expect(
                    stands == stored.contains(settling),
                    "seed \(seed): only a change that has seen it replaces it")
            }
            let without = Set(history.state.registers[group]?.dots ?? [])
            let beside = Set(state.registers[group]?.dots ?? []).subtracting([settling.dot])
            #expect(beside == without.subtracting(write.replaces), "seed \(seed)")
        }
    }

    @Test("Setting aside and taking up again gives back exactly what was", arguments: blocks)
    func takingUp(block: Int) throws {
        for seed in seeds(block) {
            var random = SeededGenerator(seed: seed)
            let history = HistoryGenerator.history(seed: seed, kinds: .forks)
            guard let target = history.changes.randomElement(using: &random) else { continue }
            let central = ReplicaID(rawValue: 2)
            let aside = try verdict(on: target, reason: "role", replaces: [], edition: 1, replica: central)
            let takenUp = try verdict(
                on: target, reason: nil, replaces: [aside.dot], edition: 2, replica: central)
            let set = CaseState(folding: history.changes + [aside])
            #expect(set.isAside(target.id), "seed \(seed)")
            #expect(
                !set.registers.values.contains { $0.standing.contains { $0.id == target.id } }, "seed \(seed)"
            )
            let state = CaseState(folding: ([takenUp, aside] + history.changes).shuffled(using: &random))
            #expect(
                state.registers.mapValues(\.standing) == history.state.registers.mapValues(\.standing),
                "seed \(seed)")
        }
    }

    @Test("No change replaces itself, not even through one that is set aside")
    func selfReplacement() throws {
        let changes = try FoldExamples.circle()
        let state = CaseState(folding: changes)
        let oracle = FoldOracle(changes)
        for (group, register) in state.registers {
            #expect(register.standing.map(\.value) == [[.text("one")]])
            #expect(oracle.standing(in: group) == Set(register.standing.map(\.id)))
        }
        #expect(state.registers.count == 1)
    }

    @Test("Fingerprints are equal if and only if the changes are the same", arguments: blocks)
    func fingerprints(block: Int) {
        for seed in seeds(block) {
            var random = SeededGenerator(seed: seed)
            let changes = Self.histories[seed].changes
            let left = changes.filter { _ in random.chance(4, in: 5) }
            let right =
                random.chance(1, in: 3)
                ? left.shuffled(using: &random) : changes.filter { _ in random.chance(4, in: 5) }
            let equal = CaseState(folding: left).fingerprint == CaseState(folding: right).fingerprint
            #expect(equal == (Set(left) == Set(right)), "seed \(seed)")
        }
    }
}

/// A change by a window, of the case of ``History``.
func change(
    writing writes: [GroupID: ChangeContent.Write], replica: ReplicaID, edition: UInt64 = 1, time: UInt64 = 1,
    author: Author = Author(role: .window, unit: "451102", user: "li"), isDoubtful: Bool = false,
    basis: [GroupID: [Dot]] = [:]
) throws -> Change {
    try Change(
        replica: replica, sequence: edition, caseID: History.caseID, edition: edition,
        content: ChangeContent(
            writes: writes, time: HybridTime(milliseconds: time), author: author, isDoubtful: isDoubtful,
            basis: basis))
}

/// Central's verdict on a change.
func verdict(
    on target: Change, reason: String?, replaces: [Dot], edition: UInt64, replica: ReplicaID
) throws -> Change {
    try Change(
        replica: replica, sequence: edition, caseID: target.caseID, edition: edition,
        content: ChangeContent(
            time: HybridTime(milliseconds: 1), author: Author(role: .central, unit: "", user: ""),
            asides: [target.id: ChangeContent.Aside(reason: reason, replaces: replaces)]))
}
