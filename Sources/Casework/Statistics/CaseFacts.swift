package import SyncProtocol

/// What statistics need of a case: codes and days, and nothing that names a person (docs/statistics.md).
///
/// Days are numbers of days since 1970-01-01 in Asia/Shanghai (``CalendarDate/dayNumber``).
package struct CaseFacts: Hashable, Sendable {
    /// An item of the case, as it stands.
    package struct Item: Hashable, Sendable {
        package let code: String
        package let department: String
        /// How it was answered last; nil while it is open.
        package let outcome: Outcome?
        package let answered: Int?
        /// The last day of its limit; nil if nothing is promised, or the days off are not published.
        package let due: Int?
    }

    /// The ID of its policy; empty while none is named, or several are.
    package var policy = ""
    package var registered = 0
    /// The day of the decision that stands, by what was decided.
    package var accepted: Int?
    package var refused: Int?
    package var offline: Int?
    package var withdrawn: Int?
    package var closed: Int?
    /// The day on which it was merged into another case: it was a duplicate, and nothing else of it counts.
    package var merged: Int?
    /// The day on which a birth certificate was issued for it.
    package var certificate: Int?
    /// 好差评: the grade's code and the day.
    package var rating: (grade: String, day: Int)? {
        get { ratingGrade.isEmpty ? nil : (ratingGrade, ratingDay) }
        set { (ratingGrade, ratingDay) = (newValue?.grade ?? "", newValue?.day ?? 0) }
    }
    private var ratingGrade = ""
    private var ratingDay = 0
    /// The days on which a person settled conflicts, one for each group settled.
    package var settled: [Int] = []
    package var items: [Item] = []

    package init() {}

    /// All days on which something of it counts.
    package var days: [Int] {
        let days = [accepted, refused, offline, withdrawn, closed, merged, certificate].compactMap { $0 }
        return [registered] + days + settled + (ratingGrade.isEmpty ? [] : [ratingDay])
            + items.flatMap { [$0.answered, $0.due].compactMap { $0 } }
    }
}

extension CaseFacts {
    /// - Parameter settled: days on which conflicts of it were settled: see ``settledDays(in:)``.
    package init(_ caseID: CaseID, _ life: CaseLife, settled: [Int] = []) {
        let (state, dictionary, decision) = (life.state, life.dictionary, life.decision)
        policy = state.text("policyID", in: dictionary) ?? ""
        registered = Self.registered(caseID, state)
        merged = Self.day(of: "mergedInto", in: state, dictionary)
        self.settled = settled
        guard merged == nil else { return }
        let decided = decision?.date?.dayNumber ?? Self.day(of: "decisionKind", in: state, dictionary)
        switch decision?.kind {
        case let kind? where life.policy?.goesOn(kind) ?? (kind == .accept): accepted = decided
        case .refuse?, .refuseAndReturn?: refused = decided
        case .offline?: offline = decided
        default: break
        }
        withdrawn = Self.date("withdrawalDate", in: state, dictionary)
        closed = Self.date("closingDate", in: state, dictionary)
        if let grade = state.text("evaluation", in: dictionary) {
            let day =
                Self.date("evaluationDate", in: state, dictionary)
                ?? Self.day(of: "evaluation", in: state, dictionary)
            rating = (grade, day ?? registered)
        }
        if let item = life.policy?.item(Artefact.birthCert.item),
            let result = ItemResult(item, state, dictionary), result.outcome == .done
        {
            certificate = result.date?.dayNumber
        }
        guard accepted != nil else { return }
        let promise = life.promise
        items = life.items.map { item in
            Item(
                code: item.code, department: item.status.item.department, outcome: item.outcome,
                answered: item.outcome == nil ? nil : item.answered?.dayNumber,
                due: promise.flatMap { CaseLife.deadline(of: item.code, in: $0)?.date?.dayNumber })
        }
    }

    /// For each group in which a change of central's people replaced two values or more, the day.
    package static func settledDays(in changes: [Change]) -> [Int] {
        changes.flatMap { change -> [Int] in
            guard let content = change.content, content.author.role == .central else { return [] }
            let count = content.writes.values.count { $0.replaces.count > 1 }
            let day = CalendarDate(milliseconds: content.time.milliseconds).dayNumber
            return [Int](repeating: day, count: count)
        }.sorted()
    }

