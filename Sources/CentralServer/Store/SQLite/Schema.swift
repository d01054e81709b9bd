package import Persistence

/// The tables of central's store; PostgreSQL is given the same statements in its own words. Numbers of 64 bits (replicas, editions, clocks) are stored as the signed integer of
/// the same bits; times are milliseconds since 1970 by central's clock unless said otherwise.
package enum Schema {
    /// Marks the file as central's: "BWcn".
    static let applicationID: Int32 = 0x4257_636E

    package static let migrator = Migrator([
        Migration("0001-log", log), Migration("0002-feeds", feeds), Migration("0003-caches", caches),
        Migration("0004-records", records),
        Migration("0005-identity", identity),
        Migration("0006-verify", verify),
        Migration("0007-backup", backup),
        Migration("0008-bundles", bundles),
        Migration("0009-scope", scopes),
        Migration("0010-attachments", attachments),
        Migration("0011-orders", orders),
        Migration("0012-backed-up", backedUp),
        Migration("0013-desk", desk),
        Migration("0014-duplicates", duplicates),
        Migration("0015-departments", departments),
        Migration("0016-fleet", fleet),
        Migration("0017-administration", administration),
        Migration("0018-newest-first", newestFirst),
        Migration("0021-sharing", sharing),
        Migration("0022-seal", seal, work: { store throws(DatabaseError) in try sealOldRows(store) }),
        Migration("0023-sessions", sessions),
        Migration("0024-audit", audit),
        Migration("0025-erasure", erasure),
        Migration("0027-log-end", logEnd),
    ])

    /// The log, and who may write to it.
    private static let log: [StaticString] = [
        """
        CREATE TABLE meta (
            name TEXT NOT NULL PRIMARY KEY CHECK (name IN ('epoch', 'clock')), value INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE hospital (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), code TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
            added INTEGER NOT NULL, position INTEGER NOT NULL CHECK (position >= 0),
            chain BLOB NOT NULL CHECK (length(chain) = 32), fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE device (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), hospital BLOB NOT NULL REFERENCES hospital (id),
            public_key BLOB NOT NULL UNIQUE CHECK (length(public_key) = 32), enrolled INTEGER NOT NULL,
            revoked INTEGER NOT NULL CHECK (revoked IN (0, 1))
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX device_by_hospital ON device (hospital)",
        """
        CREATE TABLE enrolment_token (
            hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32), hospital BLOB NOT NULL REFERENCES hospital (id),
            expires INTEGER NOT NULL, device BLOB REFERENCES device (id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE department (
            code TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, token_hash BLOB NOT NULL CHECK (length(token_hash) = 32)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE replica (
            id INTEGER NOT NULL PRIMARY KEY, device BLOB REFERENCES device (id),
            length INTEGER NOT NULL CHECK (length >= 0), chain BLOB NOT NULL CHECK (length(chain) = 32)
        ) STRICT
        """,
        // The content ID hashes replica and sequence, so the second constraint makes it unique without an index in
        // random order. More than one content under a sequence or a dot is a fork, of which both sides are kept.
        """
        CREATE TABLE change (
            number INTEGER NOT NULL PRIMARY KEY, replica INTEGER NOT NULL, sequence INTEGER NOT NULL,
            content BLOB NOT NULL CHECK (length(content) = 32), case_id BLOB NOT NULL CHECK (length(case_id) = 16),
            edition INTEGER NOT NULL, chain BLOB CHECK (length(chain) = 32), body BLOB NOT NULL,
            UNIQUE (replica, sequence, content)
        ) STRICT
        """,
        "CREATE UNIQUE INDEX change_by_dot ON change (case_id, replica, edition, content)",
        """
        CREATE TABLE unreadable (
            replica INTEGER NOT NULL, sequence INTEGER NOT NULL CHECK (sequence > 0),
            content BLOB NOT NULL CHECK (length(content) = 32), chain BLOB NOT NULL CHECK (length(chain) = 32),
            hospital BLOB NOT NULL REFERENCES hospital (id), reason TEXT NOT NULL, received INTEGER NOT NULL,
            body BLOB NOT NULL, PRIMARY KEY (replica, sequence)
        ) STRICT
        """,
        """
        CREATE TABLE waiting (
            content BLOB NOT NULL PRIMARY KEY CHECK (length(content) = 32), replica INTEGER NOT NULL,
            sequence INTEGER NOT NULL, hospital BLOB NOT NULL REFERENCES hospital (id),
            device BLOB NOT NULL REFERENCES device (id), received INTEGER NOT NULL, body BLOB NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE alarm (
            kind TEXT NOT NULL
                CHECK (kind IN ('fork', 'forked-dot', 'other-devices-replica', 'receipt', 'went-back')),
            subject TEXT NOT NULL, count INTEGER NOT NULL CHECK (count > 0), first INTEGER NOT NULL,
            last INTEGER NOT NULL, PRIMARY KEY (kind, subject)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE contact (
            device BLOB NOT NULL PRIMARY KEY REFERENCES device (id), at INTEGER NOT NULL, clock_error INTEGER NOT NULL,
            cursor INTEGER NOT NULL, repair INTEGER NOT NULL CHECK (repair IN (0, 1)), outbox INTEGER, oldest INTEGER,
            software TEXT, CHECK ((outbox IS NULL) = (oldest IS NULL) AND (outbox IS NULL) = (software IS NULL))
        ) STRICT, WITHOUT ROWID
        """,
    ]

    private static let feeds: [StaticString] = [
        // kind: 1 a change, 3 a case enters, 4 a case leaves, as on the wire. No foreign key on `change`: it would make each
        // insert of a change prepare a scan of the feed.
        """
        CREATE TABLE feed (
            hospital BLOB NOT NULL REFERENCES hospital (id), position INTEGER NOT NULL CHECK (position > 0),
            kind INTEGER NOT NULL, change INTEGER, case_id BLOB CHECK (length(case_id) = 16),
            chain BLOB NOT NULL CHECK (length(chain) = 32), fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
            receipt BLOB CHECK (length(receipt) = 16), PRIMARY KEY (hospital, position),
            CHECK (
                kind = 1 AND change IS NOT NULL AND receipt IS NOT NULL AND case_id IS NULL
                OR kind IN (3, 4) AND change IS NULL AND receipt IS NULL AND case_id IS NOT NULL
            )
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE scope (
            case_id BLOB NOT NULL CHECK (length(case_id) = 16), hospital BLOB NOT NULL REFERENCES hospital (id),
            entered INTEGER NOT NULL CHECK (entered > 0), "left" INTEGER CHECK ("left" > entered),
            PRIMARY KEY (case_id, hospital)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX scope_by_hospital ON scope (hospital, case_id)",
    ]

    /// The place of a case in a verify (`CaseState.lastTime`); NULL until the case is folded again.
    private static let verify: [StaticString] = ["ALTER TABLE case_cache ADD COLUMN last_time INTEGER"]

    /// Made of the log; dropped and made again by `rebuild`.
    private static let caches: [StaticString] = [
        """
        CREATE TABLE case_cache (
            case_id BLOB NOT NULL PRIMARY KEY CHECK (length(case_id) = 16),
            changes INTEGER NOT NULL CHECK (changes > 0),
            fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32), conflicts INTEGER NOT NULL,
            asides INTEGER NOT NULL, forked INTEGER NOT NULL, last INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE conflict (
            case_id BLOB NOT NULL, group_id INTEGER NOT NULL, dots BLOB NOT NULL, PRIMARY KEY (case_id, group_id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE aside (
            case_id BLOB NOT NULL, content BLOB NOT NULL CHECK (length(content) = 32), reasons TEXT NOT NULL,
            dots BLOB NOT NULL, PRIMARY KEY (case_id, content)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE task (
            department TEXT NOT NULL, case_id BLOB NOT NULL, item TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('ready', 'held', 'done', 'failed', 'returned')), reason TEXT NOT NULL,
            PRIMARY KEY (department, case_id, item)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX task_by_case ON task (case_id)",
        """
        CREATE TABLE result (
            department TEXT NOT NULL, id TEXT NOT NULL, change BLOB NOT NULL CHECK (length(change) = 32),
            case_id BLOB NOT NULL, PRIMARY KEY (department, id, change)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX result_by_case ON result (case_id)",
    ]

    /// Made of the log, too. The caches of cases go, so that they are made again with the numbers that the cases hold.
    private static let records: [StaticString] = [
        "DELETE FROM case_cache",
        """
        CREATE TABLE case_number (
            kind TEXT NOT NULL CHECK (kind IN ('certificate', 'case', 'notice')), number TEXT NOT NULL,
            case_id BLOB NOT NULL, shared INTEGER NOT NULL DEFAULT 0 CHECK (shared IN (0, 1)),
            PRIMARY KEY (kind, number, case_id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX case_number_by_case ON case_number (case_id, kind, number)",
        "CREATE INDEX case_number_shared ON case_number (kind, number, case_id) WHERE shared = 1",
        """
        CREATE TABLE published_policy (
            id TEXT NOT NULL, version INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (id, version, record)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX published_policy_by_record ON published_policy (record, id, version)",
        """
        CREATE TABLE certificate_range (
            record BLOB NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL, assigned TEXT NOT NULL,
            PRIMARY KEY (record, first, last, assigned)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX certificate_range_by_number ON certificate_range (first, last)",
        """
        CREATE TABLE voided_certificate (
            number TEXT NOT NULL, record BLOB NOT NULL, PRIMARY KEY (number, record)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX voided_certificate_by_record ON voided_certificate (record, number)",
    ]
}
