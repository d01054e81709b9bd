/// A part of a policy that only printing needs. Reading it takes as long as all the rules, so who only judges leaves it out.
package struct Printed<Element: Decodable & Hashable & Sendable>: Hashable, Sendable, Decodable {
    /// Empty if the policy was read for its rules only.
    package let list: [Element]

    package init(from decoder: any Decoder) throws {
        list = decoder.userInfo[.rulesOnly] == nil ? try [Element](from: decoder) : []
    }
}

extension CodingUserInfoKey {
    /// Set, with any value, to leave out what is printed.
    static let rulesOnly = Self("birthwindow.rulesOnly")

    private init(_ name: String) {
        guard let key = Self(rawValue: name) else { preconditionFailure("every text is a key") }
        self = key
    }
}
