package import SyncProtocol

/// A birth certificate that was issued under rules with a handover, as the register needs it.
package struct IssuedCertificate: Hashable, Sendable {
    package let caseID: CaseID
    /// Nil while the case shows none.
    package let caseNumber: String?
    /// Nil while nobody has written it down.
    package let number: CertificateNumber?
    /// The day of issue.
    package let issued: CalendarDate

    package init(
        caseID: CaseID, caseNumber: String?, number: CertificateNumber?, issued: CalendarDate
    ) {
        (self.caseID, self.caseNumber, self.number, self.issued) = (caseID, caseNumber, number, issued)
    }
}

/// What the hospital's record says of one handover. Several of one quarter add up.
package struct RecordedHandover: Hashable, Sendable {
    /// The ID of the policy whose rule it follows.
    package let policy: String
    package let quarter: HandoverQuarter
    package let date: CalendarDate
    package let numbers: [CertificateNumber]
    package let from: String
    package let to: String

    /// Numbers in one value of the record: what a change holds, with room for the rest.
    package static let numbersMax = 5000

    package init(
        policy: String, quarter: HandoverQuarter, date: CalendarDate, numbers: [CertificateNumber],
        from: String,
        to: String
    ) {
        (self.policy, self.quarter, self.date, self.numbers) = (policy, quarter, date, numbers)
        (self.from, self.to) = (from, to)
    }

    /// The values of the group `handover`, by key: one at least, and each within what a change holds.
    package var values: [[String: CBOR]] {
        let starts = stride(from: 0, to: max(1, numbers.count), by: Self.numbersMax)
        return starts.map { start in
            let part = numbers[start..<min(numbers.count, start + Self.numbersMax)]
            let words = part.map(\.description).joined(separator: " ")
            return [
                "handoverPolicy": .text(policy), "handoverQuarter": .text(quarter.description),
                "handoverDate": .text(date.description), "handoverFrom": .text(from), "handoverTo": .text(to),
                "handoverNumbers": part.isEmpty ? .null : .text(words),
            ]
        }
    }
}

