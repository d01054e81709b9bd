import Persistence

extension WindowSchema {
    /// The audit log: of this machine only; central is told where it stands. A line is sealed; its time and its first case stand beside it,
    /// so that it is found. `audit_log` has one row: the log's name, what was cut off its front, and its end.
    static let addAudit = Migration(
        "0025-audit",
        [
            """
            CREATE TABLE audit_line (
                sequence INTEGER NOT NULL PRIMARY KEY CHECK (sequence > 0),
                at INTEGER NOT NULL,
                case_id BLOB CHECK (case_id IS NULL OR length(case_id) = 16),
                line BLOB NOT NULL,
                chain BLOB NOT NULL CHECK (length(chain) = 32)
            ) STRICT
            """,
            "CREATE INDEX audit_line_by_time ON audit_line (at)",
            "CREATE INDEX audit_line_by_case ON audit_line (case_id, sequence) WHERE case_id IS NOT NULL",
            """
            CREATE TABLE audit_log (
                id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
                log BLOB NOT NULL CHECK (length(log) = 16),
                cut INTEGER NOT NULL CHECK (cut >= 0),
                cut_chain BLOB NOT NULL CHECK (length(cut_chain) = 32),
                sequence INTEGER NOT NULL CHECK (sequence >= cut),
                chain BLOB NOT NULL CHECK (length(chain) = 32)
            ) STRICT
            """,
        ])
}
