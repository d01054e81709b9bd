package import SyncProtocol

/// The birth certificates of one hospital: which it was given, which are used and voided, and which come next (DESIGN
/// section 7).
///
/// Laws: every number of the ranges is exactly one of remaining, voided, or used and not voided; what ``refusal(of:on:)``
/// lets pass is in no other case and not voided.
package struct CertificateStock: Hashable, Sendable {
    /// By their first numbers.
    package let ranges: [CertificateRange]
    private let uses: [CertificateNumber: [CertificateUse]]
    private let voids: [CertificateNumber: VoidedCertificate]

    /// Remaining certificates at which a warning is due, where the hospital's settings say nothing.
    package static let lowCountDefault = 20

    /// - Parameter uses: all of them, or only those of the numbers that are asked about.
    package init(
        ranges: [CertificateRange], uses: some Sequence<CertificateUse>, voids: [VoidedCertificate]
    ) {
        self.ranges = ranges.sorted { ($0.first, $0.last) < ($1.first, $1.last) }
        self.uses = Dictionary(grouping: Set(uses), by: \.number)
            .mapValues { $0.sorted { $0.caseID < $1.caseID } }
        self.voids = Dictionary(voids.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether the hospital was given any: where it was not, its certificates come from elsewhere.
    package var isAssigned: Bool { !ranges.isEmpty }

    /// Numbers that were given to the hospital, each counted once.
    package var assignedCount: Int { Self.union(of: ranges).reduce(0) { $0 + $1.count } }

    /// Numbers of the ranges that a case holds and that are not voided.
    package var usedCount: Int { uses.keys.count { isInRange($0) && voids[$0] == nil } }

    /// Numbers of the ranges that are voided.
    package var voidedCount: Int { voids.keys.count(where: isInRange) }

    package var remainingCount: Int { assignedCount - usedCount - voidedCount }

    /// The lowest number that is neither used nor voided, of the range that was given first; nil if none is left.
    package var next: CertificateNumber? {
        let taken = Set(uses.keys).union(voids.keys).sorted()
        for range in ranges.sorted(by: Self.isGivenBefore) {
            var candidate: CertificateNumber? = range.first
            for number in taken where number == candidate { candidate = number.advanced(by: 1) }
            if let candidate, candidate <= range.last { return candidate }
        }
        return nil
    }

    /// Whether so few are left that new ones must be fetched. Never where none were ever given.
    package func isLow(at count: Int) -> Bool { isAssigned && remainingCount <= count }

    /// Numbers that more than one case holds, ascending.
    package var usedTwice: [Trouble] { troubles { uses[$0].map { $0.count > 1 } ?? false } }

    /// Numbers that a case holds although the hospital was not given them, ascending; none where it was given none.
    package var usedOutside: [Trouble] { isAssigned ? troubles { !isInRange($0) } : [] }

    /// Numbers that are voided and that a case holds, ascending.
    package var voidedAndUsed: [Trouble] { troubles { voids[$0] != nil } }

    /// A number that a person must look at, and the cases that hold it.
    package struct Trouble: Hashable, Sendable {
        package let number: CertificateNumber
        /// By their IDs.
        package let uses: [CertificateUse]
    }

    /// Why a number may not be written into a case; nil if it may. The same number on the same case again is fine.
    ///
    /// - Parameter caseID: the case; nil for a new one.
    package func refusal(of number: CertificateNumber, on caseID: CaseID? = nil) -> CertificateRefusal? {
        let uses = uses[number] ?? []
        if uses.contains(where: { $0.caseID == caseID }) { return nil }
        if voids[number] != nil { return .voided }
        if let other = uses.first { return .used(caseNumber: other.caseNumber) }
        return isAssigned && !isInRange(number) ? .outside : nil
    }

    package func void(of number: CertificateNumber) -> VoidedCertificate? { voids[number] }

    package func uses(of number: CertificateNumber) -> [CertificateUse] { uses[number] ?? [] }

    private func isInRange(_ number: CertificateNumber) -> Bool { ranges.contains { $0.contains(number) } }

    private func troubles(where isTrouble: (CertificateNumber) -> Bool) -> [Trouble] {
        uses.keys.filter(isTrouble).sorted().map { Trouble(number: $0, uses: uses[$0] ?? []) }
    }

    private static func isGivenBefore(_ left: CertificateRange, _ right: CertificateRange) -> Bool {
        (left.date?.description ?? "", left.first) < (right.date?.description ?? "", right.first)
    }

    /// The same numbers in ranges that do not overlap.
    private static func union(of ranges: [CertificateRange]) -> [(first: CertificateNumber, count: Int)] {
        var union: [(first: CertificateNumber, count: Int)] = []
        var covered: CertificateNumber?
        for range in ranges {
            var first = range.first
            if let covered, covered >= first, covered.distance(to: first) != nil {
                guard let next = covered.advanced(by: 1) else { continue }
                first = next
            }
            if let distance = first.distance(to: range.last), distance >= 0 {
                union.append((first, distance + 1))
                covered = range.last
            }
        }
        return union
    }
}

/// A certificate's number as a case holds it.
package struct CertificateUse: Hashable, Sendable {
    package let number: CertificateNumber
    package let caseID: CaseID
    /// Nil while the case shows none.
    package let caseNumber: String?

    package init(number: CertificateNumber, caseID: CaseID, caseNumber: String?) {
        (self.number, self.caseID, self.caseNumber) = (number, caseID, caseNumber)
    }
}

/// A certificate that was spoiled or lost, and must not be used.
package struct VoidedCertificate: Hashable, Sendable {
    package let number: CertificateNumber
    /// In a person's words.
    package let reason: String
    package let date: CalendarDate?

    package init(number: CertificateNumber, reason: String, date: CalendarDate?) {
        (self.number, self.reason, self.date) = (number, reason, date)
    }
}

/// Why a certificate's number may not be written into a case.
package enum CertificateRefusal: Error, Hashable, Sendable {
    /// The hospital was given other numbers.
    case outside
    /// Another case holds it.
    case used(caseNumber: String?)
    case voided

    /// The sentence for the clerk. It names the case by its number only, and no person.
    package var chinese: String {
        switch self {
        case .outside: "出生医学证明编号不在本院领用的号段内，请核对纸质证件上的编号。"
        case .used(let number?): "出生医学证明编号已用于办件 \(number)，请核对纸质证件上的编号。"
        case .used(nil): "出生医学证明编号已用于另一办件，请核对纸质证件上的编号。"
        case .voided: "出生医学证明编号已作废，不能使用，请换用未使用的证件。"
        }
    }

    /// The sentence for the technician.
    package var english: String {
        switch self {
        case .outside: "birthCertNo: not in the ranges of this hospital; see: birthwindow stock list"
        case .used: "birthCertNo: another case holds it"
        case .voided: "birthCertNo: it is voided"
        }
    }

    /// What is said where a number passes only because the hospital was given none.
    package static let unassignedWarning = "本院尚未登记出生医学证明领用号段，未核对该编号，请与纸质证件逐字核对。"
}

extension CaseState {
    /// The certificates that a case holds: every standing value, also of a conflict. None once it is merged into another,
    /// which then holds them.
    package func certificates(in dictionary: FieldDictionary) -> [CertificateNumber] {
        guard answer("mergedInto", in: dictionary) == nil else { return [] }
        return Set(texts("birthCertNo", in: dictionary).compactMap { CertificateNumber($0) }).sorted()
    }

    /// What stands under a key in any of the standing values, each once, ascending.
    package func texts(_ key: String, in dictionary: FieldDictionary) -> [String] {
        guard let place = dictionary.place(of: key) else { return [] }
        let texts = (registers[place.group.id]?.standing ?? []).compactMap { standing -> String? in
            guard standing.value.indices.contains(place.index),
                case .text(let text) = standing.value[place.index]
            else { return nil }
            return text
        }
        return Set(texts).sorted()
    }
}
