import Foundation

/// Checks that everything which a policy names exists and fits together; what a schema cannot say.
struct PolicyChecks {
    private let policy: Policy
    private let dictionary: FieldDictionary
    private let codes: CodeLists
    private(set) var faults: [PolicyFault] = []

    init(_ policy: Policy, dictionary: FieldDictionary, codes: CodeLists) {
        self.policy = policy
        self.dictionary = dictionary
        self.codes = codes
    }

    mutating func run() {
        checkHead()
        checkForm()
        for (index, item) in policy.items.enumerated() { check(item, at: "items[\(index)]") }
        checkOrder()
        checkDecisions()
        checkMaterials()
        checkTimes()
        checkCodes()
        checkPapers()
    }

    private mutating func add(_ path: String, code: String? = nil, _ text: String) {
        faults.append(PolicyFault(path, code: code, text))
    }

    private mutating func checkHead() {
        if policy.id.isEmpty || !policy.id.utf8.allSatisfy({ $0.isDigit || $0 == 0x2D || 0x61...0x7A ~= $0 })
        {
            add("id", "must be small letters, digits and hyphens")
        }
        if policy.countyPrefix.isEmpty || !policy.countyPrefix.utf8.allSatisfy(\.isDigit) {
            add("countyPrefix", "must be digits")
        }
        check(keys: policy.needs, at: "needs")
    }

    private mutating func check(keys: [String], at path: String, code: String? = nil) {
        for key in keys where dictionary.field(key) == nil { add(path, code: code, "\(key) is no field") }
    }

    private mutating func check(items: [String], at path: String, code: String? = nil) {
        for item in items where policy.item(item) == nil {
            add(path, code: code, "\(item) is no item of this policy")
        }
    }

    private mutating func require(
        _ expression: Expression?, _ type: ExpressionType = .truth, at path: String, code: String? = nil
    ) {
        guard let expression, !expression.type.matches(type) else { return }
        add(path, code: code, "must be \(type.name), not \(expression.type.name)")
    }
}

// The form and the items.

extension PolicyChecks {
    private mutating func checkForm() {
        let consumers = Set(policy.departments.keys).union(["window", "platform", "post"])
        for (index, section) in policy.sections.enumerated() {
            for (row, field) in section.fields.enumerated() {
                let path = "sections[\(index)].fields[\(row)]"
                check(keys: field.keys, at: "\(path).keys")
                for key in field.optional ?? [] where !field.keys.contains(key) {
                    add("\(path).optional", "\(key) is no key of this row")
                }
                for consumer in field.consumers where !consumers.contains(consumer) {
                    add("\(path).consumers", "\(consumer) is no department of this policy")
                }
                if let filledBy = field.filledBy, filledBy != "system", policy.departments[filledBy] == nil {
                    add("\(path).filledBy", "\(filledBy) is neither a department of this policy nor system")
                }
                require(field.required, at: "\(path).required")
                check(field.choices ?? [], of: field, at: "\(path).choices")
            }
        }
    }

    private mutating func check(_ choices: [Policy.Choice], of row: Policy.Row, at path: String) {
        guard !choices.isEmpty else { return }
        let lists = row.keys.compactMap { dictionary.field($0)?.type.expressionType.list }
        guard !lists.isEmpty else { return add(path, "no key of this row has a list of codes") }
        for choice in choices where !lists.contains(where: { codes.code(choice.code, in: $0) != nil }) {
            add(path, "\(choice.code) is no code of the list \(lists.joined(separator: " or "))")
        }
    }

    private mutating func check(_ item: Policy.Item, at path: String) {
        if policy.items.filter({ $0.code == item.code }).count > 1 {
            add("\(path).code", "\(item.code) stands twice")
        }
        if codes.code(item.code, in: "item") == nil {
            add("\(path).code", "\(item.code) is no code of the list item")
        }
        if policy.departments[item.department] == nil {
            add("\(path).department", "\(item.department) is no department of this policy")
        }
        check(items: item.after, at: "\(path).after")
        check(keys: item.needs, at: "\(path).needs")
        if let key = item.deliveryKey { check(keys: [key], at: "\(path).deliveryKey") }
        require(item.when, at: "\(path).when")
        for (index, limit) in (item.limits ?? []).enumerated() {
            check(limit, at: "\(path).limits[\(index)]")
        }
        for name in item.results {
            guard let rule = dictionary.group(named: name)?.rule else {
                add("\(path).results", "\(name) is no group")
                continue
            }
            if rule != .owner(.department(item.department)) && rule != .owner(.window) {
                add("\(path).results", "\(name) belongs to another department")
            }
        }
    }

    private mutating func check(_ limit: Policy.Limit, at path: String) {
        if !(0...Policy.Limit.workingDaysMax ~= limit.workingDays) {
            add("\(path).workingDays", "must be 0 to \(Policy.Limit.workingDaysMax)")
        }
        if case .date(let key) = limit.from, dictionary.field(key)?.type != .date {
            add("\(path).from", "\(key) is neither acceptance, application, predecessors nor a date")
        }
        if let way = limit.path, !policy.decisions.values.contains(where: { $0.path == way }) {
            add("\(path).path", "no decision has the path \(way)")
        }
    }

