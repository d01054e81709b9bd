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
}

extension WindowStore {
    /// Registers the newborns of one delivery, each as a case of its own, linked with each other: one transaction.
    package func newCases(_ newborns: [Answers], policy: Policy, _ saving: Saving) throws -> Saved {
        try save(saving) { now in
            guard let enrolment = try loadEnrolment() else { throw StoreError.notEnrolled }
            let ids = newborns.map { _ in
                CaseID(milliseconds: now, random: (environment.random(), environment.random()))
            }
            var cases: [Saved.Case] = []
            for (id, newborn) in zip(ids, newborns) {
                let number = try nextCaseNumber(of: enrolment, at: now)
                var answers = newborn.values
                answers["policyID"] = .text(policy.id)
                answers["policyVersion"] = .unsigned(UInt64(policy.version))
                answers["caseHospital"] = .bytes(enrolment.hospital.record.bytes)
                answers["caseNumber"] = .text(number)
                if ids.count > 1 {
                    answers["linkedCases"] = .array(ids.filter { $0 != id }.map { .bytes($0.bytes) })
                }
                let content = try content(answers, on: CaseState(), seen: [:], saving, enrolment, at: now)
                _ = try append(content, to: id, savedAt: now)
                try refresh(id)
                cases.append(Saved.Case(id: id.description, number: number, isChanged: true))
            }
            return Saved(cases: cases)
        }
    }

    /// Saves answers of a case. Only the groups that differ are written, each replacing what the author saw.
    ///
    /// - Parameter seen: the dots that the page showed, by group; absent groups are taken as they stand now.
    package func edit(
        _ caseID: CaseID, _ answers: [String: CBOR], seen: [GroupID: [Dot]] = [:], _ saving: Saving
    ) throws -> Saved {
        try save(saving) { now in
            guard let enrolment = try loadEnrolment() else { throw StoreError.notEnrolled }
            let state = CaseState(folding: try changes(of: caseID))
            guard state.count > 0 else { throw StoreError.unknownCase(caseID) }
            let content = try content(answers, on: state, seen: seen, saving, enrolment, at: now)
            let isChanged = !content.writes.isEmpty
            if isChanged {
                _ = try append(content, to: caseID, savedAt: now)
                try refresh(caseID)
            }
            return Saved(cases: [Saved.Case(id: caseID.description, number: nil, isChanged: isChanged)])
        }
    }

    /// One transaction that is carried out once for each save ID.
    private func save(_ saving: Saving, _ body: (UInt64) throws -> Saved) throws -> Saved {
        try write {
            let now = environment.milliseconds()
            if let id = saving.saveID, let earlier = try earlierAnswer(id) { return earlier }
            let saved = try body(now)
            if let id = saving.saveID {
                try database.execute(
                    "INSERT INTO save (id, answer, saved_at) VALUES (?, ?, ?)", .text(id),
                    .blob(Array(try JSONEncoder().encode(saved))), .integer(Int64(now)))
            }
            return saved
        }
    }

    private func earlierAnswer(_ saveID: String) throws -> Saved? {
        let answer = try database.first("SELECT answer FROM save WHERE id = ?", .text(saveID)) {
            row throws(DatabaseError) in try row.blob(0)
        }
        guard let answer else { return nil }
        return try JSONDecoder().decode(Saved.self, from: Data(answer))
    }

    private func content(
        _ answers: [String: CBOR], on state: CaseState, seen: [GroupID: [Dot]], _ saving: Saving,
        _ enrolment: Enrolment, at now: UInt64
    ) throws -> ChangeContent {
        let author = Author(role: .window, unit: enrolment.code, user: saving.user)
        let writes = try CaseEdit(state, dictionary: dictionary).writes(answers, by: author, seen: seen)
        let (time, steppedBack) = clock.tick(wallMilliseconds: now)
        return ChangeContent(
            writes: writes, time: time, author: author, isDoubtful: saving.isDoubtful || steppedBack,
            basis: basis(of: writes, on: state), reason: saving.reason)
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
