/// What a recovery found in a journal, and what it lacks.
package struct RecoveryReport: Hashable, Sendable, Codable {
    /// Records of the journal that are damaged.
    package struct Damage: Hashable, Sendable, Codable {
        /// The number of the segment's file.
        package let segment: Int
        package let records: [UInt64]
    }

    /// Changes of one replica of this window that the journal lacks. Central sends those that it has.
    package struct Gap: Hashable, Sendable, Codable {
        package let replica: String
        package let first: UInt64
        package let last: UInt64
    }

    package var journal = ""
    package var hospital: String?
    package var cases = 0
    package var changes = 0
    /// Of them this window's own.
    package var ownChanges = 0
    package var drafts = 0
    package var attachments = 0
    /// When the latest change was saved, milliseconds since 1970.
    package var latestAt: UInt64 = 0
    package var damaged: [Damage] = []
    /// Files that end in a write that was cut short: nothing of it had been told to be there.
    package var tornSegments = 0
    /// Segments that others go on from and that are missing, or shorter than they were: their IDs.
    package var missingSegments: [String] = []
    package var damagedDrafts = 0
    package var gaps: [Gap] = []
    /// Whether the computer is the same to central as before; if not, it has to be enrolled anew.
    package var hasDeviceKey = false
    package var isDryRun = false

    package init() {}

    /// Whether everything that the journal was told to keep was there.
    package var isWhole: Bool {
        damaged.isEmpty && missingSegments.isEmpty && damagedDrafts == 0 && gaps.isEmpty
    }
}
