import SyncProtocol

/// What standards.md says about answers as a whole: ID numbers, dates and sexes that must agree, and what is
/// merely unusual. The rules are national; nothing here belongs to one region.
package struct AnswerChecks {
    private let answers: Answers
    private let dictionary: FieldDictionary
    private let codes: CodeLists
    private let today: CalendarDate?
    private let newborn: Int
    private var found: [Fault] = []

    /// All faults and warnings, in the dictionary's order of fields. Without a day nothing is in the future.
    package static func faults(
        in answers: Answers, today: CalendarDate?, newborn: Int = 0, dictionary: FieldDictionary = .standard,
        codes: CodeLists = .standard
    ) -> [Fault] {
        var checks = Self(
            answers: answers, dictionary: dictionary, codes: codes, today: today, newborn: newborn)
        checks.run()
        let order = dictionary.groups.flatMap(\.members).map(\.key)
        return order.flatMap { key in checks.found.filter { $0.key == key } }
    }

    private mutating func run() {
        for document in Document.all { check(document) }
        checkDates()
        checkChild()
        checkPreEnrolment()
        for (key, value) in answers.values { checkUsual(key, value) }
    }

    private mutating func add(_ key: String, _ problem: Problem) {
        found.append(Fault(key: key, label: label(key), problem: problem, newborn: newborn))
    }

    private func label(_ key: String) -> String { dictionary.field(key)?.label ?? key }
}

// ID numbers (standards.md section 1).

extension AnswerChecks {
    /// A document number, and the answers that a citizen ID number must agree with.
    private struct Document {
        let number: String
        /// The key of the document's type; without one it is always an ID card.
        var type: String?
        var birthDate: String?
        var age: String?
        var sex: Sex?

        /// The mother's number is even and the father's odd (forms.md section 5); the child's as its sex.
        enum Sex { case male, female, child }

        static let all = [
            Document(
                number: "motherIdNo", type: "motherIdType", birthDate: "motherBirthDate", age: "motherAge",
                sex: .female),
            Document(
                number: "fatherIdNo", type: "fatherIdType", birthDate: "fatherBirthDate", age: "fatherAge",
                sex: .male),
            Document(number: "childIdNo", birthDate: "birthDate", sex: .child),
            Document(number: "headIdNo"),
            Document(number: "delegatorIdNo", type: "delegatorIdType"),
            Document(number: "delegateIdNo", type: "delegateIdType"),
        ]
    }

    private mutating func check(_ document: Document) {
        let identityCard = "01"  // list idType
        guard let text = answers.text(document.number),
            document.type.map({ answers.text($0) ?? identityCard }) ?? identityCard == identityCard
        else { return }
        do {
            check(try CitizenID(text), of: document)
        } catch {
            add(document.number, .badIDNumber(error))
        }
    }

    private mutating func check(_ id: CitizenID, of document: Document) {
        if let today, id.birthDate > today { add(document.number, .inFuture) }
        if let key = document.birthDate, let date = answers.date(key), date != id.birthDate {
            add(document.number, .differs(label: label(key)))
        }
        // 002: the age is the full years at the child's birth.
        if let key = document.age, case .unsigned(let age)? = answers[key],
            let birth = answers.date("birthDate"),
            Int(exactly: age) != id.birthDate.fullYears(on: birth)
        {
            add(key, .differs(label: label(document.number)))
        }
        let isMale: Bool? =
            switch document.sex {
            case .male: true
            case .female: false
            case .child: ["1": true, "2": false][answers.text("childSex") ?? ""]
            case nil: nil
            }
        if let isMale, isMale != id.isMale { add(document.number, .sexDiffers) }
    }
}

// Dates, the child, and what is unusual.

extension AnswerChecks {
    /// The first may not be later than the second.
    private static let ordered = [
        ("birthDate", "applyDate"), ("birthDate", "acceptanceDate"), ("admissionDate", "birthDate"),
        ("delegateFrom", "delegateTo"), ("applyDate", "acceptanceDate"),
    ]

    /// What has happened by the time it is written down.
    private static let past = [
        "birthDate", "applyDate", "acceptanceDate", "motherBirthDate", "fatherBirthDate", "admissionDate",
        "motherSignDate", "fatherSignDate", "delegatorSignDate", "delegateSignDate", "payDate",
    ]

    private mutating func checkDates() {
        for (first, second) in Self.ordered {
            guard let early = answers.date(first), let late = answers.date(second), late < early else {
                continue
            }
            add(second, .before(label: label(first)))
        }
        if let moment = answers.text("applyDateTime"), let date = answers.text("applyDate"),
            !moment.hasPrefix(date)
        {
            add("applyDateTime", .differs(label: label("applyDate")))
        }
        guard let today else { return }
        for key in Self.past where answers.date(key).map({ $0 > today }) ?? false { add(key, .inFuture) }
    }

    private mutating func checkChild() {
        // standards.md section 5: the sex that the relation implies is the child's.
        if let sex = answers.text("childSex"), ["1", "2"].contains(sex),
            let relation = answers.text("relationToHead"),
            let implied = codes.code(relation, in: "relation")?.sex, implied != sex
        {
            add("relationToHead", .sexDiffers)
        }
        // standards.md section 3: the child takes the ethnicity of one parent.
        if let parent = answers.text("childEthnicityFollows"), let own = answers.text("childEthnicity"),
            let taken = answers.text("\(parent)Ethnicity"), taken != own
        {
            add("childEthnicity", .differs(label: label("\(parent)Ethnicity")))
        }
    }

    /// 002 五(五)6: the pre-enrolment number is the mother's or the father's ID number with a mark for the
    /// child. It never blocks (policies.md section 3.9).
    private mutating func checkPreEnrolment() {
        guard let number = answers.text("preEnrolNo") else { return }
        let parents = ["motherIdNo", "fatherIdNo"].compactMap(answers.text)
        let isParents = parents.count < 2 || parents.contains(String(number.prefix(18)))
        if !isParents || !UsualForm.isPreEnrolmentNumber(number) { add("preEnrolNo", .oddPreEnrolment) }
    }

    private mutating func checkUsual(_ key: String, _ value: CBOR) {
        guard let field = dictionary.field(key) else { return }
        let number: Double? =
            switch value {
            case .unsigned(let number): Double(number)
            case .float(let number): number
            default: nil
            }
        if let number, let range = field.range, !range.contains(number) {
            add(key, .outOfRange(range))
        } else if let number, let usual = field.usual, !usual.contains(number) {
            add(key, .unusual(usual))
        }
        guard case .text(let text) = value else { return }
        switch (field.type, field.check) {
        case (.format(.phone), _) where !TextFormat.isMobile(text): add(key, .landLine)
        case (.format(.bankCard), _) where !UsualForm.hasLuhnSum(text): add(key, .noLuhnSum)
        case (_, .chineseName?) where !UsualForm.isChineseName(text): add(key, .notChineseName)
        case (_, .marriageCertNo?) where !UsualForm.isMarriageCertificate(text):
            add(key, .oldMarriageCertificate)
        default: break
        }
    }
}
