package import Casework
import Persistence
import SyncProtocol

/// What this window goes by: the policies, calendars, certificates and settings of its hospital's record and of central's own.
package struct Rules: Hashable, Sendable {
    /// Those that came with the program and those that central published.
    package let policies: PolicyLibrary
    /// The years that were published, ascending.
    package let calendarYears: [CalendarYear]
    /// The working days: of the years that were published, and of the others as the program knows them.
    package let calendar: WorkCalendar
    /// What in the record cannot be used, for the technician.
    package let faults: [String]
    package let record: HospitalRecordView
    /// The hospital's record; nil before the window is enrolled.
    let recordID: CaseID?

    init(
        _ record: HospitalRecordView, of recordID: CaseID?, shipped: PolicyLibrary, earlier: Rules? = nil
    ) {
        self.record = record
        self.recordID = recordID
        calendarYears = record.calendars
        calendar = record.calendars.reduce(.standard) { $0.adding($1) }
        // Most changes of a record publish no policy.
        if let earlier, earlier.record.policies == record.policies {
            policyFaults = earlier.policyFaults
            policies =
                earlier.record.withdrawn == record.withdrawn
                ? earlier.policies : earlier.policies.withdrawing(record.withdrawn.keys)
        } else {
            let added = shipped.adding(record.policies)
            (policies, policyFaults) = (added.library.withdrawing(record.withdrawn.keys), added.faults)
        }
        faults = record.faults + policyFaults.map(\.description)
    }

    private let policyFaults: [PolicyError]

    /// The stock of certificates, as far as these uses tell.
    func stock(_ uses: [CertificateUse]) -> CertificateStock {
        CertificateStock(ranges: record.ranges, uses: uses, voids: record.voids)
    }
}

extension WindowStore {
    /// What the hospital's record says now.
    package func rules() throws -> Rules {
        if let rules = memory.rules { return rules }
        let id = try loadEnrolment()?.hospital.record
        let rules = Rules(try recordView(of: id), of: id, shipped: shipped)
        memory.rules = rules
        return rules
    }

    /// What the hospital's record and central's own say together.
    private func recordView(of id: CaseID?) throws -> HospitalRecordView {
        let own = try id.map { try changes(of: $0) } ?? []
        return HospitalRecordView(
            CaseState(folding: own), central: CaseState(folding: try changes(of: .centralRecord)),
            dictionary: dictionary)
    }

    /// Takes over what a record says that has changed, inside the caller's transaction. What was made of cases by policies
    /// that are others now is marked as stale.
    func refreshRules(_ caseID: CaseID) throws {
        let earlier = try rules()
        guard caseID == earlier.recordID || caseID == .centralRecord else { return }
        memory.accounts = nil
        let rules = Rules(
            try recordView(of: earlier.recordID), of: earlier.recordID, shipped: shipped, earlier: earlier)
        memory.rules = rules
        if rules.policies != earlier.policies {
            try database.execute("UPDATE case_cache SET is_stale = 1 WHERE open_policy IS NOT NULL")
        }
        if rules.calendar != earlier.calendar {
            // Other days off move what is due.
            try database.execute("UPDATE case_cache SET is_stale = 1 WHERE stage = 'accepted'")
        }
        try refreshErased(earlier.record.erasures, rules.record.erasures)
    }

    /// Makes the caches anew that newer policies, or a newer program, have made stale. Between two pages other calls go on
    /// only if the caller lets them.
    func freshen() throws {
        while true {
            let page = try database.rows(
                "SELECT case_id FROM case_cache WHERE is_stale = 1 ORDER BY case_id LIMIT ?",
                .integer(Self.casesPerRebuildPage)
            ) { row throws(DatabaseError) in try row.caseID(0) }
            if page.isEmpty { return }
            try write { for id in page { try refreshOrDrop(id) } }
        }
    }
}
