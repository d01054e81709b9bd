import SyncProtocol
import Testing

@Suite("Readings")
struct ReadingTests {
    private static let window = Author(role: .window, unit: "451102", user: "li")
    private static let police = Author(role: .department, unit: "gaj", user: "api")
    private static let group = GroupID(rawValue: 1)

    /// Values of one group, none of which had seen another, each of a replica of its own.
    private func reading(
        _ rule: MergeRule, _ values: [(value: [CBOR], author: Author, time: UInt64, isDoubtful: Bool)]
    ) throws -> Reading {
        let changes = try values.enumerated().map { index, value in
            try change(
                writing: [Self.group: .init(value: value.value, replaces: [])],
                replica: ReplicaID(rawValue: UInt64(index + 1)), time: value.time, author: value.author,
                isDoubtful: value.isDoubtful)
        }
        return CaseState(folding: changes.reversed()).reading(
            of: Self.group, by: MergeRules([Self.group: rule]))
    }

    private func texts(_ values: [Standing]) -> [[CBOR]] { values.map(\.value) }

    @Test("Nothing written reads as empty, one value as itself, by every rule", arguments: rules)
    func single(rule: MergeRule) throws {
        #expect(try reading(rule, []) == .empty)
        let one = try reading(rule, [([.text("x")], Self.police, 1, true)])
        if rule == .union {
            guard case .all(let values) = one else {
                Issue.record("\(one)")
                return
            }
            #expect(texts(values) == [[.text("x")]])
        } else {
            #expect(one.value == [.text("x")])
        }
    }

