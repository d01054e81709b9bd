import Casework
import SyncProtocol

/// A standing value as JSON: members by key where the dictionary knows the group, else the CBOR in hexadecimal.
struct StandingShape: Encodable {
    let dot: String
    let change: String
    let value: ValueShape
    let milliseconds: UInt64
    let isDoubtful: Bool
    let role: String
    let unit: String
    let user: String
    let reason: String?

    init(_ standing: Standing, of group: GroupID, _ dictionary: FieldDictionary) {
        dot = standing.dot.description
        change = standing.id.description
        value = ValueShape(standing.value, of: group, dictionary)
        milliseconds = standing.time.milliseconds
        isDoubtful = standing.isDoubtful
        role = "\(standing.author.role)"
        unit = standing.author.unit
        user = standing.author.user
        reason = standing.reason
    }
}

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

/// A group of a case: how it shows, and all that stands.
struct GroupShape: Encodable {
    let group: UInt32
    let name: String?
    /// `empty`, `one`, `all` or `conflict`.
    let reading: String
    let standing: [StandingShape]

    init(_ group: GroupID, _ state: CaseState, _ casebook: Casebook) {
        self.group = group.rawValue
        name = casebook.dictionary[group]?.name
        reading =
            switch state.reading(of: group, by: casebook.rules) {
            case .empty: "empty"
            case .one: "one"
            case .all: "all"
            case .conflict: "conflict"
            }
        standing = (state.registers[group]?.standing ?? []).map {
            StandingShape($0, of: group, casebook.dictionary)
        }
    }
}

/// A case as JSON.
struct CaseShape: Encodable {
    let id: String
    let hospitals: [String]
    let changes: Int
    let groups: [GroupShape]
    let forked: [String]
    let tasks: [TaskShape]

    init(_ view: CaseDesk.View, _ casebook: Casebook) {
        id = view.caseID.description
        hospitals = view.hospitals.map(\.code)
        changes = view.state.count
        groups = view.state.registers.keys.sorted().map { GroupShape($0, view.state, casebook) }
        forked = view.state.forked.map(\.description)
        tasks = view.tasks.map { TaskShape($0) }
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

    init(_ summary: CaseSummary) {
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
