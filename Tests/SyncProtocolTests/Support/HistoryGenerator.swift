import SyncProtocol

/// Lets a few replicas write, set aside, take up, settle and hear of each other in part, all from one seed.
struct HistoryGenerator {
    /// What the generated history may hold.
    struct Kinds: OptionSet {
        let rawValue: Int
        static let asides = Kinds(rawValue: 1)
        static let forks = Kinds(rawValue: 2)
        static let opaque = Kinds(rawValue: 4)
        static let all: Kinds = [.asides, .forks, .opaque]
    }

    /// One writer and what it knows of the case. A cloned machine is a copy of one.
    private struct Actor {
        var replica: ReplicaID
        var author: Author
        var edition: UInt64 = 0
        var sequence: UInt64 = 0
        var known: [Change] = []
    }

    private var random: SeededGenerator
    private let kinds: Kinds
    private var actors: [Actor] = []
    private var history: History

    static func history(seed: Int, kinds: Kinds = .all) -> History {
        var generator = HistoryGenerator(seed: seed, kinds: kinds)
        generator.run()
        return generator.history
    }

    private init(seed: Int, kinds: Kinds) {
        random = SeededGenerator(seed: seed)
        self.kinds = kinds
        history = History(seed: seed)
        let authors = [
            Author(role: .window, unit: "451102", user: "li"), Author(role: .central, unit: "", user: "chen"),
            Author(role: .department, unit: "wjw", user: "api"),
            Author(role: .window, unit: "451102", user: "huang"),
            Author(role: .department, unit: "gaj", user: "api"),
        ]
        for author in authors.prefix(Int.random(in: 2...5, using: &random)) {
            actors.append(Actor(replica: ReplicaID(rawValue: random.next()), author: author))
        }
    }

    private mutating func run() {
        for _ in 0..<Int.random(in: 4...36, using: &random) {
            let index = Int.random(in: 0..<actors.count, using: &random)
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<8: write(index)
            case 8..<15: deliver(to: index)
            case 15, 16: if kinds.contains(.asides) { judge(index) }
            case 17: if kinds.contains(.forks) { clone(index) }
            case 18: reopen(index)
            default: settle(index)
            }
        }
    }

    /// An opening of the store: the next change is another replica's.
    private mutating func reopen(_ index: Int) {
        actors[index].replica = ReplicaID(rawValue: random.next())
        actors[index].edition = 0
        actors[index].sequence = 0
    }

    /// A running machine is copied: two write under one name.
    private mutating func clone(_ index: Int) {
        if actors.count < 7, actors[index].edition > 0 || random.chance(1, in: 4) {
            actors.append(actors[index])
        }
    }

    /// Hears of some changes, in any order, with gaps.
    private mutating func deliver(to index: Int) {
        for change in history.changes where !actors[index].known.contains(change) && random.chance(3, in: 5) {
            actors[index].known.append(change)
        }
    }

    private mutating func write(_ index: Int) {
        let state = CaseState(folding: actors[index].known)
        var writes: [GroupID: ChangeContent.Write] = [:]
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let group = History.groups.randomElement(using: &random) ?? History.groups[0]
            writes[group] = ChangeContent.Write(
                value: value(of: group), replaces: replaced(group, state, index))
        }
        append(index, writes: writes, basis: basis(state))
    }

    /// All values of a group are put aside for one.
    private mutating func settle(_ index: Int) {
        let state = CaseState(folding: actors[index].known)
        let open = state.registers.filter { $0.value.standing.count > 1 }.keys.sorted()
        guard let group = open.randomElement(using: &random) else { return }
        let write = ChangeContent.Write(value: value(of: group), replaces: state.registers[group]?.dots ?? [])
        append(index, writes: [group: write], reason: "settled")
    }

    /// Sets a change aside, known or not yet, or takes it up again; sometimes without regard to other verdicts.
    private mutating func judge(_ index: Int) {
        let known = random.chance(4, in: 5) ? actors[index].known : history.changes
        guard let target = known.randomElement(using: &random) else { return }
        if random.chance(9, in: 10) { actors[index].author = Author(role: .central, unit: "", user: "chen") }
        let state = CaseState(folding: actors[index].known)
        let seen = state.asides[target.id]?.dots ?? []
        let takesUp = random.chance(2, in: 5)
        let aside = ChangeContent.Aside(
            reason: takesUp ? nil : ["role", "owner:1", "malformed"].randomElement(using: &random),
            replaces: random.chance(3, in: 4) ? seen : [])
        var writes: [GroupID: ChangeContent.Write] = [:]
        if random.chance(1, in: 4) {
            let group = History.groups[5]
            writes[group] = ChangeContent.Write(
                value: value(of: group), replaces: replaced(group, state, index))
        }
        append(index, writes: writes, asides: [target.id: aside])
    }

    /// What stands there; sometimes only a part, sometimes also what was replaced already.
    private mutating func replaced(_ group: GroupID, _ state: CaseState, _ index: Int) -> [Dot] {
        let live = state.registers[group]?.dots ?? []
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return live.filter { _ in random.chance(1, in: 2) }
        case 1:
            let old = actors[index].known.filter { $0.content?.writes[group] != nil }.map(\.dot)
            return live + old.filter { _ in random.chance(1, in: 2) }
        default: return live
        }
    }

    private mutating func basis(_ state: CaseState) -> [GroupID: [Dot]] {
        guard random.chance(1, in: 6), let group = state.registers.keys.sorted().randomElement(using: &random)
        else {
            return [:]
        }
        return [group: state.registers[group]?.dots ?? []]
    }

    private mutating func value(of group: GroupID) -> [CBOR] {
        if group.rawValue == 5 {
            let states = History.stages + (random.chance(1, in: 5) ? ["failed"] : [])
            return [.text(states.randomElement(using: &random) ?? "")]
        }
        let members: [CBOR] = [.text("李"), .text("王"), .unsigned(7), .null, .bool(true), .integer(-3)]
        return (0..<Int.random(in: 1...2, using: &random)).map { _ in
            members.randomElement(using: &random) ?? .null
        }
    }

    private mutating func append(
        _ index: Int, writes: [GroupID: ChangeContent.Write], basis: [GroupID: [Dot]] = [:],
        reason: String? = nil,
        asides: [ContentID: ChangeContent.Aside] = [:]
    ) {
        var actor = actors[index]
        actor.edition += 1
        actor.sequence += 1
        let time = HybridTime(milliseconds: 1_750_000_000_000 + UInt64.random(in: 0...20, using: &random))
        let content = ChangeContent(
            writes: writes, time: time, author: actor.author, isDoubtful: random.chance(1, in: 5),
            basis: basis,
            reason: reason, asides: asides)
        guard let change = make(content, by: actor) else { return }
        actor.known.append(change)
        actors[index] = actor
        if !history.changes.contains(change) { history.changes.append(change) }
    }

    /// Nil if a clone's change names a dot of its own replica that it has not written: it is not written then.
    private mutating func make(_ content: ChangeContent, by actor: Actor) -> Change? {
        guard
            let change = try? Change(
                replica: actor.replica, sequence: actor.sequence, caseID: History.caseID,
                edition: actor.edition,
                content: content)
        else { return nil }
        guard kinds.contains(.opaque), random.chance(1, in: 15) else { return change }
        var later = CBORWriter()
        later.writeArray(5)
        later.write(History.caseID.bytes)
        later.write(actor.edition)
        later.write(UInt64(2))
        later.writeNull()
        later.write("of a later version \(random.next())")
        return try? Change(replica: actor.replica, sequence: actor.sequence, body: later.bytes)
    }
}