    @Test("Equal values are no conflict, by every rule", arguments: rules)
    func equal(rule: MergeRule) throws {
        let reading = try reading(rule, [([.null], Self.police, 1, true), ([.null], Self.window, 2, false)])
        #expect(!reading.isConflict)
        if rule != .union { #expect(reading.value == [.null]) }
    }

    static let rules: [MergeRule] = [
        .owner(.window), .owner(.department("wjw")), .latest, .union, .furthest(chain: ["x", "y"]), .staff,
    ]

    @Test("Owner: the owner's value shows and the other stands beside it; two of the owner's are a conflict")
    func owner() throws {
        let shown = try reading(
            .owner(.window), [([.text("a")], Self.window, 1, false), ([.text("b")], Self.police, 2, false)])
        guard case .one(let value, let beside) = shown else {
            Issue.record("\(shown)")
            return
        }
        #expect(value.value == [.text("a")] && texts(beside) == [[.text("b")]])
        #expect(
            try reading(
                .owner(.window),
                [([.text("a")], Self.window, 1, false), ([.text("b")], Self.window, 2, false)]
            ).isConflict)
        #expect(
            try reading(
                .owner(.central),
                [([.text("a")], Self.window, 1, false), ([.text("b")], Self.police, 2, false)]
            ).isConflict)
    }

    @Test("A department owns by its code's bytes, window and central by their role")
    func owners() {
        #expect(Owner.department("K").owns(Author(role: .department, unit: "K", user: "")))
        let kelvin = "\u{212A}"
        #expect(kelvin == "K", "Unicode holds them to be the same")
        #expect(!Owner.department("K").owns(Author(role: .department, unit: kelvin, user: "")))
        #expect(!Owner.department("gaj").owns(Author(role: .window, unit: "gaj", user: "")))
        #expect(
            Owner.central.owns(Author(role: .central, unit: "x", user: ""))
                && !Owner.central.owns(Self.window))
        let rules = MergeRules([Self.group: .owner(.window), GroupID(rawValue: 2): .staff])
        let write = ChangeContent.Write(value: [], replaces: [])
        let content = ChangeContent(
            writes: [Self.group: write, GroupID(rawValue: 2): write], time: HybridTime(rawValue: 1),
            author: Self.police)
        #expect(rules.refused(content) == [Self.group])
    }

    @Test("Latest: the greatest time, then the greatest dot; never a doubtful one over a sound one")
    func latest() throws {
        let values: [(value: [CBOR], author: Author, time: UInt64, isDoubtful: Bool)] = [
            ([.text("a")], Self.window, 2, false), ([.text("b")], Self.window, 2, false),
            ([.text("c")], Self.window, 1, false), ([.text("d")], Self.window, 9, true),
        ]
        #expect(try reading(.latest, values).value == [.text("b")])
        let doubtful = values.map { ($0.value, $0.author, $0.time, true) }
        #expect(try reading(.latest, doubtful).isConflict)
    }

    @Test("Union: all, in the order of their times")
    func union() throws {
        let reading = try reading(
            .union, [([.text("b")], Self.window, 2, false), ([.text("a")], Self.window, 1, true)])
        guard case .all(let values) = reading else {
            Issue.record("\(reading)")
            return
        }
        #expect(texts(values) == [[.text("a")], [.text("b")]])
    }

    @Test(
        "Furthest: by the first member along one chain; anything off it, or two further ones, is a conflict")
    func furthest() throws {
        let chain = MergeRule.furthest(chain: ["open", "sent", "done"])
        func state(_ text: String, _ more: CBOR = .null) -> ([CBOR], Author, UInt64, Bool) {
            ([.text(text), more], Self.window, 1, false)
        }
        #expect(
            try reading(chain, [state("done"), state("open"), state("sent")]).value?.first == .text("done"))
        #expect(try reading(chain, [state("done"), state("failed")]).isConflict)
        #expect(try reading(chain, [state("done", .bool(true)), state("done", .bool(false))]).isConflict)
        #expect(
            try reading(chain, [state("sent"), state("done", .bool(true)), state("done", .bool(true))]).value
                == [.text("done"), .bool(true)])
        #expect(try reading(chain, [state("done"), ([.unsigned(1)], Self.window, 1, false)]).isConflict)
        #expect(try reading(chain, [state("done"), ([], Self.window, 1, false)]).isConflict)
    }

    @Test("Staff, and a group that no version knows: all of them, until a person settles it")
    func staff() throws {
        let values: [(value: [CBOR], author: Author, time: UInt64, isDoubtful: Bool)] = [
            ([.text("a")], Self.window, 1, false), ([.text("b")], Self.window, 2, false),
        ]
        guard case .conflict(let both) = try reading(.staff, values) else {
            Issue.record("no conflict")
            return
        }
        #expect(texts(both) == [[.text("a")], [.text("b")]])
        #expect(MergeRules([:])[GroupID(rawValue: 77)] == .staff)
    }

    @Test("A decision is stale exactly while the live dots of its basis are not those it names")
    func basis() throws {
        let (one, two) = (ReplicaID(rawValue: 1), ReplicaID(rawValue: 2))
        let decided = GroupID(rawValue: 6)
        let birth = try change(
            writing: [Self.group: .init(value: [.unsigned(1)], replaces: [])], replica: one)
        let decision = try change(
            writing: [decided: .init(value: [.text("accepted")], replaces: [])], replica: two,
            basis: [Self.group: [birth.dot]])
        let correction = try change(
            writing: [Self.group: .init(value: [.unsigned(2)], replaces: [birth.dot])], replica: one,
            edition: 2)
        let again = try change(
            writing: [decided: .init(value: [.text("accepted")], replaces: [decision.dot])], replica: two,
            edition: 2, basis: [Self.group: [correction.dot]])
        func stale(_ changes: [Change]) -> [GroupID]? {
            let state = CaseState(folding: changes)
            return state.registers[decided]?.standing.first.map(state.changedBasis)
        }
        #expect(stale([birth, decision]) == [])
        #expect(stale([decision]) == [Self.group], "what it relied on has not come")
        #expect(stale([birth, decision, correction]) == [Self.group])
        #expect(stale([birth, decision, correction, again]) == [])
    }

    @Test("The groups in conflict are named, ascending")
    func conflicts() throws {
        let groups = [6, 9, 3].map { GroupID(rawValue: $0) }
        let changes = try (1...2).map { replica in
            try change(
                writing: Dictionary(
                    uniqueKeysWithValues: groups.map {
                        ($0, .init(value: [.unsigned(UInt64(replica))], replaces: []))
                    }), replica: ReplicaID(rawValue: UInt64(replica)))
        }
        #expect(CaseState(folding: changes).conflicts(by: History.rules).map(\.rawValue) == [6, 9])
    }
}
