import Casework
import Cryptography
import Persistence
import SyncProtocol

/// What central has in a verified backup, and what may therefore go from here.
extension WindowStore {
    /// Notes what an answer tells of central's verified backups, inside the caller's transaction.
    func noteBackups(_ response: ExchangeResponse) throws {
        if response.backedUpPosition > 0 {
            try database.execute(
                """
                INSERT INTO feed_backup (id, position) VALUES (1, ?) ON CONFLICT (id)
                DO UPDATE SET position = excluded.position WHERE feed_backup.position < excluded.position
                """, .integer(Int64(clamping: response.backedUpPosition)))
        }
        for hash in response.backedUpAttachments {
            try database.execute(
                "INSERT INTO attachment_backup (hash) VALUES (?) ON CONFLICT DO NOTHING", .digest(hash.bytes))
        }
    }

    /// Central went back in time: its backups are asked about anew.
    func forgetBackups() throws {
        try database.execute("DELETE FROM feed_backup")
        try database.execute("DELETE FROM attachment_backup")
    }

    /// Cases that left before a time, milliseconds since 1970, and whose every change, the departure too, the feed shows at a place
    /// that is in a verified backup. The first that left first.
    func wipeableCases(leftBefore time: UInt64, limit: Int) throws -> [CaseID] {
        try database.rows(
            """
            SELECT d.case_id FROM departed AS d
            WHERE d.departed_at <= ? AND d.position <= (SELECT position FROM feed_backup)
                AND EXISTS (SELECT 1 FROM change WHERE case_id = d.case_id)
                AND NOT EXISTS (
                    SELECT 1 FROM change AS c WHERE c.case_id = d.case_id
                        AND (c.position IS NULL OR c.position > (SELECT position FROM feed_backup)))
            ORDER BY d.departed_at, d.case_id LIMIT ?
            """, .integer(Int64(clamping: time)), .integer(Int64(limit))
        ) { row throws(DatabaseError) in try row.caseID(0) }
    }

    /// An attachment and whether central has it in a verified backup.
    struct BackedUpPage: Hashable, Sendable {
        let hash: Digest
        let isBackedUp: Bool

        init(_ row: borrowing Row) throws(DatabaseError) {
            (hash, isBackedUp) = (try row.digest(0), try row.integer(1) == 1)
        }
    }

    /// Attachments that this case names and no other.
    func pages(onlyOf caseID: CaseID) throws -> [BackedUpPage] {
        try freshen()
        return try database.rows(
            """
            SELECT n.hash, b.hash IS NOT NULL
            FROM attachment_name AS n LEFT JOIN attachment_backup AS b ON b.hash = n.hash
            WHERE n.case_id = ?1
                AND NOT EXISTS (SELECT 1 FROM attachment_name WHERE hash = n.hash AND case_id <> ?1)
            ORDER BY n.hash
            """, .blob(caseID.bytes), decode: BackedUpPage.init)
    }

    /// Attachments after one, ascending, of which every case that names them left, or is over and was last changed before a time.
    func tidiablePages(changedBefore time: UInt64, after: Digest?, limit: Int) throws -> [BackedUpPage] {
        try freshen()
        return try database.rows(
            """
            SELECT DISTINCT n.hash, b.hash IS NOT NULL
            FROM attachment_name AS n LEFT JOIN attachment_backup AS b ON b.hash = n.hash
            WHERE n.hash > ? AND NOT EXISTS (
                SELECT 1 FROM attachment_name AS o LEFT JOIN case_cache AS c ON c.case_id = o.case_id
                WHERE o.hash = n.hash AND o.case_id NOT IN (SELECT case_id FROM departed)
                    AND (c.stage IS NULL OR c.stage NOT IN ('closed', 'withdrawn', 'merged') OR c.changed_at > ?))
            ORDER BY n.hash LIMIT ?
            """, after.map { .digest($0.bytes) } ?? .blob([]), .integer(Int64(clamping: time)),
            .integer(Int64(limit)),
            decode: BackedUpPage.init)
    }

    /// Adds to what was removed here because central has it.
    func noteKeptLess(cases: Int = 0, files: Int = 0, bytes: Int = 0) throws {
        guard cases + files > 0 else { return }
        try write {
            try database.execute(
                """
                INSERT INTO kept_less (id, cases, files, bytes) VALUES (1, ?, ?, ?) ON CONFLICT (id)
                DO UPDATE SET cases = cases + excluded.cases, files = files + excluded.files,
                    bytes = bytes + excluded.bytes
                """, .integer(Int64(cases)), .integer(Int64(files)), .integer(Int64(bytes)))
        }
    }

    /// How it stands with what need not be kept.
    package func keepingStatus() throws -> KeepingStatus {
        let sources = try settingSources()
        var status = KeepingStatus(
            wipeDeparted: sources.line(.wipeDeparted), tidyMaterials: sources.line(.tidyMaterials))
        let counts = try database.first(
            """
            SELECT (SELECT count(*) FROM departed AS d WHERE EXISTS (SELECT 1 FROM change WHERE case_id = d.case_id)),
                coalesce((SELECT position FROM feed_backup), 0), coalesce((SELECT cases FROM kept_less), 0),
                coalesce((SELECT files FROM kept_less), 0), coalesce((SELECT bytes FROM kept_less), 0)
            """
        ) { row throws(DatabaseError) in
            try (0..<5).map { column throws(DatabaseError) in Int(try row.integer(Int32(column))) }
        }
        guard let counts else { return status }
        (status.departed, status.backedUpPosition) = (counts[0], counts[1])
        (status.wipedCases, status.tidiedFiles, status.tidiedBytes) = (counts[2], counts[3], counts[4])
        return status
    }
}

/// What a window keeps though it need not, what it does about that, and who said so.
package struct KeepingStatus: Hashable, Sendable, Codable {
    /// Days after which a case that left is wiped, or `never`, and who said so.
    package let wipeDeparted: String
    package let wipeDepartedFrom: String
    /// Days after which the pictures of a case that is over go, or `never`, and who said so.
    package let tidyMaterials: String
    package let tidyMaterialsFrom: String
    /// Cases that left and whose content is here.
    package var departed = 0
    /// Up to where the feed is in a verified backup of central's.
    package var backedUpPosition = 0
    /// What was removed here so far: cases and pictures.
    package var wipedCases = 0
    package var tidiedFiles = 0
    package var tidiedBytes = 0

    init(
        wipeDeparted: (value: String, from: SettingSources.Source),
        tidyMaterials: (value: String, from: SettingSources.Source)
    ) {
        (self.wipeDeparted, wipeDepartedFrom) = (wipeDeparted.value, wipeDeparted.from.rawValue)
        (self.tidyMaterials, tidyMaterialsFrom) = (tidyMaterials.value, tidyMaterials.from.rawValue)
    }
}
