package import SyncProtocol

/// What the departments have to do for one case: a pure function of its fold and the rules.
package struct CaseTasks: Sendable {
    let state: CaseState
    let dictionary: FieldDictionary
    package let progress: CaseProgress

    /// - Parameter progress: made of the same state.
    package init(_ state: CaseState, progress: CaseProgress, dictionary: FieldDictionary) {
        (self.state, self.progress, self.dictionary) = (state, progress, dictionary)
    }

    var policy: Policy? { progress.policy }
    var answers: Answers { progress.answers }
    var facts: Facts? { progress.facts }

    /// Whether its items were ever handed out: it was accepted, whatever became of it since. Before that no department hears of it.
    package var isHandedOut: Bool {
        state.texts("decisionKind", in: dictionary).compactMap(DecisionKind.init(rawValue:)).contains {
            policy?.decision($0)?.goesOn ?? ($0 == .accept)
        }
    }

    /// The items that departments have to do, in the policy's order, held ones included; none before they are handed out.
    package var statuses: [ItemStatus] { isHandedOut ? progress.items : [] }

    /// The item of a department; nil if this is none of its items.
    package func item(_ code: String, of department: String) -> Policy.Item? {
        policy?.item(code).flatMap { resultGroup(of: $0, department) == nil ? nil : $0 }
    }

    /// The group into which a department writes its answer for an item.
    package func resultGroup(of item: Policy.Item, _ department: String) -> FieldGroup? {
        item.results.lazy.compactMap { dictionary.group(named: $0) }.first { owns(department, $0) }
    }

    func owns(_ department: String, _ group: FieldGroup) -> Bool {
        group.rule == .owner(.department(department))
    }

    /// An item as its department gets it.
    package func task(_ status: ItemStatus) -> DepartmentTask {
        let (item, department) = (status.item, status.item.department)
        return DepartmentTask(
            status: status, caseNumber: state.text("caseNumber", in: dictionary),
            fields: status.isOpen ? shown(item.needs) : [], papers: papers(of: status),
            expected: status.isOpen ? expectations(of: item, department) : [],
            result: ItemResult(item, state, dictionary), asOf: asOf(status))
    }

    /// The dots that stand in what its department sees of an item, and in what it writes.
    package func asOf(_ status: ItemStatus) -> [GroupID: [Dot]] {
        let (item, department) = (status.item, status.item.department)
        let own =
            [resultGroup(of: item, department)].compactMap { $0 } + ownGroups(of: item, department)
        let needed = status.isOpen ? item.needs.compactMap { dictionary.place(of: $0)?.group.id } : []
        let groups = Set(own.map(\.id) + needed)
        return Dictionary(uniqueKeysWithValues: groups.map { ($0, state.registers[$0]?.dots ?? []) })
    }

    private func shown(_ keys: [String]) -> [DepartmentTask.Shown] {
        let text = AnswerText(answers, dictionary: dictionary)
        var seen: Set<String> = []
        return keys.filter { seen.insert($0).inserted }.compactMap { key in
            guard let field = dictionary.field(key), let value = answers[key], let words = text(key) else {
                return nil
            }
            return DepartmentTask.Shown(field: field, value: value, text: words)
        }
    }

    /// The papers that an item needs; none while it is held.
    package func papers(of status: ItemStatus) -> [DepartmentTask.Paper] {
        guard status.isOpen, let policy, let facts else { return [] }
        let item = status.item
        let pages = CasePage.all(of: answers)
        return policy.materials.filter { $0.neededFor.contains(item.code) }.compactMap { material in
            guard let given = facts.materials[material.code] else { return nil }
            return DepartmentTask.Paper(
                code: material.code, name: material.name, parts: given.parts.filter { !$0.isEmpty }.sorted(),
                pages: pages.filter { $0.material == material.code })
        }
    }
}

extension CaseTasks {
    /// What a department may bring with its result: the fields that are its to fill in, such as the child's number, and the details
    /// of its paper or payment. What an item of this case needs that comes after this one is required.
    func expectations(of item: Policy.Item, _ department: String) -> [DepartmentTask.Expectation] {
        let later = needed(after: item.code)
        return ownGroups(of: item, department).flatMap(\.members).map {
            DepartmentTask.Expectation(field: $0, isRequired: later.contains($0.key))
        }
    }

    /// What a department fills in with an item, beside the result itself.
    private func ownGroups(of item: Policy.Item, _ department: String) -> [FieldGroup] {
        let own = dictionary.groups(of: department).filter {
            !$0.name.contains("Result") && !$0.name.contains("Details")
        }
        // `ssCardResult` has its details in `ssCardDetails`.
        let details = item.results.compactMap {
            dictionary.group(named: $0.replacing("Result", with: "Details"))
        }
        return own + details.filter { owns(department, $0) }
    }

    /// What the items of this case need that come after one, directly or not.
    private func needed(after code: String) -> Set<String> {
        guard let policy, let facts else { return [] }
        var codes: Set<String> = [code]
        // In the policy's order an item may stand before what it waits for; once round for each item finds all.
        for _ in policy.items {
            for item in policy.items where !codes.isDisjoint(with: item.after) { codes.insert(item.code) }
        }
        let later = policy.items.filter {
            $0.code != code && codes.contains($0.code) && facts.applied.contains($0.code)
        }
        return Set(later.flatMap(\.needs))
    }
}

extension ItemStatus {
    /// Its department sees what it needs.
    fileprivate var isOpen: Bool {
        switch state {
        case .held, .waiting: false
        case .ready, .answered: true
        }
    }
}
