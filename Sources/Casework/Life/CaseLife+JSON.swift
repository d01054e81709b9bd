import Foundation

/// How a case's life is told to pages and programs.
extension CaseLife {
    /// Stage, decision, what the rules say, items, papers, countdowns, notices and steps.
    package var json: JSON {
        .object([
            "stage": .text(stage.rawValue), "word": .text(word), "decision": decisionJSON,
            "judgement": judgementJSON,
            "items": .list(items.map { $0.json(on: now.date) }),
            "artefacts": .list(artefacts.map(\.json)),
            "totalDeadline": .from(standing?.totalDeadline?.shown),
            "deliveryDeadline": .from(standing?.deliveryDeadline?.shown),
            "countdowns": .list((judgement?.countdowns ?? []).map(countdown)),
            "checkUps": .list(checkUps), "notices": .list(notices), "messages": .list(messagesJSON),
            "steps": .list(CaseStep.allCases.map(stepJSON)),
        ])
    }

    private var decisionJSON: JSON {
        guard let decision else { return .null }
        return .object([
            "kind": .text(decision.kind.rawValue),
            "title": .from(policy?.decision(decision.kind)?.title), "date": .from(decision.date?.description),
            "reasons": .list(
                decision.reasons.map {
                    .object(["code": .from($0.code), "text": .text($0.text)])
                }),
        ])
    }

    /// Only while something is to be decided.
    private var judgementJSON: JSON {
        guard CaseStep.submit.stages.contains(stage) || stage == .submitted, let judgement else {
            return .null
        }
        return .object([
            "decision": .text(judgement.decision.rawValue),
            "title": .from(policy?.decision(judgement.decision)?.title),
            "reasons": Self.list(judgement.reasons), "gaps": Self.list(judgement.gaps),
            "prompts": Self.list(judgement.prompts),
            "unanswered": .list(
                judgement.unanswered.map {
                    .object(["key": .text($0), "label": .text(dictionary.field($0)?.label ?? $0)])
                }),
        ])
    }

    private static func list(_ findings: [Evaluation.Finding]) -> JSON {
        .list(findings.map { .object(["code": .text($0.code), "text": .text($0.text)]) })
    }

    private func countdown(_ countdown: RunningCountdown) -> JSON {
        .object([
            "code": .text(countdown.code), "label": .text(countdown.label),
            "until": .text(countdown.until.description), "words": .text(countdown.chinese(at: now)),
            "minutesLeft": .number(Decimal(countdown.minutesLeft(at: now))),
        ])
    }

    /// The free health checks of the child's first six years (standards.md section 11).
    private var checkUps: [JSON] {
        guard let birth = answers.date("birthDate") else { return [] }
        let home =
            answers.date("childDischargeDate") ?? answers.date("motherDischargeDate")
            ?? answers.text("dischargeDateTime").flatMap { Moment($0)?.date }
        return ChildCheckUps.all(birth: birth, discharge: home).map { checkUp in
            .object([
                "number": .number(Decimal(checkUp.number)), "name": .text(checkUp.name),
                "date": .from(checkUp.date?.description),
            ])
        }
    }

    /// The papers that were issued, in order of time.
    private var notices: [JSON] {
        guard let group = dictionary.group(named: "notice") else { return [] }
        return (state.registers[group.id]?.standing ?? []).map { standing in
            let texts = standing.value.map { value -> JSON in
                if case .text(let text) = value { .text(text) } else { .null }
            }
            return .object(
                Dictionary(
                    zip(["kind", "number", "date"], texts), uniquingKeysWith: { first, _ in first }))
        }
    }

    private func stepJSON(_ step: CaseStep) -> JSON {
        let reasons = hindrances(of: step)
        return .object([
            "step": .text(step.rawValue), "word": .text(step.word), "isAllowed": .bool(reasons.isEmpty),
            "reasons": .list(reasons.map { .text($0.text) }),
        ])
    }
}

extension LifeItem {
    /// - Parameter day: on which lateness is judged.
    package func json(on day: CalendarDate) -> JSON {
        guard case .object(var members) = status.json else { return .null }
        members["planned"] = .from(limits?.planned?.shown)
        members["actual"] = .from(limits?.actual?.shown)
        members["due"] = .from(due?.description)
        members["isLate"] = .bool(isLate(on: day))
        members["answered"] = .from(answered?.description)
        members["number"] = .from(number)
        return .object(members)
    }
}

extension ArtefactStatus {
    fileprivate var json: JSON {
        .object([
            "artefact": .text(artefact.rawValue), "name": .text(artefact.name),
            "state": .text(state.rawValue),
            "word": .text(state.word),
        ])
    }
}
