package import Cryptography
package import SyncProtocol

/// Where the same child is looked for in two cases, and what was found. All of it is made of the log and can be dropped.
package protocol DuplicateTransaction {
    /// What was looked at of a case; nil for one that has nothing to be found by.
    func duplicateCase(_ caseID: CaseID) throws(CentralError) -> DuplicateCase?
    /// Replaces what was looked at, and the tokens by which the case is found.
    func put(_ record: DuplicateCase, tokens: [[UInt8]]) throws(CentralError)
    /// Up to `countMax` cases that are found by a token, by ID.
    func cases(foundBy token: [UInt8], countMax: Int) throws(CentralError) -> [CaseID]

    /// Up to `countMax` pairs of a case, by the other's ID.
    func duplicatePairs(of caseID: CaseID, countMax: Int) throws(CentralError) -> [DuplicatePair]
    func duplicatePair(_ cases: CasePair) throws(CentralError) -> DuplicatePair?
    /// Adds a pair or replaces it.
    func put(_ pair: DuplicatePair) throws(CentralError)
    func dropDuplicatePair(_ cases: CasePair) throws(CentralError)
    /// Up to `countMax` pairs after one, the oldest first: the queue of those who settle them.
    func duplicatePairs(
        _ filter: DuplicateFilter, after: DuplicatePlace?, countMax: Int
    ) throws(CentralError) -> [DuplicatePair]
}

/// Two cases, the one with the smaller ID first: the same whichever of the two is named first.
package struct CasePair: Hashable, Sendable {
    package let first: CaseID
    package let second: CaseID

    package init(_ one: CaseID, _ other: CaseID) { (first, second) = (min(one, other), max(one, other)) }

    package func other(than caseID: CaseID) -> CaseID { first == caseID ? second : first }
}

/// Two cases that look like one child.
package struct DuplicatePair: Hashable, Sendable {
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// A person has to look at it.
        case open
        /// A person has said that they are two children.
        case dismissed
        /// One of them goes on as another case.
        case merged
        /// Each goes on as the other, or round through others: people who could not see each other have merged them. A person takes
        /// one of the merges back; until then no department is asked for either.
        case circular
    }

    package let cases: CasePair
    /// From 0, where only a person found them alike, to 100.
    package let score: Int
    /// The codes of the rules and doubts.
    package let codes: [String]
    package let state: State

    package init(cases: CasePair, score: Int, codes: [String], state: State) {
        (self.cases, self.score, self.codes, self.state) = (cases, score, codes, state)
    }

    /// Since when there are two: when the later of the cases was registered, by its window's clock.
    package var sinceMilliseconds: UInt64 { max(cases.first.milliseconds, cases.second.milliseconds) }

    package var place: DuplicatePlace { DuplicatePlace(sinceMilliseconds: sinceMilliseconds, cases: cases) }
}

/// A place in the list of pairs.
package struct DuplicatePlace: Hashable, Sendable {
    package let sinceMilliseconds: UInt64
    package let cases: CasePair

    package init(sinceMilliseconds: UInt64, cases: CasePair) {
        (self.sinceMilliseconds, self.cases) = (sinceMilliseconds, cases)
    }
}

/// Which pairs are listed.
package struct DuplicateFilter: Hashable, Sendable {
    package var state = DuplicatePair.State.open
    package var scoreMin = 0
    /// Of this hospital: it has one of the cases.
    package var hospital: HospitalID?
    /// By this rule.
    package var code: String?

    package init() {}
}

/// What was looked at of a case.
package struct DuplicateCase: Hashable, Sendable {
    package let caseID: CaseID
    /// Over the dots of the groups that are compared: while it stays, nothing has changed that matters here.
    package let fingerprint: Digest
    /// The case as which this one goes on; nil if it goes on as itself, or if that is in conflict.
    package let mergedInto: CaseID?

    package init(caseID: CaseID, fingerprint: Digest, mergedInto: CaseID?) {
        (self.caseID, self.fingerprint, self.mergedInto) = (caseID, fingerprint, mergedInto)
    }
}
