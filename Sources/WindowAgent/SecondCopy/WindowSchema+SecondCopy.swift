import Persistence

extension WindowSchema {
    /// What is in which journal. `second_copy_place` and `recovery_sheet` have one row at most.
    ///
    /// A journal has every change up to a number. A number that is taken back and given again (the tail of a fork) takes the mark back
    /// with it: what is appended twice does no harm. `change_unproven` are changes of this window that a recovery could not put into
    /// their chain.
    static let secondCopy = Migration(
        "0014-second-copy",
        [
            """
            CREATE TABLE second_copy (
                journal BLOB NOT NULL PRIMARY KEY CHECK (length(journal) = 16),
                through INTEGER NOT NULL DEFAULT 0 CHECK (through >= 0),
                segment BLOB CHECK (length(segment) = 16),
                records INTEGER NOT NULL DEFAULT 0 CHECK (records >= 0),
                bytes INTEGER NOT NULL DEFAULT 0 CHECK (bytes >= 0),
                begun_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
            """
            CREATE TABLE second_copy_place (
                id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
                path TEXT NOT NULL,
                allows_same_disk INTEGER NOT NULL CHECK (allows_same_disk IN (0, 1))
            ) STRICT
            """,
            """
            CREATE TABLE recovery_sheet (
                id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
                salt BLOB NOT NULL CHECK (length(salt) = 16),
                sealed BLOB NOT NULL,
                made_at INTEGER NOT NULL
            ) STRICT
            """,
            """
            CREATE TRIGGER change_goes AFTER DELETE ON change BEGIN
                UPDATE second_copy SET through = OLD.number - 1 WHERE through >= OLD.number;
            END
            """,
            """
            CREATE INDEX change_unproven ON change (replica, sequence)
            WHERE own_replica IS NULL AND receipt IS NULL
            """,
        ])
}