    /// Items that wait for each other would wait for ever.
    private mutating func checkOrder() {
        var done: Set<String> = []
        var left = policy.items
        while !left.isEmpty {
            let ready = left.filter { item in
                done.isSuperset(of: item.after.filter { policy.item($0) != nil })
            }
            guard !ready.isEmpty else {
                return add("items", "\(left.map(\.code).joined(separator: ", ")) wait for each other")
            }
            done.formUnion(ready.map(\.code))
            left.removeAll { done.contains($0.code) }
        }
    }
}

// Decisions, papers and times.

extension PolicyChecks {
    private mutating func checkDecisions() {
        for kind in policy.decisions.keys.sorted() where DecisionKind(rawValue: kind) == nil {
            add("decisions.\(kind)", "is no decision")
        }
        for (index, stage) in policy.stages.enumerated() {
            if policy.decision(stage.decision) == nil {
                add(
                    "stages[\(index)].decision",
                    "decisions does not say what \(stage.decision.rawValue) means")
            }
            check(stage.conditions, at: "stages[\(index)].conditions")
        }
        if policy.decision(.accept) == nil { add("decisions.accept", "is missing") }
        check(policy.corrections, at: "corrections")
        for (index, hold) in policy.holds.enumerated() {
            require(hold.rule, at: "holds[\(index)].rule", code: hold.code)
            check(items: hold.items, at: "holds[\(index)].items", code: hold.code)
        }
        for (index, prompt) in policy.prompts.enumerated() {
            require(prompt.if, at: "prompts[\(index)].if", code: prompt.code)
            require(prompt.unless, at: "prompts[\(index)].unless", code: prompt.code)
        }
        for (kind, decision) in policy.decisions.sorted(by: { $0.key < $1.key }) {
            for (index, notice) in decision.notices.enumerated() {
                require(notice.when, at: "decisions.\(kind).notices[\(index)].when")
            }
        }
        for (index, pickup) in policy.pickups.enumerated() {
            check(items: [pickup.item], at: "pickups[\(index)].item")
            check(pickup.checks, at: "pickups[\(index)].checks")
        }
    }

    private mutating func check(_ conditions: [Policy.Condition], at path: String) {
        for (index, condition) in conditions.enumerated() {
            let path = "\(path)[\(index)]"
            require(condition.if, at: "\(path).if", code: condition.code)
            require(condition.rule, at: "\(path).rule", code: condition.code)
            check(items: condition.items ?? [], at: "\(path).items", code: condition.code)
        }
    }

    private mutating func checkMaterials() {
        for (index, material) in policy.materials.enumerated() {
            let path = "materials[\(index)]"
            require(material.when, at: "\(path).when", code: material.code)
            check(items: material.neededFor, at: "\(path).neededFor", code: material.code)
            for (part, key) in (material.partKeys ?? [:]).sorted(by: { $0.key < $1.key }) {
                check(keys: [key], at: "\(path).partKeys", code: material.code)
                if !material.parts.contains(part) {
                    add("\(path).partKeys", code: material.code, "\(part) is no part of it")
                }
            }
            guard let same = material.samePage else { continue }
            require(same.when, at: "\(path).samePage.when", code: material.code)
            for part in same.parts where !material.parts.contains(part) {
                add("\(path).samePage.parts", code: material.code, "\(part) is no part of it")
            }
        }
    }

    private mutating func checkTimes() {
        if let total = policy.total { check(total, at: "total") }
        if let delivery = policy.delivery { check(delivery, at: "delivery") }
        if let handover = policy.handover { check(items: [handover.item], at: "handover.item") }
        require(policy.preEnrolment?.when, at: "preEnrolment.when")
        require(policy.insurance?.when, at: "insurance.when")
        for (index, countdown) in policy.countdowns.enumerated() {
            let path = "countdowns[\(index)]"
            require(countdown.done, at: "\(path).done", code: countdown.code)
            if !countdown.until.type.matches(.date), !countdown.until.type.matches(.moment) {
                add("\(path).until", code: countdown.code, "must be a date or a date and time")
            }
        }
    }

    private mutating func checkPapers() {
        let forms = Set(policy.sections.map(\.form))
        let papers = PolicyPaper.faults(
            in: policy.papers.list, forms: forms, dictionary: dictionary, codes: codes)
        let messages = PolicyMessage.faults(
            in: policy.messages.list, items: Set(policy.items.map(\.code)), dictionary: dictionary)
        faults += papers + messages
    }

    /// A code names one rule only, or a notice could not be traced back.
    private mutating func checkCodes() {
        let conditions =
            policy.stages.flatMap(\.conditions) + policy.corrections + policy.pickups.flatMap(\.checks)
        let all =
            conditions.map(\.code) + policy.holds.map(\.code) + policy.prompts.map(\.code)
            + policy.materials.map(\.code)
        for (code, count) in Dictionary(all.map { ($0, 1) }, uniquingKeysWith: +).sorted(by: {
            $0.key < $1.key
        })
        where count > 1 {
            add("", code: code, "stands \(count) times")
        }
    }
}
