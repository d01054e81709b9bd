package import SyncProtocol

/// That a case goes on as another one: read from the case itself.
package struct CaseMerger: Hashable, Sendable {
    /// The case that goes on.
    package let target: CaseID
    /// Its number, as far as it was known.
    package let number: String?
    /// The name of the hospital that has it, likewise.
    package let hospital: String?
    /// The change that says so.
    package let dot: Dot

    /// Names of the groups by which central says that cases are one child, or are not; no window may write them.
    package static let centralGroups = ["mergedInto", "mergedIntoNumber", "notDuplicateOf", "mergedFrom"]

    /// nil for a case that goes on as itself, or of which it is in conflict where it goes on.
    package init?(_ state: CaseState, dictionary: FieldDictionary) {
        guard let group = dictionary.group(named: "mergedInto")?.id,
            case .one(let standing, _) = state.reading(of: group, by: dictionary.mergeRules),
            case .bytes(let bytes)? = standing.value.first, let target = CaseID(bytes: bytes)
        else { return nil }
        (self.target, dot) = (target, standing.dot)
        number = state.text("mergedIntoNumber", in: dictionary)
        hospital = state.text("mergedIntoHospital", in: dictionary)
    }

    /// What clerks and departments are told.
    package var chinese: String {
        "已并入\(number.map { "办件 \($0)" } ?? "其他办件")\(hospital.map { "（\($0)）" } ?? "")。"
    }
}
