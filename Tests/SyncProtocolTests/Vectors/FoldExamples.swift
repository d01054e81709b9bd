import SyncProtocol

/// Small sets of changes, one for each thing that the fold and the readings decide.
enum FoldExamples {
    private static let (a, b, c) = (
        ReplicaID(rawValue: 0xA), ReplicaID(rawValue: 0xB), ReplicaID(rawValue: 0xC)
    )
    private static let staff = GroupID(rawValue: 6)

    static func all() throws -> [(String, [Change])] { try plain() + readings() + asides() + forks() }

    private static func plain() throws -> [(String, [Change])] {
        let one = try text("one", by: a)
        let two = try text("two", by: b, replacing: [one])
        return [
            ("one value", [one]), ("replaced by one that had seen it", [one, two]),
            ("replaced before it came", [two]),
            ("two that had not seen each other", [one, try text("two", by: b)]),
            ("equal values are no conflict", [one, try text("one", by: b)]),
            (
                "settled",
                [
                    one, try text("two", by: b),
                    try text("both", by: c, replacing: [one, try text("two", by: b)]),
                ]
            ),
            ("text is compared by its bytes", [try text("é", by: a), try text("e\u{301}", by: b)]),
        ]
    }

    private static func readings() throws -> [(String, [Change])] {
        let window = Author(role: .window, unit: "451102", user: "li")
        let health = Author(role: .department, unit: "wjw", user: "api")
        let police = Author(role: .department, unit: "gaj", user: "api")
        func both(
            _ group: UInt32, _ left: (String, Author, UInt64, Bool), _ right: (String, Author, UInt64, Bool)
        ) throws
            -> [Change]
        {
            try [(a, left), (b, right)].map { replica, value in
                try change(
                    writing: [GroupID(rawValue: group): .init(value: [.text(value.0)], replaces: [])],
                    replica: replica, time: value.2, author: value.1, isDoubtful: value.3)
            }
        }
        return [
            ("owner: the owner's value shows", try both(1, ("x", window, 1, false), ("y", police, 2, false))),
            ("owner: two values of the owner", try both(1, ("x", window, 1, false), ("y", window, 2, false))),
            ("owner: no value of the owner", try both(2, ("x", window, 1, false), ("y", police, 2, false))),
            (
                "owner: a department owns by its code",
                try both(2, ("x", health, 1, false), ("y", police, 2, false))
            ),
            ("latest: the later one shows", try both(3, ("x", window, 2, false), ("y", window, 1, false))),
            (
                "latest: a doubtful time never wins",
                try both(3, ("x", window, 1, false), ("y", window, 2, true))
            ),
            ("latest: all doubtful", try both(3, ("x", window, 1, true), ("y", window, 2, true))),
            (
                "latest: at one time the greater dot",
                try both(3, ("x", window, 1, false), ("y", window, 1, false))
            ),
            ("union: all show", try both(4, ("x", window, 2, false), ("y", window, 1, false))),
            (
                "furthest: the further state",
                try both(5, ("done", window, 1, false), ("sent", window, 2, false))
            ),
            (
                "furthest: not on one chain",
                try both(5, ("done", window, 1, false), ("failed", window, 2, false))
            ),
            (
                "a group that no version knows: staff",
                try both(9, ("x", window, 1, false), ("y", window, 2, false))
            ),
        ]
    }

    private static func asides() throws -> [(String, [Change])] {
        let one = try text("one", by: a)
        let two = try text("two", by: b, replacing: [one])
        let three = try text("three", by: a, edition: 2, replacing: [two])
        let aside = try verdict(on: two, reason: "role", replaces: [], edition: 1, replica: c)
        let takenUp = try verdict(on: two, reason: nil, replaces: [aside.dot], edition: 2, replica: c)
        let contradicts = try verdict(on: two, reason: nil, replaces: [], edition: 2, replica: c)
        return [
            ("set aside: what it had replaced stands again", [one, two, aside]),
            ("set aside and replaced: what it had replaced stays replaced", [one, two, three, aside]),
            ("taken up again", [one, two, aside, takenUp]),
            ("contradictory verdicts: set aside", [one, two, aside, contradicts]),
            ("set aside before it came", [one, aside]),
            ("no change replaces itself through one set aside", try circle()),
        ]
    }

    /// Two that name each other, as a clone's can; the second is set aside.
    static func circle() throws -> [Change] {
        func text(_ value: String, by replica: ReplicaID, replacing other: ReplicaID) throws -> Change {
            let write = ChangeContent.Write(
                value: [.text(value)], replaces: [Dot(replica: other, edition: 1)])
            return try change(writing: [staff: write], replica: replica)
        }
        let two = try text("two", by: b, replacing: a)
        let aside = try verdict(on: two, reason: "role", replaces: [], edition: 1, replica: c)
        return [try text("one", by: a, replacing: b), two, aside]
    }

    private static func forks() throws -> [(String, [Change])] {
        let one = try text("one", by: a)
        let left = try text("left", by: b, replacing: [one])
        let right = try text("right", by: b)
        let over = try text("over", by: a, edition: 2, replacing: [left])
        let aside = try verdict(on: right, reason: "fork", replaces: [], edition: 1, replica: c)
        let asideLeft = try verdict(on: left, reason: "fork", replaces: [], edition: 2, replica: c)
        return [
            ("a fork: both contents stand", [one, left, right]),
            ("a fork: none can be replaced", [one, left, right, over]),
            ("a fork: one set aside, the other still stands", [one, left, right, over, aside]),
            ("a fork: a content set aside is not followed", [one, left, right, over, asideLeft]),
        ]
    }

    private static func text(
        _ value: String, by replica: ReplicaID, edition: UInt64 = 1, replacing: [Change] = []
    ) throws -> Change {
        let write = ChangeContent.Write(value: [.text(value)], replaces: replacing.map(\.dot))
        return try change(writing: [staff: write], replica: replica, edition: edition)
    }
}
