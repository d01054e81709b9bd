import Persistence

extension WindowSchema {
    /// What is personal, or tells of it, is sealed; the caches that hide numbers and hashes are made anew.
    static let seal = Migration(
        "0022-seal",
        SQLConnection.sealTables + [
            "DELETE FROM cache_maker",
            "DELETE FROM certificate_use",
            "DELETE FROM issued_certificate",
            "DELETE FROM attachment_name",
            "UPDATE case_cache SET is_stale = 1",
        ],
        work: { store throws(DatabaseError) in
            try sealLog(store) + sealSync(store) + sealLocal(store)
        })

    private static func sealLog(_ store: SQLConnection) throws(DatabaseError) -> Int {
        let changes = try store.resealByNumber(
            "SELECT number, content, chain, body, case_id FROM change WHERE number > ? ORDER BY number LIMIT ?",
            "UPDATE change SET content = ?, chain = ?, body = ? WHERE number = ?"
        ) {
            [
                $0[1].asDigest, $0[2].asDigest, $0[3].asSealed(.of($0[4].plainBytes, StoredChange.place)),
                $0[0],
            ]
        }
        // Whose case it is, only its body says, which is not looked into here.
        let renamed = try store.reseal(
            "SELECT content, body FROM renamed_change",
            "UPDATE renamed_change SET content = ?, body = ? WHERE content = ?"
        ) { [$0[0].asDigest, $0[1].asSealed(.store(StoredChange.place)), $0[0]] }
        let replicas = try store.reseal(
            "SELECT number, chain FROM replica", "UPDATE replica SET chain = ? WHERE number = ?"
        ) { [$0[1].asDigest, $0[0]] }
        let wiped = try store.reseal(
            "SELECT content FROM wiped_change", "UPDATE wiped_change SET content = ? WHERE content = ?"
        ) { [$0[0].asDigest, $0[0]] }
        let summaries = try store.reseal(
            "SELECT case_id, fingerprint, summary FROM case_cache",
            "UPDATE case_cache SET fingerprint = ?, summary = ? WHERE case_id = ?"
        ) { [$0[1].asDigest, $0[2].asSealed(.of($0[0].plainBytes, ListedRow.place)), $0[0]] }
        return changes + renamed + replicas + wiped + summaries
    }

    private static func sealSync(_ store: SQLConnection) throws(DatabaseError) -> Int {
        let state = try store.reseal(
            "SELECT chain, fingerprint, witness_chain, repair_head_chain FROM sync_state",
            "UPDATE sync_state SET chain = ?, fingerprint = ?, witness_chain = ?, repair_head_chain = ?"
        ) { $0.map(\.asDigest) }
        let entries = try store.reseal(
            "SELECT position, item FROM kept_entry", "UPDATE kept_entry SET item = ? WHERE position = ?"
        ) { [$0[1].asSealed(.store("kept_entry.item")), $0[0]] }
        let attachments = try store.reseal(
            "SELECT hash FROM attachment_backup", "UPDATE attachment_backup SET hash = ? WHERE hash = ?"
        ) { [$0[0].asDigest, $0[0]] }
        return state + entries + attachments
    }

    private static func sealLocal(_ store: SQLConnection) throws(DatabaseError) -> Int {
        let names = try store.reseal(
            "SELECT name FROM enrolment", "UPDATE enrolment SET name = ?"
        ) { [$0[0].asSealed(.store("enrolment.name"))] }
        let drafts = try store.reseal(
            "SELECT id, content FROM draft", "UPDATE draft SET content = ? WHERE id = ?"
        ) { [$0[1].asSealed(.store("draft.content")), $0[0]] }
        let saves = try store.reseal(
            "SELECT number, request, answer FROM save",
            "UPDATE save SET request = ?, answer = ? WHERE number = ?"
        ) { [$0[1].asDigest, $0[2].asSealed(.store("save.answer")), $0[0]] }
        return names + drafts + saves
    }
}
