/// Hides most of a number on lists and notices (standards.md section 14.4): enough stays to recognise it beside the
/// paper, too little to use it. What is too short to keep that much is hidden whole.
package enum Masking: Hashable, Sendable {
    case documentNumber
    case phone
    case account

    /// `4503**********1234`, `199****0001`, and of an account the last four characters.
    package func masked(_ number: String) -> String {
        switch self {
        case .documentNumber: Self.keeping(first: 4, last: 4, of: number)
        case .phone: Self.keeping(first: 3, last: 4, of: number)
        case .account: Self.keeping(first: 0, last: 4, of: number)
        }
    }

    /// At least four characters are hidden.
    private static func keeping(first: Int, last: Int, of number: String) -> String {
        let hidden = number.count - first - last
        guard hidden >= 4 else { return String(repeating: "*", count: number.count) }
        return number.prefix(first) + String(repeating: "*", count: hidden) + number.suffix(last)
    }

    /// How a field is masked; nil for one that may stand on a notice as it is.
    package init?(_ field: Field) {
        switch field.typeName {
        case "idNo", "preEnrolNo": self = .documentNumber  // a pre-enrolment number begins with a parent's
        case "phone": self = .phone
        case "bankCard": self = .account
        default:
            guard Self.accountKeys.contains(field.key) else { return nil }
            self = .account
        }
    }

    /// Numbers that the dictionary holds as plain text.
    private static let accountKeys: Set<String> = [
        "deductAccountNo", "ssCardNo", "childInsuranceNo", "motherMarriageCertNo", "fatherMarriageCertNo",
    ]
}
