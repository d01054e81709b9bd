import SyncProtocol

// What is unusual about the parents.

extension AnswerChecks {
    /// Years of age at the child's birth, within which nobody asks twice.
    private static let usualAges = [("mother", 14...55), ("father", 16...80)]

    mutating func checkParents() {
        for (parent, ages) in Self.usualAges {
            if let (key, age) = ageAtBirth(of: parent), !ages.contains(age) { add(key, .unusualAge(ages)) }
            let name = "\(parent)Name"
            if isIdentityCard("\(parent)IdType"), let text = answers.text(name),
                UsualForm.hasSpaceOrLatin(text)
            {
                add(name, .spaceOrLatin)
            }
        }
        // The spouses' certificates bear the same number.
        if let mothers = answers.text("motherMarriageCertNo"),
            let fathers = answers.text("fatherMarriageCertNo"), mothers != fathers
        {
            add("fatherMarriageCertNo", .unlike(label: label("motherMarriageCertNo")))
        }
    }

    /// A parent's full years at the child's birth, from the best answer there is, with that answer's key.
    private func ageAtBirth(of parent: String) -> (key: String, age: Int)? {
        if let birth = answers.date("birthDate") {
            let (number, date) = ("\(parent)IdNo", "\(parent)BirthDate")
            // A number that is wrong is told where it is judged.
            if isIdentityCard("\(parent)IdType"), let text = answers.text(number),
                let id = try? CitizenID(text)
            {
                return (number, id.birthDate.fullYears(on: birth))
            }
            if let own = answers.date(date) { return (date, own.fullYears(on: birth)) }
        }
        let stated = "\(parent)Age"
        guard case .unsigned(let age)? = answers[stated], let age = Int(exactly: age) else { return nil }
        return (stated, age)
    }
}
