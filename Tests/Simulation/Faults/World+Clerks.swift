import Casework
import SyncProtocol
import WindowAgent

/// What clerks do at a window.
extension World {
    static let casesMax = 5

    func save() async throws {
        let index = try anyMachine()
        let store = machines[index].store
        let known = try await store.cases(limit: 20).filter { !$0.isDeparted }.map(\.id).sorted()
        let isNew = known.count < Self.casesMax && random.chance(1, in: 3)
        if !isNew, let id = known.randomElement(using: &random) {
            try await edit(id, answers(), on: index)
        } else if isNew || known.isEmpty {
            try await register(on: index)
        }
    }

    /// Edits one case a few times.
    func editOften(on index: Int) async throws {
        guard let id = try await casesHere(index).last else { return }
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            try await edit(id, answers(), on: index)
            if random.chance(1, in: 4) { try await reopen(index) }
        }
    }

    /// Accepts or refuses a case, on what is seen of it.
    func decide() async throws {
        let index = try anyMachine()
        let known = try await machines[index].store.cases(limit: 20).filter { !$0.isDeparted }.map(\.id)
            .sorted()
        guard let id = known.randomElement(using: &random) else { return }
        let kind = random.chance(4, in: 5) ? "accept" : "refuse"
        try await edit(
            id,
            [
                "decisionKind": .text(kind), "decisionDate": .text("2026-09-22"),
                "policyVersion": .unsigned(1),
                "items": .array([.text("birthCert"), .text("hukou")]),
            ], on: index)
    }

    private func register(on index: Int) async throws {
        let user = newName("clerk")
        let newborns = (0..<Int.random(in: 1...2, using: &random)).map { _ in Answers(answers()) }
        guard let policy = PolicyLibrary.standard["gx"] else { throw Broken("no policy") }
        let saved = try await machines[index].store.newCases(newborns, policy: policy, Saving(user: user))
        note("save: \(machines[index].name) registers \(newborns.count) as \(user)")
        for id in saved.cases.compactMap({ CaseID($0.id) }) {
            try await noteSaved(id, user, on: index, seen: [:])
        }
    }

    /// Some answers, with fields of every rule of merging.
    private func answers() -> [String: CBOR] {
        let fields: [(String, CBOR)] = [
            ("childName", .text(["王晓明", "王小明", "王晓红"].randomElement(using: &random) ?? "")),
            ("motherPhone", .text("1380000000\(random.next() % 3)")),
            ("note", .text("\(random.next() % 50)")),
            (
                "birthCertHandover",
                .text(["preparing", "ready", "delivering", "lost"].randomElement(using: &random) ?? "")
            ),
            ("inpatientNo", .text("\(random.next() % 3)")),
            ("birthWeightGrams", .unsigned(3000 + random.next() % 3)),
        ]
        let count = Int.random(in: 1...3, using: &random)
        return Dictionary(
            uniqueKeysWithValues: fields.shuffled(using: &random).prefix(count).map { ($0, $1) })
    }

    func edit(_ id: CaseID, _ answers: [String: CBOR], on index: Int) async throws {
        let store = machines[index].store
        let shown = try await page(of: id, on: store)
        // A page that was opened earlier may show less than there is by now.
        // Not across a fork: what it shows may have another name by now.
        let isOld = !book.hasRunningClones && random.chance(1, in: 3)
        let page = isOld ? machines[index].pages[id] ?? shown : shown
        machines[index].pages[id] = shown
        let user = newName("clerk")
        let saving = Saving(user: user, saveID: random.chance(1, in: 4) ? user : nil)
        let seen = page.mapValues { $0.keys.sorted() }
        do {
            let saved = try await store.edit(id, answers, seen: seen, saving)
            note("save: \(machines[index].name) \(id) \(answers.keys.sorted()) as \(user)")
            // A group that the page leaves out is taken as it stands now.
            try await noteSaved(id, user, on: index, seen: page.merging(shown) { old, _ in old })
            if saving.saveID != nil, try await store.edit(id, answers, seen: seen, saving) != saved {
                violate("\(machines[index].name): a save that was repeated is another one")
            }
        } catch StoreError.unknownDots {
            // What the page showed was named anew after a fork: the clerk loads it again.
            note("save: \(machines[index].name) shows what is gone")
        } catch EditError.inConflict {
            note("save: \(machines[index].name) finds a new conflict")
        } catch StoreError.departed {
            note("save: \(machines[index].name) has lost the case")
        }
    }

    /// What a page of the case shows: by group, the dots and whose acts they are.
    private func page(of id: CaseID, on store: WindowStore) async throws -> [GroupID: [Dot: Act]] {
        let changes = try await store.changes(of: id)
        let state = CaseState(folding: changes)
        return state.registers.mapValues { Self.shown($0, changes) }
    }

    static func shown(_ register: Register, _ changes: [Change]) -> [Dot: Act] {
        var shown: [Dot: Act] = [:]
        for standing in register.standing {
            guard let change = changes.first(where: { $0.id == standing.id }) else { continue }
            // Of two contents of one dot a page shows both; either is seen.
            shown[standing.dot] = Act(change) ?? .sent(standing.id)
        }
        return shown
    }

    private func noteSaved(_ id: CaseID, _ user: String, on index: Int, seen: [GroupID: [Dot: Act]])
        async throws
    {
        let changes = try await machines[index].store.changes(of: id)
        // If nothing differed there is none.
        guard let change = changes.last(where: { $0.content?.author.user == user }) else { return }
        let act = Act.done(by: user, in: id)
        machines[index].saved.insert(act)
        if !book.note(act, change, seen: seen) {
            violate("\(machines[index].name): \(user) replaced what the page did not show")
        }
    }
}
