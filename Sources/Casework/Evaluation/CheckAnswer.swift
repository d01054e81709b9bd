import Foundation

/// What `birthwindow check FILE --json` answers: the keys of `expect` in the example cases
/// (domain/cases/README.md), and no others.
///
/// Of several newborns the strictest decision is shown, with the reasons and gaps of all that have it.
package struct CheckAnswer: Sendable {
    package let file: CheckFile
    /// Of each newborn, in the file's order.
    package let evaluations: [Evaluation]
    /// The one that is shown.
    package let shown: Evaluation

    package init(_ file: CheckFile, calendar: WorkCalendar) {
        self.file = file
        let evaluations = file.newborns.map {
            file.policy.evaluate($0, events: file.events, calendar: calendar)
        }
        self.evaluations = evaluations
        let first = evaluations[0]
        shown = evaluations.reduce(first) { $1.decision.strictness > $0.decision.strictness ? $1 : $0 }
    }

    package var json: JSON {
        var members: [String: JSON] = [
            "decision": .text(shown.decision.rawValue),
            "applications": .number(Decimal(evaluations.count)),
            "reasons": Self.list(joined(\.reasons)), "missingMaterials": Self.list(joined(\.gaps)),
            "prompts": Self.list(shown.prompts), "itemsApplied": .list(shown.items.map { .text($0.code) }),
            "itemOrder": .object(items { .list($0.after.map { .text($0) }) }),
            "acceptanceDate": .from(shown.acceptanceDate?.description),
            "deadlines": .object(shown.acceptanceDate == nil ? [:] : items { .from($0.planned?.shown) }),
            "totalDeadline": .from(shown.totalDeadline?.shown),
            "notices": .list(shown.notices.map { .text($0) }),
            "preEnrol": preEnrolment, "insurance": insurance,
        ]
        members.merge(regional) { $1 }
        if let pickup { members["pickup"] = pickup }
        return .object(members)
    }

    /// What only some regions have.
    private var regional: [String: JSON] {
        var members: [String: JSON] = [:]
        let policy = file.policy
        if let due = shown.deliveryDeadline { members["deliveryDeadline"] = .text(due.shown) }
        if shown.acceptanceDate != nil, !file.events.isEmpty {
            members["deadlinesActual"] = .object(
                items { .from($0.actual?.shown) }.filter { $0.value != .null })
        }
        for countdown in shown.countdowns {
            if let answer = countdown.answer { members[answer] = .text(countdown.until.description) }
        }
        if let answer = policy.handover?.answer, let due = handoverDue {
            members[answer] = .text(due.description)
        }
        if policy.decisions.values.contains(where: { $0.path != nil }) {
            let decision = policy.decision(shown.decision)
            members["path"] = .from(decision?.path)
            members["blockedItems"] = .object(shown.held.mapValues { .text($0) })
            members["returnShipment"] = .bool(decision?.returnsOriginals ?? false)
        }
        return members
    }

    private func joined(_ findings: KeyPath<Evaluation, [Evaluation.Finding]>) -> [Evaluation.Finding] {
        var joined: [Evaluation.Finding] = []
        for evaluation in evaluations where evaluation.decision == shown.decision {
            joined += evaluation[keyPath: findings].filter { !joined.contains($0) }
        }
        return joined
    }

    private func items(_ value: (AppliedItem) -> JSON) -> [String: JSON] {
        Dictionary(shown.items.map { ($0.code, value($0)) }, uniquingKeysWith: { first, _ in first })
    }

    private static func list(_ findings: [Evaluation.Finding]) -> JSON {
        .list(findings.map { .object(["code": .text($0.code), "text": .text($0.text)]) })
    }

    /// The day on which the second page of the certificate is handed over: by its day of issue, or by the
    /// planned one.
    private var handoverDue: CalendarDate? {
        guard let handover = file.policy.handover, shown.acceptanceDate != nil,
            let item = shown.items.first(where: { $0.code == handover.item })
        else { return nil }
        let issued = file.events.last { $0.item == item.code && $0.outcome == .done }?.date
        return (issued ?? item.planned?.date).flatMap(handover.rule.due(issued:))
    }

    private var preEnrolment: JSON {
        guard !shown.items.isEmpty,
            let found = file.policy.preEnrolment(of: file.newborns[0], newborns: file.newborns.count)
        else { return .null }
        return .object([
            "name": .text(found.name), "idType": .text(found.idType),
            "numbers": .list(found.numbers.map { .text($0) }), "ambiguous": .bool(found.isAmbiguous),
        ])
    }

    private var insurance: JSON {
        guard shown.acceptanceDate != nil, let term = file.policy.insuranceTerm(of: file.newborns[0]) else {
            return .null
        }
        return .object([
            "status": .text(term.status.rawValue), "benefitFrom": .from(term.benefitFrom?.description),
            "payableYears": .list(term.payableYears.map { .number(Decimal($0)) }),
        ])
    }

    private var pickup: JSON? {
        guard let item = file.pickup else { return nil }
        let against = file.policy.pickup(of: item, file.newborns[0]) ?? []
        return .object(["allowed": .bool(against.isEmpty), "reasons": Self.list(against)])
    }
}

extension DecisionKind {
    /// Which decision is shown of several: the one that hinders most.
    var strictness: Int {
        switch self {
        case .accept: 0
        case .correct: 1
        case .offline: 2
        case .blocked: 3
        case .refuse: 4
        case .refuseAndReturn: 5
        }
    }
}

extension JSON {
    /// The text, or null.
    static func from(_ text: String?) -> JSON { text.map { .text($0) } ?? .null }
}
