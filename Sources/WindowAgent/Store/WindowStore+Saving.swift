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
        /// The number of the paper that was issued with it.
        package var notice: String?
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
                let number = try nextNumber(of: enrolment, on: CalendarDate(milliseconds: now))
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
            for id in ids { warnings.formUnion(try duplicateWarnings(of: id)) }
            return Saved(cases: cases, warnings: warnings.isEmpty ? nil : warnings.sorted())
        }
    }

    /// Saves answers of a case. Only the groups that differ are written, each replacing what the author saw.
    ///
    /// - Parameters:
    ///   - seen: the dots that the page showed, by group; absent groups are taken as they stand now.
    ///   - alsoLinked: what siblings have in common is written to all linked cases, too, as these stand now.
    package func edit(
        _ caseID: CaseID, _ answers: [String: CBOR], seen: [GroupID: [Dot]] = [:], alsoLinked: Bool = false,
        _ saving: Saving
    ) throws -> Saved {
        let request = SaveRequest(caseID, answers, seen: seen, alsoLinked: alsoLinked, saving)
        return try save(saving, request: request) { now in
            guard let enrolment = try loadEnrolment() else { throw StoreError.notEnrolled }
            let (state, history) = try openCase(caseID)
            guard seen.values.joined().allSatisfy(state.seen.contains) else { throw StoreError.unknownDots }
            let edit = CaseEdit(state, history: history, dictionary: dictionary)
            let writes = try edit.writes(answers, by: author(saving, enrolment), seen: seen)
            var warnings = try write(writes, to: caseID, state, saving, enrolment, at: now)
            if !writes.isEmpty { warnings += try duplicateWarnings(of: caseID, before: state) }
            var cases = [Saved.Case(id: caseID.description, number: nil, isChanged: !writes.isEmpty)]
            for sibling in alsoLinked ? try siblings(of: state, but: caseID) : [] {
                cases.append(try editSibling(sibling, answers, saving, enrolment, at: now))
            }
            return Saved(cases: cases, warnings: warnings.isEmpty ? nil : warnings)
        }
    }

    /// Writes what siblings have in common. Lists of papers are added to what is there.
    private func editSibling(
        _ caseID: CaseID, _ answers: [String: CBOR], _ saving: Saving, _ enrolment: Enrolment, at now: UInt64
    ) throws -> Saved.Case {
        let (state, history) = try openCase(caseID)
        let shared = answers.filter { dictionary.place(of: $0.key)?.group.isSharedBySiblings ?? false }
        let added = shared.filter { dictionary.place(of: $0.key)?.group.rule == .union }
        let edit = CaseEdit(state, history: history, dictionary: dictionary)
        let replaced = shared.filter { added[$0.key] == nil }
        let writes = try edit.writes(replaced, by: author(saving, enrolment))
            .merging(try edit.additions(added)) { $1 }
        _ = try write(writes, to: caseID, state, saving, enrolment, at: now)
        return Saved.Case(id: caseID.description, number: nil, isChanged: !writes.isEmpty)
    }

    /// The linked cases that this store holds, that still belong here and go on as themselves.
    package func siblings(of caseID: CaseID) throws -> [CaseID] {
        try siblings(of: try state(of: caseID), but: caseID)
    }

    private func siblings(of state: CaseState, but caseID: CaseID) throws -> [CaseID] {
        guard case .array(let linked)? = Answers(state: state, dictionary: dictionary)["linkedCases"] else {
            return []
        }
        let ids = linked.compactMap { if case .bytes(let bytes) = $0 { CaseID(bytes: bytes) } else { nil } }
        return try ids.filter { id in
            guard id != caseID, try !hasDeparted(id) else { return false }
            let state = CaseState(folding: try changes(of: id))
            return state.count > 0 && state.erasedCount == 0
                && CaseMerger(state, dictionary: dictionary) == nil
        }
    }

    /// A case that may be written to, with its changes.
    func openCase(_ caseID: CaseID) throws -> (state: CaseState, history: [Change]) {
        let history = try changes(of: caseID)
        let state = CaseState(folding: history)
        guard state.count > 0, caseID != .centralRecord else { throw StoreError.unknownCase(caseID) }
        guard try !hasDeparted(caseID) else { throw StoreError.departed(caseID) }
        if state.erasedCount > 0 { throw StoreError.erased(caseID) }
        if let merger = CaseMerger(state, dictionary: dictionary) { throw StoreError.merged(merger) }
        return (state, history)
    }

    /// Appends one change of these writes, unless there are none.
    ///
    /// - Returns: what the clerk is to be warned of.
    /// - Throws: ``StoreError/certificate(_:)`` for a certificate's number that may not be used.
    func write(
        _ writes: [GroupID: ChangeContent.Write], to caseID: CaseID, _ state: CaseState, _ saving: Saving,
        _ enrolment: Enrolment, at now: UInt64
    ) throws -> [String] {
        guard !writes.isEmpty else { return [] }
        let warnings = try confirmCertificates(writes, on: caseID)
        _ = try append(try content(writes, on: state, saving, enrolment, at: now), to: caseID, savedAt: now)
        try refresh(caseID)
        return warnings
    }

    func author(_ saving: Saving, _ enrolment: Enrolment) -> Author {
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
            isDoubtful: saving.isDoubtful || isDoubtful,
            basis: CaseEdit(state, dictionary: dictionary).basis(of: writes),
            reason: saving.reason)
    }

    /// The number of a case or notice: hospital, day, counter of the day and three characters of the replica. Made without a network, and
    /// not made twice by a store that was restored or copied.
    func nextNumber(of enrolment: Enrolment, on day: CalendarDate) throws -> String {
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
