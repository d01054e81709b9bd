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

/// A task; with its groups where a department asks.
struct TaskShape: Encodable {
    let department: String
    let caseID: String
    let item: String
    let state: String
    let reason: String
    var groups: [ValuesShape]?

    /// What one group shows, and the dots to repeat in the result.
    struct ValuesShape: Encodable {
        let group: UInt32
        let name: String?
        let values: [ValueShape]
        let isConflict: Bool
        let asOf: [String]
    }

    init(_ record: TaskRecord) {
        department = record.department
        caseID = record.caseID.description
        item = record.item
        state = record.state.rawValue
        reason = record.reason
    }

    init(_ task: DepartmentDesk.Task, _ dictionary: FieldDictionary) {
        self.init(task.record)
        groups = task.asOf.keys.sorted().map { group in
            let reading = task.readings[group] ?? .empty
            return ValuesShape(
                group: group.rawValue, name: dictionary[group]?.name,
                values: reading.shown.map { ValueShape($0.value, of: group, dictionary) },
                isConflict: reading.isConflict, asOf: (task.asOf[group] ?? []).map(\.description))
        }
    }
}

extension Reading {
    /// What a reader is to see: a conflict shows nothing here.
    var shown: [Standing] {
        switch self {
        case .empty, .conflict: []
        case .one(let standing, _): [standing]
        case .all(let standing): standing
        }
    }
}
