package import Casework
package import SyncProtocol

/// What is cached of hospitals' records, and the numbers that are in use: it can be dropped and made again like every cache.
package protocol RecordTransaction {
    /// Replaces all that is cached of one record.
    ///
    /// - Returns: whether other policies are published there than before.
    func put(_ digest: RecordDigest) throws(CentralError) -> Bool

    /// Every version of a policy that is published anywhere, each with one record that holds it.
    func publishedPolicies() throws(CentralError) -> [PublishedPlace]
    /// The records that hold a version of a policy, ascending.
    func records(holding policy: PolicyName) throws(CentralError) -> [CaseID]

    /// The ranges of one record, ascending.
    func ranges(of record: CaseID) throws(CentralError) -> [CertificateRange]
    /// All ranges that share a number with one, ascending.
    func ranges(overlapping range: CertificateRange) throws(CentralError) -> [HeldRange]
    /// Up to `countMax` ranges of all records after one, page by page, by record.
    func ranges(after: HeldRange?, countMax: Int) throws(CentralError) -> [HeldRange]

    /// The certificates from one number through another that cases hold, by number and case.
    func uses(
        from first: CertificateNumber, through last: CertificateNumber
    ) throws(CentralError) -> [NumberUse]
    /// Up to `countMax` certificates that cases hold after one, page by page: equal numbers follow each other.
    func certificateUses(after: NumberUse?, countMax: Int) throws(CentralError) -> [NumberUse]
    /// Up to `countMax` voided certificates after one, page by page.
    func voids(after: HeldVoid?, countMax: Int) throws(CentralError) -> [HeldVoid]
    /// Up to `countMax` numbers of a kind that several cases hold after one, page by page: equal numbers follow each other.
    func sharedNumbers(
        of kind: NumberRecord.Kind, after: NumberUse?, countMax: Int
    ) throws(CentralError) -> [NumberUse]
    /// The numbers that a case holds, by kind and number.
    func numbers(of caseID: CaseID) throws(CentralError) -> [NumberRecord]
}

/// A number that only one case may hold.
package struct NumberRecord: Hashable, Comparable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case certificate
        /// Of the case itself.
        case `case`
        case notice
    }

    package let kind: Kind
    package let number: String

    package init(kind: Kind, number: String) { (self.kind, self.number) = (kind, number) }

    /// By kind and number.
    package static func < (left: Self, right: Self) -> Bool {
        (left.kind.rawValue, left.number) < (right.kind.rawValue, right.number)
    }
}

/// A number and a case that holds it.
package struct NumberUse: Hashable, Sendable {
    package let number: String
    package let caseID: CaseID

    package init(number: String, caseID: CaseID) { (self.number, self.caseID) = (number, caseID) }
}

/// A voided certificate and the hospital that voided it.
package struct HeldVoid: Hashable, Sendable {
    package let number: CertificateNumber
    package let record: CaseID

    package init(number: CertificateNumber, record: CaseID) { (self.number, self.record) = (number, record) }
}

/// A version of a policy and a record that holds it.
package struct PublishedPlace: Hashable, Sendable {
    package let id: String
    package let version: Int
    package let record: CaseID

    package init(id: String, version: Int, record: CaseID) {
        (self.id, self.version, self.record) = (id, version, record)
    }
}

/// A range of certificates and the hospital that was given it.
package struct HeldRange: Hashable, Sendable {
    package let record: CaseID
    package let range: CertificateRange

    package init(record: CaseID, range: CertificateRange) { (self.record, self.range) = (record, range) }
}

/// All that is cached of a hospital's record, beside its code and name.
package struct RecordDigest: Hashable, Sendable {
    package let record: CaseID
    package let policies: [PolicyName]
    package let withdrawn: [PolicyName]
    package let ranges: [CertificateRange]
    package let voids: [CertificateNumber]
    /// The days (since 1970-01-01) on which they were voided, as far as they are known.
    package var voidDays: [CertificateNumber: Int] = [:]
    /// Ascending.
    package var calendars: [CalendarYear] = []
    package var settings: [String: String] = [:]

    package init(
        record: CaseID, policies: [PolicyName], withdrawn: [PolicyName], ranges: [CertificateRange],
        voids: [CertificateNumber]
    ) {
        self.record = record
        (self.policies, self.withdrawn) = (policies, withdrawn)
        self.ranges = ranges
        self.voids = voids
    }
}
