import SyncProtocol

extension Expression {
    /// Whether the condition holds: it is true, and not merely unknown.
    package func holds(_ facts: Facts) -> Bool { root.truth(facts) == true }

    /// The moment or day for which the expression stands; of a day its end. nil while something that it needs
    /// is unanswered.
    package func moment(_ facts: Facts) -> Moment? {
        switch root.value(facts) {
        case .moment(let moment)?: moment
        case .date(let date)?: Moment(date: date, seconds: 86_399)
        default: nil
        }
    }
}

extension Expression.Node {
    /// nil is unknown.
    fileprivate func truth(_ facts: Facts) -> Bool? {
        switch self {
        case .not(let inner): return inner.truth(facts).map { !$0 }
        case .both(let left, let right):
            guard let first = left.truth(facts) else { return right.truth(facts) == false ? false : nil }
            return first ? right.truth(facts) : false
        case .either(let left, let right):
            guard let first = left.truth(facts) else { return right.truth(facts) == true ? true : nil }
            return first ? true : right.truth(facts)
        case .compare(let comparison, let left, let right):
            guard let first = left.value(facts), let second = right.value(facts) else { return nil }
            return comparison.compare(first, second)
        case .answered(let key): return facts.answers[key] != nil
        case .applies(let item): return facts.applied.contains(item)
        case .handedIn(let code, let part):
            guard let material = facts.materials[code] else { return false }
            return part.map(material.parts.contains) ?? true
        case .literal, .fact, .later, .at, .dateOf:
            guard case .truth(let truth)? = value(facts) else { return nil }
            return truth
        }
    }

    fileprivate func value(_ facts: Facts) -> RuleValue? {
        switch self {
        case .literal(let value): value
        case .fact(let key, let type): RuleValue(facts.answers[key], of: type)
        case .later(let node, let amount, let unit): node.value(facts)?.later(by: amount, unit)
        case .at(let date, let time):
            if case .date(let date)? = date.value(facts), case .text(let time)? = time.value(facts) {
                Moment(date, time: time).map(RuleValue.moment)
            } else {
                nil
            }
        case .dateOf(let node):
            if case .moment(let moment)? = node.value(facts) { .date(moment.date) } else { nil }
        case .not, .both, .either, .compare, .answered, .applies, .handedIn: truth(facts).map(RuleValue.truth)
        }
    }
}

extension Expression.Comparison {
    /// nil if the values are of kinds that do not compare, which the types rule out.
    fileprivate func compare(_ left: RuleValue, _ right: RuleValue) -> Bool? {
        switch (self, left, right) {
        case (.equal, _, _): left == right
        case (.unequal, _, _): left != right
        case (.isIn, .text(let text), .texts(let texts)): texts.contains(text)
        case (.startsWith, .text(let text), .text(let prefix)): text.hasPrefix(prefix)
        case (.containsAll, .texts(let texts), .texts(let parts)): parts.allSatisfy(texts.contains)
        case (_, .number(let left), .number(let right)): ordered(left, right)
        case (_, .date(let left), .date(let right)): ordered(left, right)
        case (_, .moment(let left), .moment(let right)): ordered(left, right)
        default: nil
        }
    }

    private func ordered<Value: Comparable>(_ left: Value, _ right: Value) -> Bool? {
        switch self {
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        default: nil
        }
    }
}

extension RuleValue {
    /// A coded answer by the type of its field; nil where nothing, or nothing of this shape, was answered.
    fileprivate init?(_ answer: CBOR?, of type: FieldType) {
        switch (answer, type.expressionType) {
        case (.text(let text)?, .text): self = .text(text)
        case (.unsigned(let number)?, .number):
            self = .number(type == .money ? Double(number) / 100 : Double(number))
        case (.float(let number)?, .number): self = .number(number)
        case (.bool(let truth)?, .truth): self = .truth(truth)
        case (.text(let text)?, .date):
            guard let date = CalendarDate(text) else { return nil }
            self = .date(date)
        case (.text(let text)?, .moment):
            guard let moment = Moment(text) else { return nil }
            self = .moment(moment)
        case (.array(let values)?, .texts):
            self = .texts(values.compactMap { if case .text(let text) = $0 { text } else { nil } })
        default: return nil
        }
    }

    fileprivate func later(by amount: Int, _ unit: Expression.Unit) -> RuleValue? {
        switch (self, unit) {
        case (.date(let date), .days): date.adding(days: amount).map(RuleValue.date)
        case (.date(let date), .months): date.adding(months: amount).map(RuleValue.date)
        case (.moment(let moment), .hours): moment.adding(hours: amount).map(RuleValue.moment)
        case (.moment(let moment), .days): moment.adding(hours: amount * 24).map(RuleValue.moment)
        case (.moment(let moment), .months):
            moment.date.adding(months: amount).flatMap { Moment(date: $0, seconds: moment.seconds) }
                .map(RuleValue.moment)
        default: nil
        }
    }
}
