import SyncProtocol

/// The form in which `Tests/Model/fold.py` takes histories and gives views; its docstring defines it.
extension History {
    var json: JSON {
        .object([
            "seed": .integer(Int64(seed)), "rules": Self.rulesJSON, "changes": .list(changes.map(\.json)),
        ])
    }

    /// What the model must answer.
    var view: JSON {
        let state = self.state
        let groups = state.registers.filter { !$0.value.standing.isEmpty }.keys
        return .object([
            "seed": .integer(Int64(seed)),
            "live": .object(Self.members(groups) { Self.live(state.registers[$0]?.standing ?? []) }),
            "seen": state.seen.json, "fingerprint": .text(state.fingerprint.description),
            "aside": .list(changes.map(\.id).filter(state.isAside).sorted().map { .text($0.description) }),
            "forked": .list(state.forked.map(\.json)),
            "readings": .object(Self.members(groups) { state.reading(of: $0, by: Self.rules).json }),
        ])
    }

    private static let rulesJSON: JSON = .object([
        "1": .object(["kind": .text("owner"), "owner": .text("window")]),
        "2": .object(["kind": .text("owner"), "owner": .text("department"), "unit": .text("wjw")]),
        "3": .object(["kind": .text("latest")]), "4": .object(["kind": .text("union")]),
        "5": .object(["kind": .text("furthest"), "chain": .list(stages.map { .list([.text($0)]) })]),
        "6": .object(["kind": .text("staff")]),
        "7": .object(["kind": .text("owner"), "owner": .text("central")]),
    ])

    private static func members(_ groups: some Sequence<GroupID>, _ value: (GroupID) -> JSON) -> [String:
        JSON]
    {
        Dictionary(uniqueKeysWithValues: groups.map { ($0.description, value($0)) })
    }

    private static func live(_ standing: [Standing]) -> JSON {
        .list(
            standing.sorted { ($0.dot, $0.id) < ($1.dot, $1.id) }.map { value in
                .list([
                    .text(value.dot.replica.description), .integer(Int64(value.dot.edition)),
                    .text(value.id.description), .list(value.value.map(\.json)),
                ])
            })
    }
}

extension Reading {
    fileprivate var json: JSON {
        let all: [Standing]
        var shown = JSON.null
        switch self {
        case .empty: all = []
        case .one(let value, let beside):
            all = (beside + [value]).sorted(by: Standing.precedes)
            shown = .list(value.value.map(\.json))
        case .all(let values):
            all = values
            let distinct = values.map(\.value).reduce(into: [[CBOR]]()) {
                if !$0.contains($1) { $0.append($1) }
            }
            shown = .list(distinct.map { .list($0.map(\.json)) })
        case .conflict(let values): all = values
        }
        return .object([
            "shown": shown, "conflict": .bool(isConflict),
            "all": .list(all.map { .list($0.value.map(\.json)) }),
        ])
    }
}

extension Change {
    var json: JSON {
        let author = content?.author ?? Author(role: .window, unit: "", user: "")
        let writes = (content?.writes ?? [:]).map { group, write in
            let members = [
                "value": JSON.list(write.value.map(\.json)), "replaces": .list(write.replaces.map(\.json)),
            ]
            return (group.description, JSON.object(members))
        }
        let asides = (content?.asides ?? [:]).map { target, aside in
            let reason = aside.reason.map { JSON.text($0) } ?? .null
            let members = ["reason": reason, "replaces": JSON.list(aside.replaces.map(\.json))]
            return (target.description, JSON.object(members))
        }
        return .object([
            "content_id": .text(id.description), "replica": .text(replica.description),
            "sequence": .integer(Int64(sequence)), "case": .text(caseID.description),
            "edition": .integer(Int64(edition)), "writes": .object(Dictionary(uniqueKeysWithValues: writes)),
            "author": .object([
                "role": .text("\(author.role)"), "unit": .text(author.unit), "user": .text(author.user),
            ]),
            "time": .integer(Int64(content?.time.rawValue ?? 0)),
            "doubt": .bool(content?.isDoubtful ?? false),
            "asides": .object(Dictionary(uniqueKeysWithValues: asides)),
        ])
    }
}

extension Dot {
    var json: JSON { .list([.text(replica.description), .integer(Int64(edition))]) }
}

extension VersionVector {
    var json: JSON {
        let members = replicas.map { replica in
            let above = aboveGap.filter { $0.replica == replica }.map(\.edition).sorted()
            let seen = JSON.list([
                .integer(Int64(contiguous[replica, default: 0])), .list(above.map { .integer(Int64($0)) }),
            ])
            return (replica.description, seen)
        }
        return .object(Dictionary(uniqueKeysWithValues: members))
    }
}

extension CBOR {
    /// The values that the history generator writes.
    var json: JSON {
        switch self {
        case .null: .null
        case .bool(let flag): .bool(flag)
        case .unsigned(let number): .integer(Int64(number))
        case .negative(let number): .integer(-1 - Int64(number))
        case .text(let text): .text(text)
        case .array(let items): .list(items.map(\.json))
        default: preconditionFailure("the history generator writes no such value")
        }
    }
}
