import Persistence

extension Schema {
    /// The turns of tasks; who is at them; and tokens that are changed or refused. `task` is made of the log, but not dropped with the
    /// caches; `task_turn` and `task_claim` are central's own.
    static let departments: [StaticString] = [
        "DELETE FROM case_cache",
        "DROP TABLE task",
        """
        CREATE TABLE task (
            department TEXT NOT NULL, case_id BLOB NOT NULL, item TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('ready', 'held', 'done', 'failed', 'returned', 'gone')),
            reason TEXT NOT NULL, mark BLOB NOT NULL, turn INTEGER NOT NULL CHECK (turn > 0),
            PRIMARY KEY (department, case_id, item)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX task_by_case ON task (case_id, department, item)",
        "CREATE UNIQUE INDEX task_by_turn ON task (department, turn)",
        "CREATE INDEX task_by_state ON task (department, state, turn)",
        """
        CREATE TABLE task_turn (
            department TEXT NOT NULL PRIMARY KEY, turn INTEGER NOT NULL CHECK (turn > 0)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE task_claim (
            department TEXT NOT NULL, case_id BLOB NOT NULL, item TEXT NOT NULL, holder TEXT NOT NULL,
            expires INTEGER NOT NULL, PRIMARY KEY (department, case_id, item)
        ) STRICT, WITHOUT ROWID
        """,
        "ALTER TABLE department ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1))",
        "ALTER TABLE department ADD COLUMN old_hash BLOB NOT NULL DEFAULT x''",
        "ALTER TABLE department ADD COLUMN old_until INTEGER NOT NULL DEFAULT 0",
    ]
}