    /// The day that the case's name tells: a window makes it when it saves the case first (UUID version 7). Of another name, the first
    /// day that is known.
    private static func registered(_ caseID: CaseID, _ state: CaseState) -> Int {
        let bytes = caseID.bytes
        var milliseconds =
            state.registers.values.compactMap { $0.standing.first?.time.milliseconds }.min() ?? 0
        if bytes[6] >> 4 == 7 { milliseconds = bytes[0..<6].reduce(0) { $0 << 8 | UInt64($1) } }
        return CalendarDate(milliseconds: milliseconds).dayNumber
    }

    private static func date(_ key: String, in state: CaseState, _ dictionary: FieldDictionary) -> Int? {
        state.text(key, in: dictionary).flatMap { CalendarDate($0)?.dayNumber }
    }

    /// The day on which the value of a field was written that shows.
    private static func day(of key: String, in state: CaseState, _ dictionary: FieldDictionary) -> Int? {
        guard state.answer(key, in: dictionary) != nil, let place = dictionary.place(of: key),
            case .one(let standing, _) = state.reading(of: place.group.id, by: dictionary.mergeRules)
        else { return nil }
        return CalendarDate(milliseconds: standing.time.milliseconds).dayNumber
    }
}

/// How facts are cached: deterministic CBOR,
/// `[policy, registered, [7 days or null], grade, its day, [* settled], [* [code, department, outcome, answered / null, due / null]]]`.
extension CaseFacts {
    private static let codeBytesMax = 256
    private static let countMax = 100_000
    private static let words: [Outcome?] = [nil] + Outcome.allCases.map(Optional.some)

    package var encoded: [UInt8] {
        var writer = CBORWriter()
        writer.writeArray(7)
        writer.write(policy)
        writer.write(UInt64(max(0, registered)))
        writer.writeArray(7)
        for day in [accepted, refused, offline, withdrawn, closed, merged, certificate] {
            writer.write(day: day)
        }
        writer.write(ratingGrade)
        writer.write(UInt64(max(0, ratingDay)))
        writer.writeArray(settled.count)
        for day in settled { writer.write(day: day) }
        writer.writeArray(items.count)
        for item in items {
            writer.writeArray(5)
            writer.write(item.code)
            writer.write(item.department)
            writer.write(UInt64(Self.words.firstIndex(of: item.outcome) ?? 0))
            writer.write(day: item.answered)
            writer.write(day: item.due)
        }
        return writer.bytes
    }

    /// Reads what ``encoded`` wrote.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        try reader.readArray(count: 7)
        policy = try reader.readText(bytesMax: Self.codeBytesMax)
        registered = Int(try reader.readCounter())
        try reader.readArray(count: 7)
        accepted = try reader.readDay()
        refused = try reader.readDay()
        offline = try reader.readDay()
        withdrawn = try reader.readDay()
        closed = try reader.readDay()
        merged = try reader.readDay()
        certificate = try reader.readDay()
        ratingGrade = try reader.readText(bytesMax: Self.codeBytesMax)
        ratingDay = Int(try reader.readCounter())
        for _ in 0..<(try reader.readArray(countMax: Self.countMax)) {
            settled.append(try reader.readDay() ?? 0)
        }
        for _ in 0..<(try reader.readArray(countMax: Self.countMax)) {
            try reader.readArray(count: 5)
            items.append(
                Item(
                    code: try reader.readText(bytesMax: Self.codeBytesMax),
                    department: try reader.readText(bytesMax: Self.codeBytesMax),
                    outcome: Self.words[Int(try reader.readUnsigned(max: UInt64(Self.words.count - 1)))],
                    answered: try reader.readDay(), due: try reader.readDay()))
        }
        try reader.finish()
    }
}

extension CBORWriter {
    /// Days before 1970 are those of nobody's record: they are written as that day.
    fileprivate mutating func write(day: Int?) {
        if let day { write(UInt64(max(0, day))) } else { writeNull() }
    }
}

extension CBORReader {
    fileprivate mutating func readDay() throws(CBORError) -> Int? {
        readNullIfPresent() ? nil : Int(try readCounter())
    }
}
