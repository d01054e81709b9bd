import SyncProtocol

/// What standards.md says about answers as a whole: ID numbers, dates and sexes that must agree, and what is
/// merely unusual. The rules are national; nothing here belongs to one region.
package struct AnswerChecks {
    let answers: Answers
    let dictionary: FieldDictionary
    let codes: CodeLists
    let today: CalendarDate?
    let newborn: Int
    let newbornCount: Int
    private var found: [Fault] = []

    /// All faults and warnings, in the dictionary's order of fields. Without a day nothing is in the future.
    /// - Parameter newbornCount: how many newborns of one delivery are entered together; one tells nothing of siblings.
    package static func faults(
        in answers: Answers, today: CalendarDate?, newborn: Int = 0, newbornCount: Int = 1,
        dictionary: FieldDictionary = .standard, codes: CodeLists = .standard
    ) -> [Fault] {
        var checks = Self(
            answers: answers, dictionary: dictionary, codes: codes, today: today, newborn: newborn,
            newbornCount: newbornCount)
        checks.run()
        let order = dictionary.groups.flatMap(\.members).map(\.key)
        return order.flatMap { key in checks.found.filter { $0.key == key } }
    }

    private mutating func run() {
        for document in Document.all { check(document) }
        checkDifferentPeople()
        checkDates()
        checkDischarge()
        checkChild()
        checkDelivery()
        checkHousehold()
        checkParents()
        checkProvinces()
        checkNotFilled()
        checkPreEnrolment()
        for (key, value) in answers.values { checkUsual(key, value) }
    }

    mutating func add(_ key: String, _ problem: Problem) {
        found.append(Fault(key: key, label: label(key), problem: problem, newborn: newborn))
    }

    func label(_ key: String) -> String { dictionary.field(key)?.label ?? key }
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
        guard let text = answers.text(document.number), isIdentityCard(document.type) else { return }
        do {
            check(try CitizenID(text), of: document)
        } catch {
            add(document.number, .badIDNumber(error))
        }
    }

    /// Whether the document is an ID card, as it is where its type is not asked or not answered.
    func isIdentityCard(_ typeKey: String?) -> Bool {
        let identityCard = "01"  // list idType
        return typeKey.flatMap(answers.text) ?? identityCard == identityCard
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

// Numbers of two people.

extension AnswerChecks {
    /// Numbers that cannot be the same, because they are two people's: the second is at fault.
    private static let different = [
        ("motherIdNo", "fatherIdNo"), ("motherIdNo", "childIdNo"), ("fatherIdNo", "childIdNo"),
        ("motherIdNo", "delegateIdNo"), ("delegatorIdNo", "delegateIdNo"),
    ]

    private mutating func checkDifferentPeople() {
        for (first, second) in Self.different {
            guard let number = answers.text(first), answers.text(second) == number else { continue }
            add(second, .sameNumber(label: label(first)))
        }
    }
}
