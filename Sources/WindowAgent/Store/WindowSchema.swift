import Persistence

/// The tables of a window's store.
///
/// `replica` and `change` are the log: rows are added, never altered but for what central says of them (receipt,
/// position, confirmation), and but for the tail of a forked replica, which moves to `renamed_change`. `case_cache` and
/// `certificate_use`, `due_item`, `issued_certificate`, `loss`, `attachment_name` and `duplicate_key` can be dropped and rebuilt from the log at any
/// time. `draft`, `counter`, `save`, `link_setting`, `link_traffic`, `feed_backup`, `attachment_backup`, `kept_less` and the audit log are local.
enum WindowSchema {
    /// "BWin": marks the file as a window's store.
    static let applicationID: Int32 = 0x4257_696E

    static let migrations = Migrator([
        createLog, createSync, createCaches, createLocal, createStock, addStages, addIssuedCertificates,
        addCentralKeys, addBundles, link, nameAttachments, addOrders, addScope, secondCopy,
        addKeeping, findDuplicates, addLosses, addReturns, addArchive, seal, addSessions, addAudit,
        addDeskLists, addErasure,
    ])

    private static let createLog = Migration(
        "0001-create-log",
        [
            """
            CREATE TABLE replica (
                number INTEGER NOT NULL PRIMARY KEY,
                id BLOB NOT NULL UNIQUE CHECK (length(id) = 8),
                sequence INTEGER NOT NULL CHECK (sequence >= 0),
                chain BLOB NOT NULL CHECK (length(chain) = 32),
                confirmed INTEGER NOT NULL DEFAULT 0 CHECK (confirmed BETWEEN 0 AND sequence),
                backed_up INTEGER NOT NULL DEFAULT 0 CHECK (backed_up >= 0),
                is_broken INTEGER NOT NULL DEFAULT 0 CHECK (is_broken IN (0, 1)),
                opened_at INTEGER NOT NULL
            ) STRICT
            """,
            """
            CREATE TABLE change (
                number INTEGER NOT NULL PRIMARY KEY,
                content BLOB NOT NULL UNIQUE CHECK (length(content) = 32),
                replica BLOB NOT NULL CHECK (length(replica) = 8),
                sequence INTEGER NOT NULL CHECK (sequence > 0),
                case_id BLOB NOT NULL CHECK (length(case_id) = 16),
                edition INTEGER NOT NULL CHECK (edition > 0),
                variant INTEGER NOT NULL DEFAULT 0 CHECK (variant >= 0),
                body BLOB NOT NULL,
                own_replica INTEGER REFERENCES replica (number),
                chain BLOB CHECK (length(chain) = 32),
                receipt BLOB CHECK (length(receipt) = 16),
                position INTEGER CHECK (position > 0),
                saved_at INTEGER NOT NULL,
                UNIQUE (replica, sequence, variant),
                UNIQUE (case_id, replica, edition, variant),
                CHECK ((own_replica IS NULL) = (chain IS NULL))
            ) STRICT
            """,
            """
            CREATE INDEX change_unplaced ON change (own_replica, sequence)
            WHERE position IS NULL AND own_replica IS NOT NULL
            """,
            """
            CREATE TABLE renamed_change (
                content BLOB NOT NULL PRIMARY KEY CHECK (length(content) = 32),
                replica BLOB NOT NULL CHECK (length(replica) = 8),
                sequence INTEGER NOT NULL CHECK (sequence > 0),
                body BLOB NOT NULL,
                renamed_to BLOB NOT NULL CHECK (length(renamed_to) = 8),
                saved_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
        ])

    private static let createSync = Migration(
        "0002-create-sync",
        [
            """
            CREATE TABLE enrolment (
                id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
                hospital BLOB NOT NULL CHECK (length(hospital) = 16),
                code TEXT NOT NULL,
                name TEXT NOT NULL,
                device TEXT NOT NULL,
                central TEXT NOT NULL,
                enrolled_at INTEGER NOT NULL
            ) STRICT
            """,
            """
            CREATE TABLE sync_state (
                id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
                epoch BLOB CHECK (length(epoch) = 8),
                position INTEGER NOT NULL CHECK (position >= 0),
                chain BLOB NOT NULL CHECK (length(chain) = 32),
                fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
                witness_position INTEGER NOT NULL CHECK (witness_position >= 0),
                witness_chain BLOB NOT NULL CHECK (length(witness_chain) = 32),
                repair_cause TEXT,
                repair_after BLOB CHECK (length(repair_after) = 16),
                repair_only BLOB CHECK (length(repair_only) = 16),
                repair_compared INTEGER NOT NULL DEFAULT 0 CHECK (repair_compared IN (0, 1)),
                repair_rounds INTEGER NOT NULL DEFAULT 0 CHECK (repair_rounds >= 0),
                repair_head_position INTEGER CHECK (repair_head_position >= 0),
                repair_head_chain BLOB CHECK (length(repair_head_chain) = 32),
                mismatch_at INTEGER,
                clock_offset INTEGER,
                clock_stepped_back INTEGER NOT NULL DEFAULT 0 CHECK (clock_stepped_back IN (0, 1)),
                CHECK ((repair_head_position IS NULL) = (repair_head_chain IS NULL))
            ) STRICT
            """,
            """
            CREATE TABLE outbox (
                change INTEGER NOT NULL PRIMARY KEY REFERENCES change (number),
                queued_at INTEGER NOT NULL,
                tries INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
                tried_at INTEGER,
                last_error TEXT
            ) STRICT
            """,
            """
            CREATE TABLE offer (
                change INTEGER NOT NULL PRIMARY KEY REFERENCES change (number),
                rank INTEGER NOT NULL CHECK (rank IN (0, 1))
            ) STRICT
            """,
            """
            CREATE TABLE wanted (case_id BLOB NOT NULL PRIMARY KEY CHECK (length(case_id) = 16)) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE departed (
                case_id BLOB NOT NULL PRIMARY KEY CHECK (length(case_id) = 16), position INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE kept_entry (
                position INTEGER NOT NULL PRIMARY KEY,
                replica BLOB CHECK (length(replica) = 8),
                sequence INTEGER CHECK (sequence > 0),
                item BLOB NOT NULL,
                CHECK ((replica IS NULL) = (sequence IS NULL))
            ) STRICT
            """,
            """
            CREATE TABLE refusal (
                replica BLOB NOT NULL, sequence INTEGER NOT NULL, reason TEXT NOT NULL, told_at INTEGER NOT NULL,
                PRIMARY KEY (replica, sequence)
            ) STRICT, WITHOUT ROWID
            """,
        ])

    private static let createCaches = Migration(
        "0003-create-caches",
        [
            """
            CREATE TABLE case_cache (
                case_id BLOB NOT NULL PRIMARY KEY CHECK (length(case_id) = 16),
                fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
                changes INTEGER NOT NULL CHECK (changes > 0),
                conflicts INTEGER NOT NULL CHECK (conflicts >= 0),
                asides INTEGER NOT NULL CHECK (asides >= 0),
                forked INTEGER NOT NULL CHECK (forked >= 0),
                changed_at INTEGER NOT NULL,
                summary BLOB NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX case_cache_recent ON case_cache (changed_at DESC, case_id)",
        ])

    private static let createLocal = Migration(
        "0004-create-local",
        [
            """
            CREATE TABLE draft (
                id TEXT NOT NULL PRIMARY KEY, content BLOB NOT NULL, kept_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE counter (day TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE save (
                number INTEGER NOT NULL PRIMARY KEY,
                id TEXT NOT NULL UNIQUE,
                request BLOB NOT NULL CHECK (length(request) = 32),
                answer BLOB NOT NULL,
                saved_at INTEGER NOT NULL
            ) STRICT
            """,
        ])

    /// What is cached of a case says whether it has to be made anew (`is_stale`; after this migration all have), and by which
    /// policy it was made if another version at hand could change it (`open_policy`).
    private static let createStock = Migration(
        "0005-create-stock",
        [
            """
            ALTER TABLE case_cache ADD COLUMN is_stale INTEGER NOT NULL DEFAULT 1 CHECK (is_stale IN (0, 1))
            """,
            "ALTER TABLE case_cache ADD COLUMN open_policy TEXT",
            "CREATE INDEX case_cache_stale ON case_cache (case_id) WHERE is_stale = 1",
            "CREATE INDEX case_cache_open ON case_cache (open_policy) WHERE open_policy IS NOT NULL",
            """
            CREATE TABLE certificate_use (
                number TEXT NOT NULL, case_id BLOB NOT NULL CHECK (length(case_id) = 16), case_number TEXT,
                PRIMARY KEY (number, case_id)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX certificate_use_by_case ON certificate_use (case_id)",
        ])

    /// The stage of a case, and what of it is still to be done by when, so that lists fold nothing. What was cached before
    /// is made anew.
    private static let addStages = Migration(
        "0006-add-stages",
        [
            "ALTER TABLE case_cache ADD COLUMN stage TEXT",
            "UPDATE case_cache SET is_stale = 1",
            "CREATE INDEX case_cache_by_stage ON case_cache (stage, changed_at DESC, case_id)",
            """
            CREATE TABLE due_item (
                case_id BLOB NOT NULL CHECK (length(case_id) = 16),
                item TEXT NOT NULL,
                department TEXT NOT NULL,
                due TEXT NOT NULL,
                PRIMARY KEY (case_id, item)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX due_item_by_day ON due_item (due, case_id, item, department)",
            "CREATE INDEX due_item_by_department ON due_item (department, due, case_id, item)",
        ])

    /// On which day a case's certificate was issued, where its rules have a handover, so that a quarter's register folds
    /// nothing. What was cached before is made anew.
    private static let addIssuedCertificates = Migration(
        "0007-add-issued-certificates",
        [
            "UPDATE case_cache SET is_stale = 1",
            """
            CREATE TABLE issued_certificate (
                policy TEXT NOT NULL,
                issued TEXT NOT NULL,
                case_id BLOB NOT NULL CHECK (length(case_id) = 16),
                number TEXT,
                case_number TEXT,
                PRIMARY KEY (policy, issued, case_id)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE UNIQUE INDEX issued_certificate_by_case ON issued_certificate (case_id)",
        ])

    /// The keys by which central is known (`Enrolment`). A window that was enrolled before is enrolled again.
    private static let addCentralKeys = Migration(
        "0008-add-central-keys",
        [
            "DELETE FROM enrolment",
            """
            ALTER TABLE enrolment ADD COLUMN central_key BLOB NOT NULL DEFAULT x'' CHECK (length(central_key) = 32)
            """,
            """
            ALTER TABLE enrolment ADD COLUMN recovery_key BLOB NOT NULL DEFAULT x'' CHECK (length(recovery_key) = 32)
            """,
        ])

    /// What a technician set of the link, and the bytes of each local day, so that a restart forgets neither.
    private static let link = Migration(
        "0010-link",
        [
            """
            CREATE TABLE link_setting (
                name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE link_traffic (
                day INTEGER NOT NULL PRIMARY KEY,
                exchanges INTEGER NOT NULL CHECK (exchanges >= 0),
                photos INTEGER NOT NULL CHECK (photos >= 0)
            ) STRICT
            """,
        ])

    /// Which bundles were made for central. `last_change` is the last row of the outbox that was in one: it is confirmed when none up to
    /// it waits. `is_repair` marks those that bring everything in the repair under way.
    private static let addBundles = Migration(
        "0009-bundles",
        [
            """
            CREATE TABLE bundle_export (
                number INTEGER NOT NULL PRIMARY KEY,
                id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
                exported_at INTEGER NOT NULL,
                bytes INTEGER NOT NULL,
                changes INTEGER NOT NULL,
                photos INTEGER NOT NULL,
                photos_left INTEGER NOT NULL,
                last_change INTEGER NOT NULL,
                is_repair INTEGER NOT NULL CHECK (is_repair IN (0, 1))
            ) STRICT
            """,
            "CREATE INDEX bundle_export_of_repair ON bundle_export (number) WHERE is_repair = 1",
        ])
}
