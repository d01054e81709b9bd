import Persistence

extension Schema {
    /// Central's own audit log (see the window's), and where the windows' logs stood when they told it. The latter is only added to.
    static let audit: [StaticString] = [
        """
        CREATE TABLE audit_line (
            sequence INTEGER NOT NULL PRIMARY KEY CHECK (sequence > 0), at INTEGER NOT NULL,
            case_id BLOB CHECK (case_id IS NULL OR length(case_id) = 16), line BLOB NOT NULL,
            chain BLOB NOT NULL CHECK (length(chain) = 32)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX audit_line_by_time ON audit_line (at)",
        "CREATE INDEX audit_line_by_case ON audit_line (case_id, sequence)",
        """
        CREATE TABLE audit_log (
            id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), log BLOB NOT NULL CHECK (length(log) = 16),
            cut INTEGER NOT NULL CHECK (cut >= 0), cut_chain BLOB NOT NULL CHECK (length(cut_chain) = 32),
            sequence INTEGER NOT NULL CHECK (sequence >= cut),
            chain BLOB NOT NULL CHECK (length(chain) = 32)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE audit_anchor (
            device BLOB NOT NULL CHECK (length(device) = 16), log BLOB NOT NULL CHECK (length(log) = 16),
            sequence INTEGER NOT NULL CHECK (sequence > 0), chain BLOB NOT NULL CHECK (length(chain) = 32),
            received INTEGER NOT NULL, PRIMARY KEY (device, log, sequence, chain)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX audit_anchor_by_time ON audit_anchor (device, received, sequence)",
    ]
}
