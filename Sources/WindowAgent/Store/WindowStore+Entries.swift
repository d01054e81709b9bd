import Casework
import SyncProtocol

/// Entries of groups with the rule union: added beside all that stands, and taken out one by one.
extension WindowStore {
    /// Adds entries to cases, one change for each that lacks them.
    func add(_ answers: [String: CBOR], to cases: [CaseID], _ saving: Saving) throws -> Saved {
        precondition(!cases.isEmpty, "an entry is added to some case")
        let request = SaveRequest(cases[0], answers, seen: [:], alsoLinked: cases.count > 1, saving)
        return try save(saving, request: request) { now in
            guard let enrolment = try loadEnrolment() else { throw StoreError.notEnrolled }
            return Saved(
                cases: try cases.map { id in
                    let (state, _) = try openCase(id)
                    let writes = try CaseEdit(state, dictionary: dictionary).additions(answers)
                    _ = try write(writes, to: id, state, saving, enrolment, at: now)
                    return Saved.Case(id: id.description, number: nil, isChanged: !writes.isEmpty)
                })
        }
    }

    /// Takes an entry out of a list; what was added together with it stays.
    func remove(_ entry: CBOR, from key: String, of caseID: CaseID, _ saving: Saving) throws -> Saved {
        try keep(of: key, in: caseID, saving) { $0.filter { $0 != entry } }
    }

    /// Notes that the original of pages of a material was shown.
    func noteOriginal(of code: String, _ parts: [String], in caseID: CaseID, _ saving: Saving) throws -> Saved
    {
        let record: CBOR = .array([.text(code), .array(parts.map { .text($0) })])
        return try add(["materials": .array([try whole(record)])], to: [caseID], saving)
    }

    /// Takes that back.
    func forgetOriginal(of code: String, _ parts: [String], in caseID: CaseID, _ saving: Saving) throws
        -> Saved
    {
        let gone = Set(parts.map { CBOR.text($0) })
        return try keep(of: "materials", in: caseID, saving) { entries in
            entries.compactMap { entry in
                guard case .array(var record) = entry, record.first == .text(code), record.count > 1,
                    case .array(let shown) = record[1], shown.contains(where: gone.contains)
                else { return entry }
                record[1] = .array(shown.filter { !gone.contains($0) })
                return record[1] == .array([]) ? nil : .array(record)
            }
        }
    }

    /// Puts other entries in the place of those that stand in one value or another.
    private func keep(
        of key: String, in caseID: CaseID, _ saving: Saving, _ entries: ([CBOR]) -> [CBOR]
    ) throws -> Saved {
        let state = try state(of: caseID)
        guard let place = dictionary.place(of: key) else { throw EditError.unknownField(key: key) }
        let standing = (state.registers[place.group.id]?.standing ?? []).filter {
            let now = Self.entries($0.value, place.index)
            return entries(now) != now
        }
        let rest = entries(standing.flatMap { Self.entries($0.value, place.index) })
        guard !standing.isEmpty else {
            return Saved(cases: [Saved.Case(id: caseID.description, number: nil, isChanged: false)])
        }
        return try edit(
            caseID, [key: rest.isEmpty ? .null : .array(rest)], seen: [place.group.id: standing.map(\.dot)],
            saving)
    }

    private static func entries(_ value: [CBOR], _ index: Int) -> [CBOR] {
        guard value.indices.contains(index), case .array(let entries) = value[index] else { return [] }
        return entries
    }

    /// A record of a material with all its members, as a change holds it.
    private func whole(_ record: CBOR) throws -> CBOR {
        guard case .list(.record(let parts))? = dictionary.field("materials")?.type,
            case .array(let given) = record
        else { throw EditError.unknownField(key: "materials") }
        return .array(parts.indices.map { given.indices.contains($0) ? given[$0] : .null })
    }
}
