import Persistence

extension Schema {
    /// What waits for a person, made of the log and of `unreadable` and `waiting` like every cache (`desk_entry`; `precedence` is minus the
    /// count of what waits for it, `subject` tells entries of one case and kind apart, and `hospital` is empty where the case is in no
    /// scope). The caches of cases go, so that it is filled.
    ///
    /// `received` is when a change came here, by central's clock; 0 for what came before this migration. `settled` is a cache of
    /// what the hospital's record rejects.
    static let desk: [StaticString] = [
        "DELETE FROM case_cache",
        "ALTER TABLE change ADD COLUMN received INTEGER NOT NULL DEFAULT 0 CHECK (received >= 0)",
        "ALTER TABLE unreadable ADD COLUMN settled INTEGER NOT NULL DEFAULT 0 CHECK (settled IN (0, 1))",
        "ALTER TABLE waiting ADD COLUMN settled INTEGER NOT NULL DEFAULT 0 CHECK (settled IN (0, 1))",
        "CREATE INDEX unreadable_by_hospital ON unreadable (hospital, settled, received, content)",
        "CREATE INDEX unreadable_by_content ON unreadable (content)",
        "CREATE INDEX waiting_by_hospital ON waiting (hospital, settled, received, content)",
        """
        CREATE TABLE desk_entry (
            case_id BLOB NOT NULL CHECK (length(case_id) = 16),
            kind TEXT NOT NULL CHECK (kind IN (
                'conflict', 'result', 'aside', 'collision', 'duplicate', 'stray', 'unreadable'
            )),
            subject BLOB NOT NULL, since INTEGER NOT NULL, precedence INTEGER NOT NULL CHECK (precedence <= 0),
            group_id INTEGER NOT NULL, hospital BLOB NOT NULL, assignee TEXT NOT NULL, policy TEXT NOT NULL,
            PRIMARY KEY (case_id, kind, subject)
        ) STRICT, WITHOUT ROWID
        """,
        // All columns: a filter is asked on the walk, and no row is looked up for it.
        """
        CREATE INDEX desk_entry_by_age ON desk_entry (
            since, case_id, kind, subject, hospital, assignee, group_id, policy, precedence
        )
        """,
        """
        CREATE INDEX desk_entry_by_waiting ON desk_entry (
            precedence, since, case_id, kind, subject, hospital, assignee, group_id, policy
        )
        """,
        "CREATE INDEX desk_entry_by_count ON desk_entry (kind, hospital, assignee, since)",
    ]
}
