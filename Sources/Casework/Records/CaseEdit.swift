package import SyncProtocol

/// Turns answers into the writes of one change: only the groups that differ, each replacing what its author saw.
///
/// An answer to one member of a group keeps the other members as they show.
package struct CaseEdit: Sendable {
    private let dictionary: FieldDictionary
    private let state: CaseState

    /// - Parameter state: the case as it stands; empty for a new one.
    package init(_ state: CaseState = CaseState(), dictionary: FieldDictionary) {
        self.state = state
        self.dictionary = dictionary
    }

    /// - Parameters:
    ///   - answers: coded values by field key.
    ///   - author: who answers; a group that somebody else owns is refused.
    ///   - seen: the dots that the author's page showed, by group; a group that is absent is taken as it stands now.
    /// - Throws: the first fault, in order of keys.
    package func writes(
        _ answers: [String: CBOR], by author: Author, seen: [GroupID: [Dot]] = [:]
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
            if let write = try write(members, in: group, seen: seen[id]) { writes[id] = write }
        }
        return writes
    }

    /// Nil if the group shows these values already and nothing stands beside them.
    private func write(
        _ members: [Int: CBOR], in group: FieldGroup, seen: [Dot]?
    ) throws(EditError) -> ChangeContent.Write? {
        let reading = state.reading(of: group.id, by: dictionary.mergeRules)
        let replaces = seen ?? state.registers[group.id]?.dots ?? []
        if reading.isConflict, seen == nil {
            throw .inConflict(
                key: group.members[0].key, label: group.members.map(\.label).joined(separator: "、"))
        }
        let shown =
            reading.value ?? (members.count == group.members.count ? [] : base(of: replaces, in: group))
        var value = group.members.indices.map { $0 < shown.count ? shown[$0] : .null }
        for (index, member) in members { value[index] = member }
        if case .one(let standing, let beside) = reading, standing.value == value, beside.isEmpty {
            return nil
        }
        if case .empty = reading, value.allSatisfy({ $0 == .null }) { return nil }
        return ChangeContent.Write(value: value, replaces: replaces)
    }

    /// The value that the author saw, where several stand: the last of those that the page showed.
    private func base(of seen: [Dot], in group: FieldGroup) -> [CBOR] {
        state.registers[group.id]?.standing.last { seen.contains($0.dot) }?.value ?? []
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
