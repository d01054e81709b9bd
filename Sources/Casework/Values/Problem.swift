/// What is wrong, or worth a second look, with one answer. It never carries the answer itself: sentences and logs
/// name the field only.
package enum Problem: Hashable, Sendable {
    // The file.
    case malformed(line: Int, column: Int)
    case repeatedKey(line: Int, column: Int)
    case tooLarge(bytesMax: Int)
    case tooDeep(depthMax: Int)
    case notAnObject
    case tooManySiblings(countMax: Int)
    case jurisdictionDisagrees
    case jurisdictionUnknown
    // The field.
    case unknownField
    case notEntered
    case ownedByDepartment
    // The value by itself.
    case wrongType(Expected)
    case tooLong(countMax: Int)
    case tooMany(countMax: Int)
    case controlCharacter
    case outOfRange(ClosedRange<Double>)
    case unknownCode
    case repeated
    case unknownPart
    case noSuchDate
    case badFormat(TextFormat)
    case badIDNumber(CitizenID.Fault)
    // The value beside others.
    case inFuture
    case before(label: String)
    case differs(label: String)
    case sexDiffers
    case notOffered
    case notChildOfHead
    case sameNumber(label: String)
    // Warnings.
    case unusual(ClosedRange<Double>)
    case landLine
    case notChineseName
    case oldMarriageCertificate
    case oddPreEnrolment
    case noLuhnSum
    case notFilled
    case unlike(label: String)
    case oddChildOfHead
    case oddSide
    case otherProvince(label: String)
    case noSuchProvince
    case unusualAge(ClosedRange<Int>)
    case spaceOrLatin
    case longAfter(label: String, days: Int)

    /// What should have stood there.
    package enum Expected: String, Hashable, Sendable {
        case text, wholeNumber, number, amount, yesOrNo, code, list, object, caseID, hash
    }

    /// An error blocks; a warning does not.
    package var isWarning: Bool {
        switch self {
        case .unusual, .landLine, .notChineseName, .oldMarriageCertificate, .oddPreEnrolment,
            .noLuhnSum, .notFilled, .unlike, .oddChildOfHead, .oddSide, .otherProvince, .noSuchProvince,
            .unusualAge, .spaceOrLatin, .longAfter:
            true
        default: false
        }
    }
}

/// One problem at one place of a case file or form, with the sentences to show.
package struct Fault: Hashable, Sendable, Error {
    /// The field's key, or the name as the file has it if no such field exists, or empty for the file itself.
    package let key: String
    /// The field's Chinese label; empty with an unknown field.
    package let label: String
    package let problem: Problem
    /// 0 is the first newborn of the delivery, 1 its first sibling.
    package let newborn: Int

    package init(key: String, label: String, problem: Problem, newborn: Int = 0) {
        self.key = key
        self.label = label
        self.problem = problem
        self.newborn = newborn
    }

    package var isWarning: Bool { problem.isWarning }

    /// The sentence for the clerk.
    package var chinese: String {
        let name = label.isEmpty ? (key.isEmpty ? "办件文件" : "“\(key)”") : label
        let child = newborn == 0 ? "" : "第\(newborn + 1)名新生儿："
        return problem == .notFilled ? "\(child)请填写\(name)。" : "\(child)\(name)\(problem.chinese)"
    }

    /// The sentence for the technician.
    package var english: String {
        let child = newborn == 0 ? "" : "siblings[\(newborn - 1)]: "
        return "\(child)\(key.isEmpty ? "case file" : key): \(problem.english)"
    }
}
