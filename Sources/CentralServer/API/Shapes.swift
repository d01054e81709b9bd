import Casework
import SyncProtocol

/// A group's value: `members` by key, or `cbor` in hexadecimal for what this version cannot read.
struct ValueShape: Encodable {
    var members: [String: JSON]?
    var cbor: String?

    init(_ value: [CBOR], of group: GroupID, _ dictionary: FieldDictionary) {
        guard let fields = dictionary[group]?.members, fields.count == value.count else {
            cbor = CBOR.array(value).encoded.hexadecimal
            return
        }
        var members: [String: JSON] = [:]
        for (field, item) in zip(fields, value) where item != .null {
            // A member that another version wrote in another shape: the whole group is given as it is.
            guard let json = try? field.type.json(from: item) else {
                cbor = CBOR.array(value).encoded.hexadecimal
                return
            }
            members[field.key] = json
        }
        self.members = members
    }
}

/// A case in a list.
struct SummaryShape: Encodable {
    let id: String
    let changes: Int
    let conflicts: Int
    let asides: Int
    let forked: Int
    let lastMilliseconds: UInt64
    /// What a person knows the case by, where it shows: `number`, `policy`, `childName`.
    let summary: [String: String]

    init(_ summary: CaseSummary, _ state: CaseState, _ dictionary: FieldDictionary) {
        let keys = [("number", "caseNumber"), ("policy", "policyID"), ("childName", "childName")]
        self.summary = Dictionary(
            uniqueKeysWithValues: keys.compactMap { name, key in
                state.text(key, in: dictionary).map { (name, $0) }
            })
        id = summary.caseID.description
        changes = summary.changeCount
        conflicts = summary.conflictCount
        asides = summary.asideCount
        forked = summary.forkedCount
        lastMilliseconds = summary.lastMilliseconds
    }
}
