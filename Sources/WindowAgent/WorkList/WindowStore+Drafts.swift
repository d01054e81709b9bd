import Persistence
import SyncProtocol

/// A draft as a list shows it.
package struct KeptDraft: Hashable, Sendable {
    package let id: String
    package let content: [UInt8]
    /// Milliseconds since 1970.
    package let keptAt: UInt64
}

extension WindowStore {
    /// The drafts whose names begin in one way, the last kept first; there are ``draftsMax`` at most.
    func drafts(named prefix: String) throws -> [KeptDraft] {
        try database.rows(
            "SELECT id, content, kept_at FROM draft WHERE id >= ? AND id < ? ORDER BY id",
            .text(prefix), .text(prefix + "~")
        ) { row throws(DatabaseError) in
            KeptDraft(
                id: try row.text(0), content: try row.sealed(1, "draft.content"),
                keptAt: UInt64(clamping: try row.integer(2)))
        }.sorted { ($0.keptAt, $0.id) > ($1.keptAt, $1.id) }
    }

    /// The sections of a case with something typed that is not saved.
    func sectionDrafts(of caseID: CaseID) throws -> Set<Int> {
        let prefix = "\(SectionDraft.casePrefix)\(caseID)-"
        return Set(
            try database.rows(
                "SELECT id FROM draft WHERE id >= ? AND id < ? ORDER BY id", .text(prefix),
                .text(prefix + "~")
            ) { row throws(DatabaseError) in try row.text(0) }.compactMap { Int($0.dropFirst(prefix.count)) })
    }
}
