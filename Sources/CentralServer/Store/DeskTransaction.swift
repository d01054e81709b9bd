import Cryptography
package import SyncProtocol

/// What waits for a person at central. Entries are made of the log and can be dropped and made again like every cache.
package protocol DeskTransaction {
    /// Replaces all entries of a case. Where nothing differs, nothing is written.
    func put(_ entries: [DeskEntry], of caseID: CaseID) throws(CentralError)
    /// The entries of a case, by kind and subject.
    func deskEntries(of caseID: CaseID) throws(CentralError) -> [DeskEntry]
    /// Up to `countMax` entries behind a place: the oldest first, or what most waits for first.
    func deskEntries(
        _ filter: DeskFilter, after: DeskEntry?, byWaiting: Bool, countMax: Int
    ) throws(CentralError) -> [DeskEntry]
    /// How many entries there are of each kind, hospital, assignee and age.
    ///
    /// - Parameter bands: three bounds, descending: what began after the first is band 0, and so on; before the last: band 3.
    func deskCounts(bands: [UInt64]) throws(CentralError) -> [DeskCount]

    /// The numbers of a case that other cases hold, too.
    func sharedNumbers(of caseID: CaseID) throws(CentralError) -> [NumberRecord]
    /// Up to `countMax` cases that hold a number, ascending.
    func holders(of number: NumberRecord, countMax: Int) throws(CentralError) -> [CaseID]

    /// Up to `countMax` of what came from a hospital, entered no case and is not rejected, the oldest first.
    func strays(of hospital: HospitalID, countMax: Int) throws(CentralError) -> [StrayName]
    func waiting(_ id: ContentID) throws(CentralError) -> WaitingRecord?
    /// Forgets that a change waits, because it is in the log now.
    func remove(waiting id: ContentID) throws(CentralError)
    func unreadable(_ id: ContentID) throws(CentralError) -> UnreadableRecord?
    /// Notes that what entered no case is rejected, if it is here.
    func settle(stray id: ContentID) throws(CentralError)
}

/// One thing that waits for a person at central.
package struct DeskEntry: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A group of which several values stand.
        case conflict
        /// A department's results that contradict each other.
        case result
        /// A change that was set aside by central's rules, or on which persons have contradicted each other.
        case aside
        /// A number that another case holds, too.
        case collision
        /// Cases that may be one child's.
        case duplicate
        /// A change without a valid receipt. It stands under its hospital's record.
        case stray
        /// A body that could not become a change. It stands under its hospital's record.
        case unreadable

        /// For staff.
        package var chinese: String {
            switch self {
            case .conflict: "内容不一致"
            case .result: "部门结果不一致"
            case .aside: "变更已搁置"
            case .collision: "编号重复"
            case .duplicate: "疑似重复办件"
            case .stray: "无有效回执的变更"
            case .unreadable: "不能读取的变更"
            }
        }
    }

    package let caseID: CaseID
    package let kind: Kind
    /// The group in 4 bytes, the content ID, the kind of the number: what tells entries of one case and kind apart.
    package let subject: [UInt8]
    /// When central first knew, milliseconds since 1970 by its clock.
    package let sinceMilliseconds: UInt64
    /// How much waits for it.
    package var waitingCount = 0
    /// Nil for what concerns no single group.
    package var group: GroupID?
    /// Nil if the case is in no hospital's scope.
    package var hospital: HospitalID?
    /// The account name of who works on the case; empty for nobody.
    package var assignee = ""
    /// The ID of the case's policy; empty while none shows.
    package var policy = ""

    package init(caseID: CaseID, kind: Kind, subject: [UInt8], sinceMilliseconds: UInt64) {
        (self.caseID, self.kind, self.subject) = (caseID, kind, subject)
        self.sinceMilliseconds = sinceMilliseconds
    }
}

/// Which entries are wanted; nil for any.
package struct DeskFilter: Hashable, Sendable {
    package var kind: DeskEntry.Kind?
    package var hospital: HospitalID?
    package var group: GroupID?
    /// Empty for what nobody works on.
    package var assignee: String?
    package var policy: String?
    /// What central has known since then or longer.
    package var sinceAtMost: UInt64?

    package init() {}
}

/// How many entries share these.
package struct DeskCount: Hashable, Sendable {
    package let kind: DeskEntry.Kind
    package let hospital: HospitalID?
    package let assignee: String
    /// 0 for the youngest, to 3.
    package let band: Int
    package let count: Int
}

/// What entered no case.
package struct StrayName: Hashable, Sendable {
    package let kind: DeskEntry.Kind
    package let id: ContentID
    package let milliseconds: UInt64
}

extension DeskEntry {
    /// The change that it is about; nil for an entry that is about no change.
    package var target: ContentID? { Digest(bytes: subject).map(ContentID.init) }
}
