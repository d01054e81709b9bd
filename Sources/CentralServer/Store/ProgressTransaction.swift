package import Casework
package import SyncProtocol

/// What is made of the log for lists of what is due and for statistics, and when cases arrived.
package protocol ProgressTransaction {
    /// Replaces what is cached of how a case stands.
    func put(_ digest: ProgressDigest) throws(CentralError)
    /// Drops it: the case is in no hospital's scope.
    func dropProgress(of caseID: CaseID) throws(CentralError)
    /// Up to `countMax` cases of a hospital, or of all, after one, that something counts of on a day of the period or later.
    func facts(
        _ query: FactQuery, after: FactPlace?, countMax: Int
    ) throws(CentralError) -> [FactRecord]
    /// The cases of a hospital that have a limit on a day or later.
    func cases(of hospital: HospitalID, dueFrom day: Int) throws(CentralError) -> [CaseID]

    /// Up to `countMax` open items whose limit ends on a day or before, after one, by day, case and item.
    func openItems(
        _ query: OpenItemQuery, after: OpenItemRecord.Place?, countMax: Int
    ) throws(CentralError) -> [OpenItemRecord]
    /// How many there are, by department and hospital, told apart by whether their limit ended before a day.
    func openItemCounts(
        through day: Int, lateBefore: Int
    ) throws(CentralError) -> [OpenItemCount]

    /// Replaces the days off and settings that are cached of a record.
    ///
    /// - Returns: the first year whose days off are others than before; nil if none are.
    func putRules(of digest: RecordDigest) throws(CentralError) -> Int?
    /// The years of days off that a record holds, ascending.
    func calendars(of record: CaseID) throws(CentralError) -> [CalendarYear]
    func settings(of record: CaseID) throws(CentralError) -> [String: String]
    /// Certificates that were voided on the days of a range, by hospital and day.
    func voidCounts(on days: ClosedRange<Int>) throws(CentralError) -> [VoidCount]

    /// Notes once how long after its first save a case was here, in seconds.
    func noteArrival(of caseID: CaseID, lagSeconds: UInt64) throws(CentralError)
}

/// All that is cached of how a case stands.
package struct ProgressDigest: Hashable, Sendable {
    package let caseID: CaseID
    /// In whose scope it is.
    package let hospital: HospitalID
    package let facts: CaseFacts
    package let open: [OpenItem]
    /// The last day that any of its limits reaches.
    package let lastDue: Int

    package init(caseID: CaseID, hospital: HospitalID, facts: CaseFacts, open: [OpenItem], lastDue: Int) {
        (self.caseID, self.hospital, self.facts) = (caseID, hospital, facts)
        (self.open, self.lastDue) = (open, lastDue)
    }
}

/// Which facts are wanted: those of cases of which something counts on one of the days.
package struct FactQuery: Hashable, Sendable {
    package let days: ClosedRange<Int>
    package let hospital: HospitalID?

    package init(days: ClosedRange<Int>, hospital: HospitalID? = nil) {
        (self.days, self.hospital) = (days, hospital)
    }
}

/// Where a page of facts ends.
package struct FactPlace: Hashable, Sendable {
    package let lastDay: Int
    package let caseID: CaseID
}

/// The facts of a case.
package struct FactRecord: Hashable, Sendable {
    package let place: FactPlace
    package let hospital: HospitalID
    package let facts: CaseFacts
    /// Nil if it is not known how long it took to arrive.
    package let lagSeconds: Int?
}

/// Which open items are wanted.
package struct OpenItemQuery: Hashable, Sendable {
    package var department: String?
    package var hospital: HospitalID?
    /// The last day of the limit at most.
    package let through: Int

    package init(department: String? = nil, hospital: HospitalID? = nil, through: Int) {
        (self.department, self.hospital, self.through) = (department, hospital, through)
    }
}

/// An item of a case that has a limit and is not done.
package struct OpenItemRecord: Hashable, Sendable {
    /// Where a page ends.
    package struct Place: Hashable, Sendable {
        package let due: Int
        package let caseID: CaseID
        package let item: String

        package init(due: Int, caseID: CaseID, item: String) {
            (self.due, self.caseID, self.item) = (due, caseID, item)
        }
    }

    package let place: Place
    package let department: String
    package let hospital: HospitalID
    package let since: Int
    package let waits: OpenItem.Waits
}

/// How many items of a department and hospital are open.
package struct OpenItemCount: Hashable, Sendable {
    package let department: String
    package let hospital: HospitalID
    package let late: Int
    /// Those whose limit has not ended.
    package let due: Int
}

/// How many certificates a hospital voided on a day.
package struct VoidCount: Hashable, Sendable {
    package let record: CaseID
    package let day: Int
    package let count: Int
}
