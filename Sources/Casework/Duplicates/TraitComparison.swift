/// How the traits of two cases stand to each other.
struct TraitComparison {
    let rules: DuplicateRules
    var pinyin = Pinyin.standard

    /// Of each trait that both know, the closest of all pairs of their values.
    func relations(_ left: ChildTraits, _ right: ChildTraits) -> [ChildTraits.Trait: Relation] {
        var relations: [ChildTraits.Trait: Relation] = [:]
        for (trait, values) in left.values {
            guard let others = right.values[trait] else { continue }
            relations[trait] = closest(trait, values, others)
        }
        return relations
    }

    private func closest(
        _ trait: ChildTraits.Trait, _ values: Set<String>, _ others: Set<String>
    ) -> Relation {
        if !values.isDisjoint(with: others) { return .equal }
        let found = Set(values.flatMap { value in others.map { relation(trait, value, $0) } })
        return Relation.allCases.first(where: found.contains) ?? .far
    }

    private func relation(_ trait: ChildTraits.Trait, _ left: String, _ right: String) -> Relation {
        switch trait {
        case .childName, .motherName, .fatherName: names(left, right)
        case .motherID, .fatherID, .childID: isSlip(left, right, countMax: rules.nearDigits) ? .near : .far
        case .birthDate: dates(left, right)
        case .birthTime: times(left, right)
        case .weight: weights(left, right)
        case .certificate, .sex, .plurality, .institution, .inpatient, .phone: .far
        }
    }

    /// Of two characters, one that differs says nothing: 王伟 and 王芳 are two people.
    private func names(_ left: String, _ right: String) -> Relation {
        if pinyin.soundsAlike(left, right, folding: foldedSyllable) { return .homophone }
        guard max(left.count, right.count) >= 3 else { return .far }
        return isSlip(left, right, countMax: 1) ? .near : .far
    }

    private func dates(_ left: String, _ right: String) -> Relation {
        guard let one = CalendarDate(left), let other = CalendarDate(right) else { return .far }
        let days = abs(one.dayNumber - other.dayNumber)
        if days <= rules.nearDays { return .near }
        if days <= rules.closeDays { return .close }
        let isSwapped = one.year == other.year && one.month == other.day && one.day == other.month
        return isSwapped || isSlip(left, right, countMax: 1) ? .typo : .far
    }

    private func times(_ left: String, _ right: String) -> Relation {
        guard let one = minutes(left), let other = minutes(right) else { return .far }
        return abs(one - other) <= rules.nearMinutes ? .near : .far
    }

    private func minutes(_ text: String) -> Int? {
        let parts = text.split(separator: ":").prefix(2).compactMap { Int($0) }
        return parts.count == 2 ? parts[0] * 60 + parts[1] : nil
    }

    private func weights(_ left: String, _ right: String) -> Relation {
        guard let one = Int(left), let other = Int(right) else { return .far }
        return abs(one - other) <= rules.nearGrams ? .near : .far
    }
}

/// Whether one text becomes the other by so few slips: a character that is another, is left out or stands before its neighbour.
///
/// Two texts that differ more are told apart without being compared to their end; neither is longer than fields allow.
func isSlip(_ left: String, _ right: String, countMax: Int) -> Bool {
    let (left, right) = (Array(left), Array(right))
    guard abs(left.count - right.count) <= countMax else { return false }
    var before: [Int] = []
    var last = Array(0...right.count)
    for row in left.indices {
        var next = [row + 1]
        for column in right.indices {
            let isEqual = left[row] == right[column]
            var cost = min(last[column] + (isEqual ? 0 : 1), last[column + 1] + 1, next[column] + 1)
            if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                cost = min(cost, before[column - 1] + 1)
            }
            next.append(cost)
        }
        guard next.contains(where: { $0 <= countMax }) else { return false }
        (before, last) = (last, next)
    }
    return last[right.count] <= countMax
}
