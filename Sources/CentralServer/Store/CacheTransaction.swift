package import Cryptography
package import SyncProtocol

/// What is made of the log and can be dropped and made again at any time: it decides nothing that the log does not say.
package protocol CacheTransaction {
    func summary(of caseID: CaseID) throws(CentralError) -> CaseSummary?
    /// Replaces all that is cached of one case.
    ///
    /// - Returns: the numbers that it holds now and did not, or the reverse.
    func put(_ digest: CaseDigest) throws(CentralError) -> Set<NumberRecord>
    func dropCaches() throws(CentralError)
    /// The fingerprint of the program that made the caches; nil if that is not known.
    func cacheMaker() throws(CentralError) -> Digest?
    func setCacheMaker(_ fingerprint: Digest) throws(CentralError)

    /// Up to `countMax` cases, newest first, of those older than one; of one hospital or of all. Archived ones are left out.
    func summaries(
        before: CaseID?, in hospital: HospitalID?, countMax: Int
    ) throws(CentralError) -> [CaseSummary]
    /// Up to `countMax` groups in conflict after one, by case and group.
    func conflicts(
        after: (caseID: CaseID, group: GroupID)?, countMax: Int
    ) throws(CentralError) -> [ConflictRecord]
    /// Up to `countMax` changes set aside after one, by case and content ID.
    func asides(
        after: (caseID: CaseID, id: ContentID)?, countMax: Int
    ) throws(CentralError) -> [AsideRecord]
    /// The change that carried a department's result with this ID.
    func result(_ id: String, of department: String) throws(CentralError) -> ContentID?
}

/// What the fold of a case amounts to, in numbers.
package struct CaseSummary: Hashable, Sendable {
    package let caseID: CaseID
    package let changeCount: Int
    package let fingerprint: Fingerprint
    package let conflictCount: Int
    package let asideCount: Int
    package let forkedCount: Int
    /// The latest time that a standing value was written at, milliseconds since 1970.
    package let lastMilliseconds: UInt64

    package init(
        caseID: CaseID, changeCount: Int, fingerprint: Fingerprint, conflictCount: Int, asideCount: Int,
        forkedCount: Int, lastMilliseconds: UInt64
    ) {
        self.caseID = caseID
        self.changeCount = changeCount
        self.fingerprint = fingerprint
        self.conflictCount = conflictCount
        self.asideCount = asideCount
        self.forkedCount = forkedCount
        self.lastMilliseconds = lastMilliseconds
    }
}

/// All that is cached of one case.
package struct CaseDigest: Hashable, Sendable {
    package let summary: CaseSummary
    /// The place of the case in a verify.
    package let lastTime: HybridTime
    package let conflicts: [ConflictRecord]
    package let asides: [AsideRecord]
    package let tasks: [TaskRecord]
    package let results: [ResultRecord]
    /// Each once.
    package let numbers: [NumberRecord]
    package let course: CourseRecord

    package init(
        summary: CaseSummary, lastTime: HybridTime, conflicts: [ConflictRecord], asides: [AsideRecord],
        tasks: [TaskRecord], results: [ResultRecord], numbers: [NumberRecord], course: CourseRecord
    ) {
        self.summary = summary
        self.lastTime = lastTime
        self.conflicts = conflicts
        self.asides = asides
        self.tasks = tasks
        self.results = results
        (self.numbers, self.course) = (numbers, course)
    }
}

/// A field group that waits for a person.
package struct ConflictRecord: Hashable, Sendable {
    package let caseID: CaseID
    package let group: GroupID
    /// The dots of the values that stand, ascending.
    package let dots: [Dot]

    package init(caseID: CaseID, group: GroupID, dots: [Dot]) {
        self.caseID = caseID
        self.group = group
        self.dots = dots
    }
}

/// A change that is left out of the fold.
package struct AsideRecord: Hashable, Sendable {
    package let caseID: CaseID
    package let id: ContentID
    package let reasons: [String]
    /// The dots of the live verdicts, ascending.
    package let dots: [Dot]

    package init(caseID: CaseID, id: ContentID, reasons: [String], dots: [Dot]) {
        self.caseID = caseID
        self.id = id
        self.reasons = reasons
        self.dots = dots
    }
}

/// A department's result and the change that carried it.
package struct ResultRecord: Hashable, Sendable {
    package let department: String
    package let resultID: String
    package let change: ContentID

    package init(department: String, resultID: String, change: ContentID) {
        self.department = department
        self.resultID = resultID
        self.change = change
    }
}
