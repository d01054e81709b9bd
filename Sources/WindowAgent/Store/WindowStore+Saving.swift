package import Casework
import Foundation
import Persistence
package import SyncProtocol

/// Who saves, and how a repeated save is recognised.
package struct Saving: Hashable, Sendable {
    package let user: String
    /// Chosen by the page or command: a second save under it returns the first answer and writes nothing.
    package let saveID: String?
    /// The clock is in doubt: central has told another time.
    package let isDoubtful: Bool
    /// In a person's words.
    package let reason: String?

    /// Bytes of a save ID.
    package static let saveIDBytesMax = 64

    package init(user: String, saveID: String? = nil, isDoubtful: Bool = false, reason: String? = nil) {
        self.user = user
        self.saveID = saveID
        self.isDoubtful = isDoubtful
        self.reason = reason
    }
}

/// What a save answers: everything in it is on disk.
package struct Saved: Hashable, Sendable, Codable {
    package struct Case: Hashable, Sendable, Codable {
        package let id: String
        package let number: String?
        /// False if nothing differed from what stood there.
        package let isChanged: Bool
    }

    package let cases: [Case]
    /// What the clerk is to look at again; nil if nothing.
    package var warnings: [String]?
}

extension WindowStore {
    /// Registers the newborns of one delivery, each as a case of its own, linked with each other: one transaction. The cases
    /// name their policy, but no version of it: that is settled when they are accepted.
    package func newCases(_ newborns: [Answers], policy: Policy, _ saving: Saving) throws -> Saved {
        precondition(!newborns.isEmpty, "a delivery has a newborn")
        return try save(saving, request: SaveRequest(newborns, policy: policy, saving)) { now in
            guard let enrolment = try loadEnrolment() else { throw StoreError.notEnrolled }
            let ids = newborns.map { _ in
                CaseID(milliseconds: now, random: (environment.random(), environment.random()))
            }
            var cases: [Saved.Case] = []
            var warnings: Set<String> = []
            for (id, newborn) in zip(ids, newborns) {
                let number = try nextCaseNumber(of: enrolment, at: now)
                var answers = newborn.values
                answers["policyID"] = .text(policy.id)
                answers["caseHospital"] = .bytes(enrolment.hospital.record.bytes)
                answers["caseNumber"] = .text(number)
                if ids.count > 1 {
                    answers["linkedCases"] = .array(ids.filter { $0 != id }.map { .bytes($0.bytes) })
                }
                let edit = CaseEdit(dictionary: dictionary)
                let writes = try edit.writes(answers, by: author(saving, enrolment))
                warnings.formUnion(try confirmCertificates(writes, on: id))
                _ = try append(
                    try content(writes, on: CaseState(), saving, enrolment, at: now), to: id, savedAt: now)
                try refresh(id)
                cases.append(Saved.Case(id: id.description, number: number, isChanged: true))
            }
            return Saved(cases: cases, warnings: warnings.isEmpty ? nil : warnings.sorted())
        }
    }

    /// Saves answers of a case. Only the groups that differ are written, each replacing what the author saw.
    ///
    /// - Parameter seen: the dots that the page showed, by group; absent groups are taken as they stand now.
    package func edit(
        _ caseID: CaseID, _ answers: [String: CBOR], seen: [GroupID: [Dot]] = [:], _ saving: Saving
    ) throws -> Saved {
        try save(saving, request: SaveRequest(caseID, answers, seen: seen, saving)) { now in
            guard let enrolment = try loadEnrolment() else { throw StoreError.notEnrolled }
            let changes = try changes(of: caseID)
            let state = CaseState(folding: changes)
            guard state.count > 0 else { throw StoreError.unknownCase(caseID) }
            guard try !hasDeparted(caseID) else { throw StoreError.departed(caseID) }
            guard seen.values.joined().allSatisfy(state.seen.contains) else { throw StoreError.unknownDots }
            let writes = try CaseEdit(state, history: changes, dictionary: dictionary)
                .writes(answers, by: author(saving, enrolment), seen: seen)
            var warnings: [String] = []
            if !writes.isEmpty {
                warnings = try confirmCertificates(writes, on: caseID)
                let content = try content(writes, on: state, saving, enrolment, at: now)
                _ = try append(content, to: caseID, savedAt: now)
                try refresh(caseID)
            }
            return Saved(
                cases: [Saved.Case(id: caseID.description, number: nil, isChanged: !writes.isEmpty)],
                warnings: warnings.isEmpty ? nil : warnings)
        }
    }

    private func hasDeparted(_ caseID: CaseID) throws -> Bool {
        try database.first("SELECT 1 FROM departed WHERE case_id = ?", .blob(caseID.bytes)) {
            row throws(DatabaseError) in try row.integer(0)
        } != nil
    }

    private func author(_ saving: Saving, _ enrolment: Enrolment) -> Author {
        Author(role: .window, unit: enrolment.code, user: saving.user)
    }

    func content(
        _ writes: [GroupID: ChangeContent.Write], on state: CaseState, _ saving: Saving,
        _ enrolment: Enrolment,
        at now: UInt64
    ) throws -> ChangeContent {
        let (time, isDoubtful) = try tick(after: state, at: now)
        return ChangeContent(
            writes: writes, time: time, author: author(saving, enrolment),
            isDoubtful: saving.isDoubtful || isDoubtful, basis: basis(of: writes, on: state),
            reason: saving.reason)
    }

    /// A decision relies on all that was answered: it names the live dots of every group that clerks fill in.
    private func basis(of writes: [GroupID: ChangeContent.Write], on state: CaseState) -> [GroupID: [Dot]] {
        let decisions = ["decision", "acceptance"].compactMap { dictionary.group(named: $0)?.id }
        guard decisions.contains(where: { writes[$0] != nil }) else { return [:] }
        var basis: [GroupID: [Dot]] = [:]
        for (id, register) in state.registers where dictionary[id]?.isEntered ?? false && writes[id] == nil {
            basis[id] = register.dots
        }
        return basis
    }

    /// Hospital, day, counter of the day and three characters of the replica: made without a network, and not made twice
    /// by a store that was restored or copied.
    private func nextCaseNumber(of enrolment: Enrolment, at now: UInt64) throws -> String {
        let day = CalendarDate(milliseconds: now)
        let counter = try database.first(
            """
            INSERT INTO counter (day, value) VALUES (?, 1) ON CONFLICT (day) DO UPDATE SET value = value + 1
            RETURNING value
            """, .text(day.description)
        ) { row throws(DatabaseError) in try row.integer(0) }
        let replica = try openReplica().id
        let number = CaseNumber(
            hospital: enrolment.code, date: day, counter: Int(counter ?? 1), replica: replica)
        guard let number else { throw StoreError.damaged("the hospital's code") }
        return number.description
    }
}
