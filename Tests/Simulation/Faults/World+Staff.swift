import Casework
import CentralServer
import SyncProtocol
import Web

/// What central's people and the departments do.
extension World {
    func staffEdits() async throws {
        guard let id = try await anyCase() else { return }
        try await staffWrites(
            random.chance(1, in: 2)
                ? ["childName": .text(["王晓明", "王大明"].randomElement(using: &random) ?? "")]
                : ["motherPhone": .text("1380000000\(random.next() % 3)")], on: id)
    }

    /// A clerk and central's people write the same field of a case, and neither has seen what the other writes.
    func disagree() async throws {
        let index = try anyMachine()
        let shared = Set(try await casesAtCentral())
        let known = try await machines[index].store.cases(limit: 20).filter { !$0.isDeparted }.map(\.id)
            .sorted()
        guard let id = known.filter(shared.contains).randomElement(using: &random) else { return }
        try await edit(id, ["childName": .text("王晓")], on: index)
        try await staffWrites(["childName": .text("王大明")], on: id)
    }

    private func staffWrites(_ set: [String: JSON], on id: CaseID) async throws {
        let user = newName("staff")
        let before = try await page(of: id)
        _ = try await central.staff(
            .patch, "/api/v1/cases/\(id)",
            .object([
                "set": .object(set), "reason": .text("check"),
                "seen": .object(
                    Dictionary(
                        uniqueKeysWithValues: before.map { group, dots in
                            ("\(group)", JSON.list(dots.keys.sorted().map { .text("\($0)") }))
                        })),
            ]), as: user)
        try await noteActed(user, on: id, seen: before, "edit at central")
    }

    /// What a page at central shows; one that was opened earlier may show less than there is by now.
    private func page(of id: CaseID) async throws -> [GroupID: [Dot: Act]] {
        let shown = try await shown(id)
        let old = deskPages.updateValue(shown, forKey: id) ?? shown
        // Not across a fork or a restore: what it shows may have another name, or be gone, by now. And a group that the page leaves
        // out is taken as it stands now.
        let isOld = !book.hasRunningClones && book.centralRestores == 0 && random.chance(1, in: 2)
        return isOld ? old.merging(shown) { old, _ in old } : shown
    }

    func staffSettles() async throws {
        let conflicts = try await central.read { transaction throws(CentralError) in
            try transaction.conflicts(after: nil, countMax: 50)
        }
        guard let conflict = conflicts.randomElement(using: &random),
            let dot = conflict.dots.randomElement(using: &random)
        else { return }
        let user = newName("staff")
        let before = try await shown(conflict.caseID)
        let answer = try await central.staff(
            .post, "/api/v1/desk/settlements",
            .object([
                "reason": .text("asked the mother"),
                "settlements": .list([
                    .object([
                        "caseID": .text("\(conflict.caseID)"),
                        "group": .number(.init(Int(conflict.group.rawValue))),
                        "seen": .list(conflict.dots.map { .text("\($0)") }), "dot": .text("\(dot)"),
                    ])
                ]),
            ]), as: user)
        if answer.status != 200 { violate("a settlement was refused: \(answer.status)") }
        try await noteActed(user, on: conflict.caseID, seen: before, "settlement")
    }

    /// Takes up what was set aside, or sets aside what a department or central wrote.
    func staffJudges() async throws {
        let asides = try await central.read { transaction throws(CentralError) in
            try transaction.asides(after: nil, countMax: 50)
        }.filter { !book.forged.contains($0.id) }
        let user = newName("staff")
        if let aside = asides.randomElement(using: &random), random.chance(1, in: 2) {
            try await judge(aside.id, of: aside.caseID, "take-up", seen: aside.dots, as: user)
        } else if let id = try await anyCase() {
            let changes = try await changesAtCentral(of: id)
            let state = CaseState(folding: changes)
            let targets = changes.filter { change in
                guard let content = change.content, content.asides.isEmpty else { return false }
                return content.author.role != .window || state.forked.contains(change.dot)
            }
            guard let target = targets.randomElement(using: &random) else { return }
            let seen = state.asides[target.id]?.dots ?? []
            try await judge(target.id, of: id, "set-aside", seen: seen, as: user)
        }
    }

