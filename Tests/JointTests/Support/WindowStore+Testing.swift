import Casework
import Persistence
import SyncProtocol

@testable import WindowAgent

extension Saving {
    static let clerk = Saving(user: "clerk")
}

func group(_ name: String) throws -> GroupID {
    guard let group = FieldDictionary.standard.group(named: name) else { throw Broken(name) }
    return group.id
}

extension WindowStore {
    /// Registers one newborn and tells its case.
    func register(_ name: String = "甲") throws -> CaseID {
        guard let policy = PolicyLibrary.standard["gx-yongfu"] else { throw Broken("the policy") }
        let saved = try newCases([Answers(["childName": .text(name)])], policy: policy, .clerk)
        guard let id = saved.cases.first.flatMap({ CaseID($0.id) }) else { throw Broken("no case") }
        return id
    }

    func note(_ text: String, on caseID: CaseID) throws {
        _ = try edit(caseID, ["note": .text(text)], .clerk)
    }

    func addPages(_ pages: [CasePage], to caseID: CaseID) throws {
        _ = try addPages(pages, to: caseID, .clerk)
    }

    /// Closes a case, as if all of it were done.
    func close(_ caseID: CaseID) throws {
        _ = try forge(
            [try group("closing"): ChangeContent.Write(value: [.text("2026-09-30"), .null], replaces: [])],
            on: caseID)
    }

    /// Writes what no page of this window would: another party's change under its own name.
    func forge(_ writes: [GroupID: ChangeContent.Write], on caseID: CaseID, role: Role = .window) throws
        -> Change
    {
        try write {
            let change = try append(
                ChangeContent(
                    writes: writes, time: HybridTime(milliseconds: environment.milliseconds()),
                    author: Author(role: role, unit: "police", user: "x")),
                to: caseID, savedAt: environment.milliseconds())
            try refresh(caseID)
            return change
        }
    }

    /// Every change that is here.
    func wholeLog() throws -> [Change] {
        try database.rows("SELECT replica, sequence, body, content FROM change ORDER BY number") {
            row throws(DatabaseError) in try StoredChange(row)
        }.map { try $0.change }
    }

    /// Own changes that the feed has not shown.
    func unplacedCount() throws -> Int64 {
        try number("SELECT count(*) FROM change WHERE own_replica IS NOT NULL AND position IS NULL")
    }

    func number(_ sql: StaticString) throws -> Int64 {
        try database.first(sql) { row throws(DatabaseError) in try row.integer(0) } ?? 0
    }

    func execute(_ sql: StaticString) throws { try database.execute(sql) }

    /// Puts somebody else's change into the log, with a receipt.
    func plant(_ change: Change, _ receipt: Receipt) throws {
        try write {
            try insert(change, own: nil, receipt: receipt, savedAt: environment.milliseconds())
            try refresh(change.caseID)
        }
    }
}
