/// What one of several processes over one database does for all of them. The numbers are those of its locks, and stay.
package enum Duty: Int32, Hashable, Sendable, CaseIterable {
    /// Looking through the attachments.
    case scrub = 1
    /// Making a backup.
    case backup = 2
}

/// Which process does what only one has to do. Real in two ways: a process that is alone, and several over a shared database.
package protocol Duties: Sendable {
    /// Whether a duty is this process's now. Who has one keeps it until it gives it back, ends, or loses the database.
    ///
    /// What a duty guards must be harmless if it is done twice: a process that lost the database learns of it a moment later.
    func take(_ duty: Duty) async -> Bool
    /// Gives a duty back that it took.
    func giveBack(_ duty: Duty) async
}

/// The duties of a process that is alone.
package struct SoleDuties: Duties {
    package init() {}
    package func take(_ duty: Duty) async -> Bool { true }
    package func giveBack(_ duty: Duty) async {}
}
