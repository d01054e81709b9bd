package import Casework
import Persistence
import SyncProtocol

/// The handover of the second pages of certificates. Which were issued on which day is cached, so that no register folds a case.
extension WindowStore {
    /// The register of a quarter, as this window knows it; nil under a policy without a handover.
    ///
    /// Its cost grows with the certificates that were ever issued under the policy: each could be left over.
    package func handoverRegister(_ quarter: HandoverQuarter, of policy: Policy) throws -> HandoverRegister? {
        try freshen()
        return try policy.handover.map { try register(quarter, of: policy.id, by: $0.rule) }
    }

    /// Records in the hospital's record that a quarter was handed over, with the numbers of its register. A quarter that is
    /// recorded stays as it is: again is harmless.
    ///
    /// - Throws: ``Casework/HandoverRefusal`` for a day that it cannot have been, or for too many.
    package func recordHandover(
        _ quarter: HandoverQuarter, of policy: Policy, by rule: HandoverRule, on date: CalendarDate,
        _ saving: Saving
    ) throws -> Saved {
        let asked: [String: CBOR] = [
            "handoverPolicy": .text(policy.id), "handoverQuarter": .text(quarter.description),
            "handoverDate": .text(date.description),
        ]
        return try add(to: "handover", asked: asked, saving) { _ in
            let register = try register(quarter, of: policy.id, by: rule)
            guard register.handedOver == nil else { return [] }
            let isDoubtful = try saving.isDoubtful || isClockDoubtful()
            let today = CalendarDate(milliseconds: environment.milliseconds())
            let numbers = try register.numbers(handedOverOn: date, today: isDoubtful ? nil : today)
            return RecordedHandover(
                policy: policy.id, quarter: quarter, date: date, numbers: numbers,
                from: try loadEnrolment()?.name ?? rule.from, to: rule.to
            ).values
        }
    }

    private func register(
        _ quarter: HandoverQuarter, of policy: String, by rule: HandoverRule
    ) throws -> HandoverRegister {
        let record = try rules().record
        let certificates = try database.rows(
            """
            SELECT case_id, case_number, number, issued FROM issued_certificate
            WHERE policy = ? AND issued <= ? AND case_id NOT IN (SELECT case_id FROM departed)
            ORDER BY issued, case_id
            """, .text(policy), .text(rule.due(in: quarter).description)
        ) { row throws(DatabaseError) in try row.issuedCertificate() }
        return HandoverRegister(
            quarter, by: rule, certificates: certificates,
            handovers: record.handovers.filter { $0.policy == policy }, voids: Set(record.voids.map(\.number))
        )
    }

    /// Keeps on which day a case's certificate was issued while its cache is written, inside the caller's transaction.
    func refreshIssued(of caseID: CaseID, _ life: CaseLife) throws {
        try dropIssued(of: caseID)
        guard let policy = life.policy?.id, let issued = life.issuedCertificate(of: caseID) else { return }
        try database.execute(
            """
            INSERT INTO issued_certificate (policy, issued, case_id, number, case_number) VALUES (?, ?, ?, ?, ?)
            """,
            .text(policy), .text(issued.issued.description), .blob(caseID.bytes),
            issued.number.map { .name($0.description, order: "") } ?? .null, SQLiteValue(issued.caseNumber))
    }

    func dropIssued(of caseID: CaseID) throws {
        try database.execute("DELETE FROM issued_certificate WHERE case_id = ?", .blob(caseID.bytes))
    }
}

extension Rules {
    /// The newest version of each policy that the hospital offers and that has a handover.
    var handoverPolicies: [Policy] {
        policies.policies.filter { policy in
            let isOffered = record.offered.isEmpty || record.offered.contains(policy.id)
            return isOffered && policy.handover != nil && policies[policy.id]?.version == policy.version
        }
    }

    /// The handovers that come next, of those quarters that are not recorded: on or after a day, each once.
    func nextHandovers(from day: CalendarDate) -> [(quarter: HandoverQuarter, due: CalendarDate)] {
        handoverPolicies.compactMap { policy in
            guard let rule = policy.handover?.rule, let quarter = rule.quarter(issued: day) else {
                return nil
            }
            let isDone = record.handovers.contains { $0.policy == policy.id && $0.quarter == quarter }
            return isDone ? nil : (quarter, rule.due(in: quarter))
        }
    }
}

extension Row {
    /// `case_id, case_number, number, issued`.
    fileprivate borrowing func issuedCertificate() throws(DatabaseError) -> IssuedCertificate {
        guard let issued = CalendarDate(try text(3)) else { throw unexpected(3, wanted: "a day") }
        return IssuedCertificate(
            caseID: try caseID(0), caseNumber: try optionalText(1),
            number: try optionalText(2) == nil ? nil : CertificateNumber(try name(2)), issued: issued)
    }
}
