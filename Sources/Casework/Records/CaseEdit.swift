package import SyncProtocol

/// Turns answers into the writes of one change: only the groups that differ, each replacing what its author saw.
///
/// An answer to one member of a group keeps the other members as the author saw them.
package struct CaseEdit: Sendable {
    let dictionary: FieldDictionary
    let state: CaseState
    /// What each change wrote: a page may have shown values that others have replaced since.
    private let history: [Dot: [GroupID: [CBOR]]]

    /// - Parameters:
    ///   - state: the case as it stands; empty for a new one.
    ///   - history: the changes of the case, in which the values are looked up that a page showed.
    package init(
        _ state: CaseState = CaseState(), history: [Change] = [], dictionary: FieldDictionary
    ) {
        self.state = state
        self.dictionary = dictionary
        // Of a dot with two contents nobody can tell which one was seen.
        let written = Dictionary(grouping: history, by: \.dot).compactMapValues {
            $0.count == 1 ? $0[0].content : nil
        }
        self.history = written.mapValues { $0.writes.mapValues(\.value) }
    }

    /// - Parameters:
    ///   - answers: coded values by field key.
    ///   - author: who answers; a group that somebody else owns is refused.
    ///   - seen: the dots that the author's page showed, by group; a group that is absent is taken as it stands now.
    ///   - renewed: names of groups that are written even if nothing in them differs: what happens twice in the same words.
    /// - Throws: the first fault, in order of keys.
    package func writes(
        _ answers: [String: CBOR], by author: Author, seen: [GroupID: [Dot]] = [:],
        renewed: Set<String> = []
    ) throws(EditError) -> [GroupID: ChangeContent.Write] {
        var byGroup: [GroupID: [Int: CBOR]] = [:]
        var groups: [GroupID: FieldGroup] = [:]
        for key in answers.keys.sorted() {
            guard let place = dictionary.place(of: key) else { throw .unknownField(key: key) }
            if case .owner(let owner) = place.group.rule, !owner.owns(author) {
                throw .ownedByOther(key: key, label: place.field.label, owner: owner)
            }
            byGroup[place.group.id, default: [:]][place.index] = answers[key]
            groups[place.group.id] = place.group
        }
        var writes: [GroupID: ChangeContent.Write] = [:]
        for (id, members) in byGroup {
            guard let group = groups[id] else { continue }
            let isRenewed = renewed.contains(group.name)
            if let write = try write(members, in: group, seen: seen[id], isRenewed) { writes[id] = write }
        }
        return writes
    }

    /// Adds values to groups with the rule union, beside all that stands there. A value that stands there already is left out.
    ///
    /// - Throws: the first field whose group has another rule, or that somebody else owns.
    package func additions(
        _ answers: [String: CBOR]
    ) throws(EditError) -> [GroupID: ChangeContent.Write] {
        var values: [GroupID: [CBOR]] = [:]
        for key in answers.keys.sorted() {
            guard let place = dictionary.place(of: key), place.group.rule == .union else {
                throw .unknownField(key: key)
            }
            let empty = [CBOR](repeating: .null, count: place.group.members.count)
            values[place.group.id, default: empty][place.index] = answers[key] ?? .null
        }
        return values.filter { id, value in
            !(state.registers[id]?.standing ?? []).contains { $0.value == value }
        }.mapValues { ChangeContent.Write(value: $0, replaces: []) }
    }

    /// What a decision among these writes relies on: the live dots of every group that clerks fill in, of the pages, and of the
    /// submission that it judges. Empty if there is no decision among them.
    package func basis(of writes: [GroupID: ChangeContent.Write]) -> [GroupID: [Dot]] {
        let decisions = ["decision", "acceptance"].compactMap { dictionary.group(named: $0)?.id }
        guard decisions.contains(where: { writes[$0] != nil }) else { return [:] }
        var basis: [GroupID: [Dot]] = [:]
        for (id, register) in state.registers where writes[id] == nil {
            guard let group = dictionary[id], group.isEntered || Self.alsoJudged.contains(group.name) else {
                continue
            }
            basis[id] = register.dots
        }
        return basis
    }

    /// What is judged though no clerk fills it in as such.
    private static let alsoJudged: Set<String> = ["submission", "attachments"]

    /// Nil if these values are what the author saw, and need not be written anew: then nothing was changed.
    private func write(
        _ members: [Int: CBOR], in group: FieldGroup, seen: [Dot]?, _ isRenewed: Bool
    ) throws(EditError) -> ChangeContent.Write? {
        let standing = state.registers[group.id]?.dots ?? []
        let reading = state.reading(of: group.id, by: dictionary.mergeRules)
        if reading.isConflict, seen == nil {
            throw .inConflict(
                key: group.members[0].key, label: group.members.map(\.label).joined(separator: "、"))
        }
        let replaces = Set(seen ?? standing).sorted()
        let shown = values(of: replaces, in: group.id)
        let base =
            shown.count > 1 && replaces == standing ? reading.value ?? shown.last ?? [] : shown.last ?? []
        var value = group.members.indices.map { $0 < base.count ? base[$0] : .null }
        for (index, member) in members { value[index] = member }
        if isRenewed { return ChangeContent.Write(value: value, replaces: replaces) }
        // Several values stood there: giving one of them settles it.
        if Set(shown).count == 1, shown[0] == value { return nil }
        // Somebody else wrote the very same meanwhile.
        if case .one(let now, let beside) = reading, now.value == value, beside.isEmpty { return nil }
        if shown.isEmpty, value.allSatisfy({ $0 == .null }) { return nil }
        return ChangeContent.Write(value: value, replaces: replaces)
    }

    /// What the changes with these dots wrote, standing or not, the latest last.
    private func values(of dots: [Dot], in group: GroupID) -> [[CBOR]] {
        let standing = state.registers[group]?.standing ?? []
        let replaced = dots.filter { dot in !standing.contains { $0.dot == dot } }
        return replaced.compactMap { history[$0]?[group] }
            + standing.filter { dots.contains($0.dot) }.map(\.value)
    }
}

/// Why answers cannot become a change.
package enum EditError: Error, Hashable, Sendable {
    case unknownField(key: String)
    case ownedByOther(key: String, label: String, owner: Owner)
    /// Several values stand; who edits must say which ones were seen.
    case inConflict(key: String, label: String)

    /// The sentence for the clerk.
    package var chinese: String {
        switch self {
        case .unknownField(let key): "没有“\(key)”这个填写项，请核对名称。"
        case .ownedByOther(_, let label, let owner):
            switch owner {
            case .window: "“\(label)”只能由医院窗口填写。"
            case .central: "“\(label)”只能由中心填写。"
            case .department(let code): "“\(label)”只能由办理部门（\(code)）填写。"
            }
        case .inConflict(_, let label): "“\(label)”有不同的填写内容，请先由中心核对处理。"
        }
    }

    /// The sentence for the technician.
    package var english: String {
        switch self {
        case .unknownField(let key): "\(key): there is no such field"
        case .ownedByOther(let key, _, let owner):
            switch owner {
            case .window: "\(key): only a hospital's window may write it"
            case .central: "\(key): only central may write it"
            case .department(let code): "\(key): only department \(code) may write it"
            }
        case .inConflict(let key, _): "\(key): several values stand; settle the conflict at central first"
        }
    }
}
