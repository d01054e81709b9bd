import Casework
package import Cryptography
import Persistence
package import SyncProtocol

/// Pages of materials, and which case names which attachment.
extension WindowStore {
    /// Adds pages to a case, whose files must be kept already: a change that names a file is never without it.
    ///
    /// - Parameter alsoLinked: the linked cases get them, too: one paper of the parents serves all their newborns.
    /// - Throws: ``StoreError/tooManyPages`` for more than ``Casework/CasePage/perCaseMax``.
    func addPages(
        _ pages: [CasePage], to caseID: CaseID, alsoLinked: Bool = false, _ saving: Saving
    ) throws -> Saved {
        let request = SaveRequest(caseID, adding: pages, alsoLinked: alsoLinked, saving)
        return try save(saving, request: request) { now in
            guard let enrolment = try loadEnrolment() else { throw StoreError.notEnrolled }
            let cases = [caseID] + (alsoLinked ? try siblings(of: caseID) : [])
            return Saved(
                cases: try cases.map { id in
                    let (state, history) = try openCase(id)
                    let shown = CasePage.all(of: Answers(state: state, dictionary: dictionary))
                    guard shown.count + pages.count <= CasePage.perCaseMax else {
                        throw StoreError.tooManyPages
                    }
                    let edit = CaseEdit(state, history: history, dictionary: dictionary)
                    let writes = edit.adding(pages)
                    _ = try write(writes, to: id, state, saving, enrolment, at: now)
                    return Saved.Case(id: id.description, number: nil, isChanged: !writes.isEmpty)
                })
        }
    }

    /// Takes a file out of a material of a case. Its bytes stay, and so does the history.
    func removePage(
        _ hash: Digest, from material: String, of caseID: CaseID, _ saving: Saving
    ) throws -> Saved {
        let request = SaveRequest(caseID, removing: hash, from: material, saving)
        return try save(saving, request: request) { now in
            guard let enrolment = try loadEnrolment() else { throw StoreError.notEnrolled }
            let (state, history) = try openCase(caseID)
            let edit = CaseEdit(state, history: history, dictionary: dictionary)
            let writes = edit.removing(hash.bytes, from: material)
            guard !writes.isEmpty else { throw StoreError.unknownPage }
            _ = try write(writes, to: caseID, state, saving, enrolment, at: now)
            return Saved(cases: [Saved.Case(id: caseID.description, number: nil, isChanged: true)])
        }
    }

    /// Whether any change of a case names an attachment, also one that was set aside or taken back.
    package func names(_ hash: Digest, in caseID: CaseID) throws -> Bool {
        try freshen()
        return try database.first(
            "SELECT 1 FROM attachment_name WHERE hash = ? AND case_id = ?", .digest(hash.bytes),
            .blob(caseID.bytes)
        ) { row throws(DatabaseError) in try row.integer(0) } != nil
    }

    /// Whether any change of any case names an attachment.
    package func names(_ hash: Digest) throws -> Bool {
        try freshen()
        return try database.first(
            "SELECT 1 FROM attachment_name WHERE hash = ? LIMIT 1", .digest(hash.bytes)
        ) { row throws(DatabaseError) in try row.integer(0) } != nil
    }

    /// Notes what the changes of a case name. Most changes leave that as it is: then nothing is written.
    func refreshAttachments(of caseID: CaseID, _ changes: [Change]) throws {
        var named: Set<[UInt8]> = []
        for change in changes { named.formUnion(dictionary.attachments(in: change.content?.writes ?? [:])) }
        let known = Set(
            try database.rows("SELECT hash FROM attachment_name WHERE case_id = ?", .blob(caseID.bytes)) {
                row throws(DatabaseError) in try row.digestBytes(0)
            })
        for hash in known.subtracting(named) {
            try database.execute(
                "DELETE FROM attachment_name WHERE hash = ? AND case_id = ?", .digest(hash),
                .blob(caseID.bytes))
        }
        for hash in named.subtracting(known) {
            try database.execute(
                "INSERT INTO attachment_name (hash, case_id) VALUES (?, ?)", .digest(hash),
                .blob(caseID.bytes))
        }
    }
}
