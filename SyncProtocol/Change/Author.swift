/// On whose behalf a change was written. It decides which fields the change may write.
package enum Role: UInt8, Hashable, Sendable, CaseIterable {
    case window = 0
    case central = 1
    case department = 2
}

/// Who wrote a change: a role, the unit it belongs to, and the user's account name (never a person's name).
package struct Author: Hashable, Sendable {
    package let role: Role
    /// The hospital's code for a window, the department's code for a department, empty for central.
    package let unit: String
    package let user: String

    package init(role: Role, unit: String, user: String) {
        self.role = role
        self.unit = unit
        self.user = user
    }
}

/// The number of a field group in the one append-only dictionary of all regions (DESIGN section 5).
package struct GroupID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package var description: String { String(rawValue) }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
