import SyncProtocol

/// Codes the answers of a case file one by one and collects what is wrong with them.
struct CaseFileReader {
    let policy: Policy
    let dictionary: FieldDictionary
    let codes: CodeLists
    private(set) var faults: [Fault] = []

    init(policy: Policy, dictionary: FieldDictionary, codes: CodeLists) {
        self.policy = policy
        self.dictionary = dictionary
        self.codes = codes
    }

    /// Codes what can be coded, in the dictionary's order; the rest becomes faults.
    mutating func read(_ members: [String: JSON], newborn: Int) -> [String: CBOR] {
        var values: [String: CBOR] = [:]
        for field in dictionary.groups.flatMap(\.members) {
            guard let json = members[field.key], let place = dictionary.place(of: field.key) else { continue }
            if let problem = refusal(of: place.group), json != .null {
                add(field.key, problem, newborn)
                continue
            }
            do {
                values[field.key] = try field.type.cbor(from: json, codes: codes)
            } catch {
                add(field.key, error.problem, newborn)
            }
        }
        for key in members.keys.sorted() where dictionary.field(key) == nil { addUnknown(key, newborn) }
        return values
    }

    mutating func checkJurisdiction(_ json: JSON) {
        guard json != .null, json != .text(policy.id) else { return }
        faults.append(Fault(key: "jurisdiction", label: "适用地区", problem: .jurisdictionDisagrees))
    }

    /// The overrides of the further newborns, without keys that are no fields.
    mutating func siblings(_ json: JSON) -> [[String: JSON]] {
        if json == .null { return [] }
        guard case .list(let values) = json else { return refuseSiblings(.wrongType(.list)) }
        guard values.count <= CaseFile.siblingsMax else {
            return refuseSiblings(.tooManySiblings(countMax: CaseFile.siblingsMax))
        }
        let members = values.compactMap(\.members)
        guard members.count == values.count else { return refuseSiblings(.notAnObject) }
        return members.map { $0.filter { !CaseFile.notFields.contains($0.key) } }
    }

    /// Judges the coded answers of one newborn. What a sibling has from the first newborn is told once.
    mutating func judge(_ answers: Answers, today: CalendarDate?, newborn: Int, of newbornCount: Int = 1) {
        var new = AnswerChecks.faults(
            in: answers, today: today, newborn: newborn, newbornCount: newbornCount, dictionary: dictionary,
            codes: codes)
        if case .array(let items)? = answers["items"] {
            let offered = Set(policy.items.map { CBOR.text($0.code) })
            if !offered.isSuperset(of: items) {
                new.append(Fault(key: "items", label: label("items"), problem: .notOffered, newborn: newborn))
            }
        }
        faults += new.filter { fault in
            !faults.contains { $0.key == fault.key && $0.problem == fault.problem }
        }
    }

    private mutating func refuseSiblings(_ problem: Problem) -> [[String: JSON]] {
        faults.append(Fault(key: "siblings", label: "同胞", problem: problem))
        return []
    }

    /// Why a clerk's file may not fill in this group.
    private func refusal(of group: FieldGroup) -> Problem? {
        if case .owner(.department) = group.rule { return .ownedByDepartment }
        return group.isEntered ? nil : .notEntered
    }

    private mutating func add(_ key: String, _ problem: Problem, _ newborn: Int) {
        faults.append(Fault(key: key, label: label(key), problem: problem, newborn: newborn))
    }

    /// An unknown key may be anything, also a person's name, so only a plain word of the file is repeated.
    private mutating func addUnknown(_ key: String, _ newborn: Int) {
        let isWord =
            key.utf8.count <= 64 && key.utf8.allSatisfy { $0.isDigit || $0.isCapital || 0x61...0x7A ~= $0 }
        faults.append(Fault(key: isWord ? key : "?", label: "", problem: .unknownField, newborn: newborn))
    }

    private func label(_ key: String) -> String { dictionary.field(key)?.label ?? "" }
}
