import Casework
import SyncProtocol

/// A hospital's record: the groups of the dictionary that its changes write.
extension Casebook {
    /// The code and name that a hospital's record shows.
    func hospitalIdentity(in state: CaseState) -> (code: String, name: String)? {
        guard let group = dictionary.group(named: "hospitalIdentity")?.id,
            let value = state.reading(of: group, by: rules).value, value.count >= 2,
            case .text(let code) = value[0], case .text(let name) = value[1]
        else { return nil }
        return (code, name)
    }

    /// The hospital to which central has given a case, by its latest word; nil if it never moved. What a window writes there
    /// moves nothing.
    func holder(in state: CaseState) -> HospitalID? {
        hospital(standing(in: state).last { $0.author.role == .central }?.value)
    }

    /// The hospital that registered a case, as its window said; nil if that is not known.
    func registrar(in state: CaseState) -> HospitalID? {
        hospital(standing(in: state).first { $0.author.role == .window }?.value)
    }

    /// The hospital for which a change of a window registers its case; nil for any other change.
    func registrar(by change: Change) -> HospitalID? {
        guard let content = change.content, content.author.role == .window, let hospitalGroup else {
            return nil
        }
        return hospital(content.writes[hospitalGroup]?.value)
    }

    private func standing(in state: CaseState) -> [Standing] {
        hospitalGroup.flatMap { state.registers[$0]?.standing } ?? []
    }

    private func hospital(_ value: [CBOR]?) -> HospitalID? {
        guard case .bytes(let bytes)? = value?.first, let id = CaseID(bytes: bytes) else {
            return nil
        }
        return HospitalID(record: id)
    }

    /// The writes that give a record code, name and policies, replacing what stands in these groups.
    func hospitalWrites(
        code: String, name: String, policies: [String], over state: CaseState
    ) -> [GroupID: ChangeContent.Write] {
        var writes: [GroupID: ChangeContent.Write] = [:]
        for (group, value) in [
            ("hospitalIdentity", [CBOR.text(code), .text(name)]),
            ("hospitalPolicies", [.array(policies.map(CBOR.text))]),
        ] {
            guard let id = dictionary.group(named: group)?.id else { continue }
            let standing = state.registers[id]
            if state.reading(of: id, by: rules).value == value { continue }
            writes[id] = ChangeContent.Write(value: value, replaces: standing?.dots ?? [])
        }
        return writes
    }

    /// What is cached of a record. Its days off are those by which its hospital counts, and the versions withdrawn from it those by
    /// which it may not go, what is for all included.
    func record(_ caseID: CaseID, _ state: CaseState, central: CaseState) -> RecordDigest {
        let view = HospitalRecordView(state, dictionary: dictionary)
        let whole = HospitalRecordView(state, central: central, dictionary: dictionary)
        var digest = RecordDigest(
            record: caseID, policies: view.policies.map { PolicyName(id: $0.id, version: $0.version) },
            withdrawn: whole.withdrawn.keys.sorted { ($0.id, $0.version) < ($1.id, $1.version) },
            ranges: view.ranges, voids: view.voids.map(\.number))
        for void in view.voids { digest.voidDays[void.number] = void.date?.dayNumber }
        digest.calendars = whole.calendars
        digest.settings = view.settings
        return digest
    }

    /// Whether a record says of any version of a policy that it is withdrawn, or is not any more.
    func tellsStanding(_ state: CaseState) -> Bool {
        dictionary.group(named: "policyStanding").map { state.registers[$0.id] != nil } ?? false
    }

    /// Whether any result group of the dictionary was ever written.
    func mayHoldResults(_ state: CaseState) -> Bool {
        state.registers.keys.contains { resultIDIndex(of: $0) != nil }
    }
}
