package import SyncProtocol

/// The number of a field in the dictionary of all regions; never used again for another field.
package struct FieldID: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// One question of a form or one case fact, as `Fields.json` describes it.
package struct Field: Hashable, Sendable {
    package let id: FieldID
    /// The key of forms.md section 5, or of a case fact (section 4).
    package let key: String
    /// The name of the type as it stands in `Fields.json`, for pages that choose an input by it.
    package let typeName: String
    package let type: FieldType
    /// The Chinese name that sentences about this field use.
    package let label: String
    /// Numbers outside are wrong.
    package let range: ClosedRange<Double>?
    /// Numbers outside are possible, but worth a second look.
    package let usual: ClosedRange<Double>?
    package let check: Check?
    /// A code may stand several times in a list: there is one entry for each newborn.
    package let repeats: Bool

    /// What a value usually looks like; otherwise the clerk is warned.
    package enum Check: String, Hashable, Sendable, Decodable { case chineseName, marriageCertNo }
}

/// Fields that only make sense together: the unit that is written, merged and shown as in conflict (DESIGN section 5).
package struct FieldGroup: Hashable, Sendable, Identifiable {
    package let id: GroupID
    package let name: String
    package let rule: MergeRule
    /// Whether a clerk may fill it in; otherwise only the program or a department writes it.
    package let isEntered: Bool
    /// In the order in which a change holds their values.
    package let members: [Field]
}

// `Fields.json` as it stands in the file.

struct FieldsFile: Decodable {
    let format: Int
    let groups: [Group]

    struct Group: Decodable {
        let id: UInt32
        let name: String
        let rule: String
        let owner: String?
        let chain: [String]?
        let entry: String?
        let members: [Member]
    }

    struct Member: Decodable {
        let id: UInt32
        let key: String
        let type: String
        let label: String
        let range: [Double]?
        let usual: [Double]?
        let longest: Int?
        let check: Field.Check?
        let repeats: Bool?
    }
}

extension Field {
    init(_ member: FieldsFile.Member) throws(DictionaryError) {
        guard let type = FieldType(named: member.type, longest: member.longest) else {
            throw DictionaryError("field \(member.key): unknown type \(member.type)")
        }
        id = FieldID(rawValue: member.id)
        key = member.key
        typeName = member.type
        self.type = type
        label = member.label
        range = try Self.bounds(member.range, of: member.key)
        usual = try Self.bounds(member.usual, of: member.key)
        check = member.check
        repeats = member.repeats ?? false
    }

    private static func bounds(_ pair: [Double]?, of key: String) throws(DictionaryError) -> ClosedRange<
        Double
    >? {
        guard let pair else { return nil }
        guard pair.count == 2, pair[0] <= pair[1] else { throw DictionaryError("field \(key): bad bounds") }
        return pair[0]...pair[1]
    }
}

extension FieldGroup {
    init(_ group: FieldsFile.Group) throws(DictionaryError) {
        id = GroupID(rawValue: group.id)
        name = group.name
        rule = try Self.rule(of: group)
        isEntered = group.entry == nil
        var members: [Field] = []
        for member in group.members { members.append(try Field(member)) }
        self.members = members
    }

    private static func rule(of group: FieldsFile.Group) throws(DictionaryError) -> MergeRule {
        switch (group.rule, group.owner, group.chain) {
        case ("staff", nil, nil): return .staff
        case ("latest", nil, nil): return .latest
        case ("union", nil, nil): return .union
        case ("furthest", nil, let chain?) where group.members.count == 1: return .furthest(chain: chain)
        case ("owner", "window"?, nil): return .owner(.window)
        case ("owner", "central"?, nil): return .owner(.central)
        case ("owner", let owner?, nil) where owner.hasPrefix("department:"):
            return .owner(.department(String(owner.dropFirst("department:".count))))
        default: throw DictionaryError("group \(group.name): bad rule")
        }
    }
}
