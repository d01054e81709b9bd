import Casework
import SyncProtocol

/// Numbers that were made or used offline and do not fit together.
extension StockDesk {
    /// A number that a person must look at.
    struct Collision: Hashable, Sendable {
        enum Kind: String, Hashable, Sendable {
            case certificateTwice = "certificate-twice"
            case caseNumberTwice = "case-number-twice"
            case noticeNumberTwice = "notice-number-twice"
            /// A case of a hospital holds a certificate that this hospital was not given.
            case outsideRange = "outside-range"
            case voidedAndUsed = "voided-and-used"
        }

        let kind: Kind
        let number: String
        var holders: [Holder]
    }

    /// A case that holds a number.
    struct Holder: Hashable, Sendable {
        let caseID: CaseID
        let caseNumber: String?
        /// Codes of the hospitals in whose scope the case is.
        let hospitals: [String]
    }

    /// What does not fit, up to a count of each kind.
    ///
    /// Numbers that are used twice or were voided are found by their keys. Whether a number is outside the ranges is seen
    /// by going through all certificates, page by page, so that nobody waits behind it.
    func collisions(countMax: Int) async throws(CentralError) -> [Collision] {
        var collisions: [Collision] = []
        for (kind, named) in [
            (NumberRecord.Kind.certificate, Collision.Kind.certificateTwice), (.case, .caseNumberTwice),
            (.notice, .noticeNumberTwice),
        ] {
            collisions += try await shared(kind, as: named, countMax: countMax)
        }
        collisions += try await voided(countMax: countMax)
        collisions += try await outside(countMax: countMax)
        return collisions
    }

    private func shared(
        _ kind: NumberRecord.Kind, as named: Collision.Kind, countMax: Int
    ) async throws(CentralError) -> [Collision] {
        try await store.read { transaction throws(CentralError) in
            var collisions: [Collision] = []
            var last: NumberUse?
            while true {
                let page = try transaction.sharedNumbers(of: kind, after: last, countMax: countMax)
                let holders = try Holders(of: page.map(\.caseID), in: transaction)
                for use in page {
                    if collisions.last?.number != use.number {
                        if collisions.count == countMax { return collisions }
                        collisions.append(Collision(kind: named, number: use.number, holders: []))
                    }
                    collisions[collisions.count - 1].holders.append(holders[use.caseID])
                }
                guard page.count == countMax, let end = page.last else { return collisions }
                last = end
            }
        }
    }

    private func voided(countMax: Int) async throws(CentralError) -> [Collision] {
        try await store.read { transaction throws(CentralError) in
            let uses = try transaction.voidedUses(countMax: Self.usesPerPage)
            let holders = try Holders(of: uses.map(\.caseID), in: transaction)
            var collisions: [Collision] = []
            for use in uses {
                if collisions.last?.number != use.number {
                    if collisions.count == countMax { break }
                    collisions.append(Collision(kind: .voidedAndUsed, number: use.number, holders: []))
                }
                collisions[collisions.count - 1].holders.append(holders[use.caseID])
            }
            return collisions
        }
    }

    private func outside(countMax: Int) async throws(CentralError) -> [Collision] {
        let ranges = try await allRanges()
        guard !ranges.isEmpty else { return [] }
        var collisions: [Collision] = []
        var last: NumberUse?
        while collisions.count < countMax {
            let after = last
            let (page, found) = try await store.read { transaction throws(CentralError) in
                let page = try transaction.certificateUses(after: after, countMax: Self.usesPerPage)
                let places = try CasePlaces(of: page.map(\.caseID), in: transaction)
                let outside = page.filter { Self.isOutside($0, ranges, places) }.prefix(countMax)
                let holders = try Holders(of: outside.map(\.caseID), in: transaction)
                let found = outside.map { use in
                    Collision(kind: .outsideRange, number: use.number, holders: [holders[use.caseID]])
                }
                return (page, found)
            }
            collisions += found
            guard page.count == Self.usesPerPage else { break }
            last = page.last
        }
        return Array(collisions.prefix(countMax))
    }

    /// By record.
    private func allRanges() async throws(CentralError) -> [CaseID: [CertificateRange]] {
        try await store.read { transaction throws(CentralError) in
            var ranges: [CaseID: [CertificateRange]] = [:]
            var last: HeldRange?
            while true {
                let page = try transaction.ranges(after: last, countMax: Self.usesPerPage)
                for held in page { ranges[held.record, default: []].append(held.range) }
                guard page.count == Self.usesPerPage else { return ranges }
                last = page.last
            }
        }
    }

    /// Nobody who has the case was given the number, but somebody who has it was given others.
    private static func isOutside(
        _ use: NumberUse, _ ranges: [CaseID: [CertificateRange]], _ places: CasePlaces
    ) -> Bool {
        guard let number = CertificateNumber(use.number) else { return false }
        let held = places[use.caseID].flatMap { ranges[$0.id.record] ?? [] }
        return !held.isEmpty && !held.contains { $0.contains(number) }
    }

    /// What is told of the cases that hold numbers.
    private struct Holders {
        private let places: CasePlaces
        private let numbers: [CaseID: String]

        init(of cases: [CaseID], in transaction: any CentralTransaction) throws(CentralError) {
            places = try CasePlaces(of: cases, in: transaction)
            numbers = try transaction.caseNumbers(of: Array(Set(cases)))
        }

        subscript(caseID: CaseID) -> Holder {
            Holder(
                caseID: caseID, caseNumber: numbers[caseID], hospitals: places[caseID].map(\.code))
        }
    }
}
