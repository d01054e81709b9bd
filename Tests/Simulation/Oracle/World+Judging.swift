import CentralServer
import SyncProtocol
import WindowAgent

/// What must hold when all is quiet.
extension World {
    /// All that somebody who is still there saved, acknowledged or had.
    func survivors() async throws -> Set<Act> {
        var acts = central.held
        for index in present { acts.formUnion(machines[index].saved.union(try await self.acts(on: index))) }
        for id in try await casesAtCentral() {
            for change in try await changesAtCentral(of: id) {
                book.note(change)
                if let act = Act(change) { acts.insert(act) }
            }
        }
        return acts
    }

    /// Compares what there is with what must be.
    func judge(_ survivors: Set<Act>) async throws {
        try await collectAlarms()
        var held: Set<Act> = []
        for id in try await casesAtCentral() {
            let changes = try await changesAtCentral(of: id)
            for change in changes {
                book.note(change)
                if let act = Act(change) { held.insert(act) }
            }
            let plain = PlainFold(changes)
            try await judge(id, plain)
            try await judgeScope(id, plain)
        }
        judgeLoss(survivors.subtracting(held))
        judgeNames()
        for index in present { try await judgeMachine(index) }
        try await judgeCaches()
    }

    private func judgeLoss(_ lost: Set<Act>) {
        guard !lost.isEmpty else { return }
        if !isExcused { violate("lost: \(lost.map { "\($0)" }.sorted()), alarms \(book.alarms.sorted())") }
    }

    /// A running machine was cloned, central went back in time as well, and somebody was told: then a change may name the wrong one of
    /// two that had one name.
    private var isExcused: Bool {
        book.hasRunningClones && book.centralRestores > 0
            && !book.alarms.isDisjoint(with: ["fork", "forked-dot"])
    }

    /// One dot, one content, unless a running machine was cloned.
    private func judgeNames() {
        let forked = book.contents.filter { $0.value.count > 1 }
        if !forked.isEmpty, !book.hasRunningClones {
            violate("one name, two changes: \(forked.keys.map { "\($0.dot) in \($0.caseID)" }.sorted())")
        }
    }

    // MARK: A case

    /// A case at central, and at every window that has it in its scope, is what the changes make of it.
    private func judge(_ id: CaseID, _ plain: PlainFold) async throws {
        compare(CaseState(folding: plain.changes.shuffled(using: &random)), with: plain, "\(id) at central")
        let scopes = try await openScopes(of: id)
        for index in present where scopes.contains(machines[index].hospital.id) {
            let here = try await machines[index].store.changes(of: id)
            if Set(here.map(\.id)) != Set(plain.changes.map(\.id)) {
                violate(
                    "\(machines[index].name) holds \(here.count) changes of \(id), central \(plain.changes.count)"
                )
            }
            compare(CaseState(folding: here), with: plain, "\(id) at \(machines[index].name)")
        }
        for change in plain.changes where book.forged.contains(change.id) && !plain.isAside(change.id) {
            violate("a forged change is in effect in \(id)")
        }
        for verdicts in CaseState(folding: plain.changes).asides.values
        where verdicts.reasons.contains(where: { $0.hasPrefix(Act.forger) }) {
            violate("a forged verdict counts in \(id)")
        }
        judgeReplacing(id, plain)
        judgeStrangers(id, plain)
    }

    /// No program writes to a case that never was its hospital's.
    private func judgeStrangers(_ id: CaseID, _ plain: PlainFold) {
        if isExcused { return }
        let asides = CaseState(folding: plain.changes).asides
        for change in plain.changes where asides[change.id]?.reasons.contains("foreign-case") ?? false {
            guard let user = change.content?.author.user, !user.hasPrefix(Self.poisoner) else { continue }
            violate("\(user)'s change of \(id) is taken for a stranger's")
        }
    }

    private func compare(_ state: CaseState, with plain: PlainFold, _ place: String) {
        if state.seen != plain.seen { violate("\(place): another vector") }
        if state.fingerprint != plain.fingerprint { violate("\(place): another fingerprint") }
        if state.forked != plain.forked { violate("\(place): other forked dots") }
        for change in plain.changes where state.isAside(change.id) != plain.isAside(change.id) {
            violate("\(place): another verdict")
        }
        for group in plain.groups {
            let standing = Set((state.registers[group]?.standing ?? []).map(\.id))
            if standing != plain.standing(in: group) { violate("\(place): group \(group) stands otherwise") }
        }
    }