    private func judge(_ target: ContentID, of id: CaseID, _ verb: String, seen: [Dot], as user: String)
        async throws
    {
        let body: JSON = .object([
            "reason": .text("wrong"),
            "verdicts": .list([
                .object([
                    "caseID": .text("\(id)"), "change": .text("\(target)"), "verdict": .text(verb),
                    "seen": .list(seen.map { .text("\($0)") }),
                ])
            ]),
        ])
        _ = try await central.staff(.post, "/api/v1/desk/verdicts", body, as: user)
        try await noteActed(user, on: id, seen: [:], verb)
    }

    func departmentAnswers() async throws {
        let tasks = try await central.read { transaction throws(CentralError) in
            var tasks: [TaskRecord] = []
            for code in ["health", "police"] {
                tasks += try transaction.tasks(of: code, after: nil, in: nil, countMax: 20).map(\.record)
            }
            return tasks.filter { $0.state != .held && $0.state != .gone }
        }
        guard let task = tasks.randomElement(using: &random) else { return }
        let user = newName("officer")
        let before = try await shown(task.caseID)
        // One that has not seen the other's answer contradicts it.
        let asOf =
            random.chance(2, in: 3) ? before.filter { $0.key.rawValue >= 200 && $0.key.rawValue < 260 } : [:]
        let seen = asOf.sorted { $0.key < $1.key }.map { group, dots in
            "\(group.rawValue):\(dots.keys.sorted().map(\.description).joined(separator: ","))"
        }.joined(separator: ";")
        let body: JSON = .object([
            "id": .text(user), "caseID": .text("\(task.caseID)"), "item": .text(task.item),
            "outcome": .text(random.chance(4, in: 5) ? "done" : "failed"), "date": .text("2026-09-22"),
            "note": .text("资料不符"), "asOf": .text(seen),
        ])
        for _ in 0..<2 {  // departments' machines repeat themselves
            _ = try await central.staff(
                .post, "/api/v1/departments/\(task.department)/results", body, as: user)
        }
        try await noteActed(user, on: task.caseID, seen: before, "result")
    }

    // MARK: Central's log

    func anyCase() async throws -> CaseID? {
        try await casesAtCentral().randomElement(using: &random)
    }

    /// All cases but the hospitals' records.
    func casesAtCentral() async throws -> [CaseID] {
        let records = Set(hospitals.map(\.id.record))
        return try await central.read { transaction throws(CentralError) in
            try transaction.caseIDs(after: nil, countMax: 10_000)
        }.filter { !records.contains($0) }
    }

    func changesAtCentral(of id: CaseID) async throws -> [Change] {
        try await central.read { transaction throws(CentralError) in
            try transaction.changes(of: id).map(\.change)
        }
    }

    func shown(_ id: CaseID) async throws -> [GroupID: [Dot: Act]] {
        let changes = try await changesAtCentral(of: id)
        return CaseState(folding: changes).registers.mapValues { Self.shown($0, changes) }
    }

    /// Notes what a person's call came to: central answered, so it must be kept.
    func noteActed(
        _ user: String, on id: CaseID, seen: [GroupID: [Dot: Act]], _ what: String
    ) async throws {
        let mine = try await changesAtCentral(of: id).filter { $0.content?.author.user == user }
        note("\(what): \(id) by \(user)\(mine.isEmpty ? ", in vain" : "")")
        if mine.count > 1 { violate("\(user) acted once and it is there \(mine.count) times") }
        guard let change = mine.first else { return }
        let act = Act.done(by: user, in: id)
        central.held.insert(act)
        if !book.note(act, change, seen: seen) { violate("\(user) replaced at central what was not seen") }
    }
}