/// The register of the second pages 副页 that are handed over for one quarter (永福 一(二)1(4); policies.md section 1.9).
///
/// Laws: a number stands in it once. A quarter that was recorded shows exactly what was recorded. A number that some
/// recorded handover has stands in no other register; one that none has, and that is not voided, stands in the register
/// of every open quarter from that of its day of issue on, so that none is lost.
package struct HandoverRegister: Hashable, Sendable {
    package let quarter: HandoverQuarter
    /// The day of handing over.
    package let due: CalendarDate
    /// The days of issue that belong to the quarter.
    package let days: ClosedRange<CalendarDate>
    /// The day on which it was handed over; nil if that is not recorded.
    package let handedOver: CalendarDate?
    /// By their numbers.
    package let rows: [Row]
    /// Certificates of this quarter that were found after it had been handed over: they are left over for the next one.
    package let later: [Row]
    /// Certificates of the quarter whose numbers nobody has written down.
    package let unnumbered: [IssuedCertificate]

    /// A certificate whose second page is handed over.
    package struct Row: Hashable, Sendable {
        package let number: CertificateNumber
        /// Nil if its case is not here.
        package let caseNumber: String?
        /// The day of issue; nil if its case is not here.
        package let issued: CalendarDate?
        /// It was issued in an earlier quarter and not handed over then.
        package let isLeftOver: Bool
    }

    /// - Parameters:
    ///   - certificates: all of the hospital that were issued up to the day of handing over; others are passed over.
    ///   - handovers: those of the same policy.
    ///   - voids: the numbers of voided certificates.
    package init(
        _ quarter: HandoverQuarter, by rule: HandoverRule, certificates: [IssuedCertificate],
        handovers: [RecordedHandover], voids: Set<CertificateNumber>
    ) {
        let days = rule.issueDays(in: quarter)
        (self.quarter, self.days, due) = (quarter, days, days.upperBound)
        let own = handovers.filter { $0.quarter == quarter }
        handedOver = own.map(\.date).min()
        unnumbered = certificates.filter { $0.number == nil && days.contains($0.issued) }
        let known = Self.first(of: certificates.filter { $0.issued <= days.upperBound })
        let recorded = Set(own.flatMap(\.numbers))
        let elsewhere = Set(handovers.filter { $0.quarter != quarter }.flatMap(\.numbers))
        func row(_ number: CertificateNumber) -> Row {
            let issued = known[number]?.issued
            return Row(
                number: number, caseNumber: known[number]?.caseNumber, issued: issued,
                isLeftOver: issued.map { $0 < days.lowerBound } ?? false)
        }
        let open = known.keys.filter {
            !recorded.contains($0) && !elsewhere.contains($0) && !voids.contains($0)
        }.sorted().map(row)
        rows = own.isEmpty ? open : recorded.sorted().map(row)
        later = own.isEmpty ? [] : open.filter { !$0.isLeftOver }
    }

    /// Of two cases with one number the one that was issued first.
    private static func first(of certificates: [IssuedCertificate]) -> [CertificateNumber: IssuedCertificate]
    {
        var known: [CertificateNumber: IssuedCertificate] = [:]
        for certificate in certificates {
            guard let number = certificate.number else { continue }
            if let other = known[number],
                (other.issued, other.caseID) <= (certificate.issued, certificate.caseID)
            {
                continue
            }
            known[number] = certificate
        }
        return known
    }

    /// How many were issued in an earlier quarter.
    package var leftOverCount: Int { rows.count(where: \.isLeftOver) }

    /// What is recorded when the quarter is handed over; what was issued after that day stays for the next one.
    ///
    /// - Parameters:
    ///   - today: nil while the clock is in doubt.
    /// - Throws: ``HandoverRefusal``.
    package func numbers(
        handedOverOn day: CalendarDate, today: CalendarDate?
    ) throws(HandoverRefusal) -> [CertificateNumber] {
        if day < days.lowerBound { throw .tooEarly(first: days.lowerBound) }
        if let today, day > today { throw .future }
        let numbers = rows.filter { $0.issued.map { $0 <= day } ?? false }.map(\.number)
        guard numbers.count <= PaperContent.entriesMax else { throw .tooMany }
        return numbers
    }

    /// What stands on the printed register.
    ///
    /// - Parameters:
    ///   - from: who hands over: the hospital.
    ///   - to: who receives.
    package func content(from: String, to: String) -> PaperContent.Handover {
        let leftOver = leftOverCount == 0 ? "" : "，含以前季度补交 \(leftOverCount) 份"
        let issued = "\(days.lowerBound.inChinese)至\(days.upperBound.inChinese)签发"
        return PaperContent.Handover(
            period: "\(quarter.inChinese)（\(issued)\(leftOver)）", from: from, to: to,
            certificates: rows.map(\.number.description))
    }
}

/// Why a handover cannot be recorded.
package enum HandoverRefusal: Error, Hashable, Sendable {
    /// The quarter's first day of issue is later.
    case tooEarly(first: CalendarDate)
    case future
    /// More certificates than one register holds.
    case tooMany

    /// The sentence for the clerk.
    package var chinese: String {
        switch self {
        case .tooEarly(let first): "交接日期不能早于本季度第一个签发日（\(first.inChinese)）。"
        case .future: "交接日期不能晚于今天。"
        case .tooMany: "一次交接最多 \(PaperContent.entriesMax) 份，请先登记较早季度的交接。"
        }
    }
}

extension HandoverQuarter {
    /// `2025年第三季度`.
    package var inChinese: String { "\(year)年第\(["一", "二", "三", "四"][quarter - 1])季度" }
}

extension CaseLife {
    /// The certificate of this case, if it was issued under rules with a handover and the case goes on.
    package func issuedCertificate(of caseID: CaseID) -> IssuedCertificate? {
        guard ![.withdrawn, .merged, .erased].contains(stage), let policy, let handover = policy.handover,
            let item = policy.item(handover.item), let result = ItemResult(item, state, dictionary),
            result.outcome == .done, let issued = result.date
        else { return nil }
        // Of several numbers that the case shows, the one that was issued.
        let number = answers.text("birthCertNo") ?? result.number
        return IssuedCertificate(
            caseID: caseID, caseNumber: answers.text("caseNumber"),
            number: number.flatMap { CertificateNumber($0) }, issued: issued)
    }
}