    /// What does not stand was replaced by somebody who had seen it; and what somebody replaced does not stand beside it.
    private func judgeReplacing(_ id: CaseID, _ plain: PlainFold) {
        if isExcused { return }
        for group in plain.groups {
            let writes = plain.writes(in: group)
            let present = Set(writes.compactMap { Act($0.change) })
            for (change, replacers) in writes {
                guard let act = Act(change), !plain.isForked(change.dot) else { continue }
                let by = replacers.compactMap { Act($0) }
                let isSeen = by.contains { sees($0, act, group, plain) }
                if !by.isEmpty, !isSeen {
                    violate("\(act) in group \(group) was replaced unseen by \(by)")
                }
                let replacing = present.filter {
                    $0 != act && book.replaced[$0]?[group]?.contains(act) ?? false
                }
                if replacers.isEmpty, !replacing.isEmpty {
                    violate("\(act) in group \(group) came back, though \(replacing) replaced it")
                }
            }
        }
    }

    /// Whether the author of one act had seen another, or one that is set aside and had replaced it.
    private func sees(_ one: Act, _ other: Act, _ group: GroupID, _ plain: PlainFold) -> Bool {
        var open = Array(book.replaced[one]?[group] ?? [])
        var known: Set<Act> = []
        while let next = open.popLast() {
            if next == other { return true }
            guard known.insert(next).inserted else { continue }
            let isAside = plain.changes.contains { Act($0) == next && plain.isAside($0.id) }
            if isAside { open += book.replaced[next]?[group] ?? [] }
        }
        return false
    }

    // MARK: A machine

    private func judgeMachine(_ index: Int) async throws {
        let (machine, hospital) = (machines[index], machines[index].hospital.id)
        let figures = try await machine.store.figures()
        let head = try await central.read { transaction throws(CentralError) in
            try transaction.feedHead(of: hospital)
        }
        if figures.outbox != 0 { violate("\(machine.name): \(figures.outbox) changes are not sent") }
        if figures.sync.repair != nil { violate("\(machine.name): a repair does not end") }
        if figures.sync.place.point != head?.point { violate("\(machine.name) is not at the feed's head") }
        if figures.sync.witness != head?.point {
            violate("\(machine.name): the witness is not the feed's head")
        }
        if figures.sync.place.fingerprint != head?.fingerprint {
            violate("\(machine.name): the scope's sums differ")
        }
        guard let result = try await verify(index) else {
            return violate("\(machine.name): a verify has nothing to compare")
        }
        if !result.isEqual { violate("\(machine.name): a verify finds \(result.cases.count) differences") }
        let before = try await lists(machine.store)
        _ = try await machine.store.rebuild()
        if try await lists(machine.store) != before { violate("\(machine.name): caches were wrong") }
        try await judgeDeparted(index)
        try await judgeQuiet(index)
    }

    private func lists(_ store: WindowStore) async throws -> [[ListedCase]] {
        [try await store.cases(limit: 10_000), try await store.departedCases(limit: 10_000)]
    }

    /// One more exchange moves nothing.
    private func judgeQuiet(_ index: Int) async throws {
        let outgoing = try await machines[index].store.compose(bytesMax: 1 << 20, budget: 1 << 20)
        if !outgoing.request.pushes.isEmpty {
            violate("\(machines[index].name) sends again what central has")
        }
        guard let taken = try await exchange(index) else { return }
        if taken.confirmed > 0 || taken.received > 0 || taken.passed > 0 || taken.hasMore {
            violate("\(machines[index].name): one more exchange moves something")
        }
    }

    // MARK: Central's caches

    private func judgeCaches() async throws {
        let before = try await caches()
        try await central.rebuild()
        if try await caches() != before { violate("central's caches are not what the log makes") }
    }

    private struct Caches: Hashable, Sendable {
        let summaries: [CentralServer.CaseSummary]
        let conflicts: [ConflictRecord]
        let asides: [AsideRecord]
        let tasks: [TaskRecord]
        let queue: [DeskEntry]
    }

    private func caches() async throws -> Caches {
        let ids = try await casesAtCentral()
        return try await central.read { transaction throws(CentralError) in
            var (summaries, tasks): ([CentralServer.CaseSummary], [TaskRecord]) = ([], [])
            for id in ids {
                if let summary = try transaction.summary(of: id) { summaries.append(summary) }
                tasks += try transaction.tasks(of: id)
            }
            return Caches(
                summaries: summaries, conflicts: try transaction.conflicts(after: nil, countMax: 10_000),
                asides: try transaction.asides(after: nil, countMax: 10_000), tasks: tasks,
                queue: try transaction.deskEntries(
                    DeskFilter(), after: nil, byWaiting: false, countMax: 10_000))
        }
    }
}
