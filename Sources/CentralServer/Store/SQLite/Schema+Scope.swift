import Persistence

extension Schema {
    /// Entries of kind 6: changes of cases that left. And a case may be known to have left a hospital of which nobody here knows
    /// when it came there: `entered` and `left` are then one position.
    static let scopes: [StaticString] = [
        """
        CREATE TABLE feed_with_late (
            hospital BLOB NOT NULL REFERENCES hospital (id), position INTEGER NOT NULL CHECK (position > 0),
            kind INTEGER NOT NULL, change INTEGER, case_id BLOB CHECK (length(case_id) = 16),
            chain BLOB NOT NULL CHECK (length(chain) = 32), fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
            receipt BLOB CHECK (length(receipt) = 16), PRIMARY KEY (hospital, position),
            CHECK (
                kind IN (1, 6) AND change IS NOT NULL AND receipt IS NOT NULL AND case_id IS NULL
                OR kind IN (3, 4) AND change IS NULL AND receipt IS NULL AND case_id IS NOT NULL
            )
        ) STRICT, WITHOUT ROWID
        """,
        """
        INSERT INTO feed_with_late (hospital, position, kind, change, case_id, chain, fingerprint, receipt)
        SELECT hospital, position, kind, change, case_id, chain, fingerprint, receipt FROM feed
        ORDER BY hospital, position
        """,
        "DROP TABLE feed",
        "ALTER TABLE feed_with_late RENAME TO feed",
        "CREATE INDEX feed_late ON feed (hospital, change) WHERE kind = 6",
        """
        CREATE TABLE scope_at_once (
            case_id BLOB NOT NULL CHECK (length(case_id) = 16), hospital BLOB NOT NULL REFERENCES hospital (id),
            entered INTEGER NOT NULL CHECK (entered > 0), "left" INTEGER CHECK ("left" >= entered),
            PRIMARY KEY (case_id, hospital)
        ) STRICT, WITHOUT ROWID
        """,
        """
        INSERT INTO scope_at_once (case_id, hospital, entered, "left")
        SELECT case_id, hospital, entered, "left" FROM scope
        """,
        "DROP TABLE scope",
        "ALTER TABLE scope_at_once RENAME TO scope",
        "CREATE INDEX scope_by_hospital ON scope (hospital, case_id)",
    ]
}
