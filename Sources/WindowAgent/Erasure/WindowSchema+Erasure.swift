import Persistence

extension WindowSchema {
    /// What is left to do after a case was erased, and survives a crash: pictures to remove, journals to give up, and a log of the
    /// database to empty (`erasure_due` has one row at most).
    static let addErasure = Migration(
        "0028-erasure",
        [
            """
            CREATE TABLE erased_attachment (
                hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE given_up_journal (
                journal BLOB NOT NULL PRIMARY KEY CHECK (length(journal) = 16)
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE erasure_due (
                id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), since INTEGER NOT NULL
            ) STRICT
            """,
        ])
}
