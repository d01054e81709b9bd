import Persistence

extension Schema {
    /// Made of the log: which versions of policies are withdrawn where; under which version a case was accepted, when it was
    /// over (0 while it is not) and whether it is archived; and which changes central's own people made.
    static let administration: [StaticString] = [
        """
        CREATE TABLE withdrawn_policy (
            id TEXT NOT NULL, version INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (id, version, record)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX withdrawn_policy_by_record ON withdrawn_policy (record, id, version)",
        """
        CREATE TABLE case_course (
            case_id BLOB NOT NULL PRIMARY KEY CHECK (length(case_id) = 16), policy TEXT NOT NULL,
            version INTEGER NOT NULL, ended INTEGER NOT NULL CHECK (ended >= 0),
            archived INTEGER NOT NULL CHECK (archived IN (0, 1))
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX case_course_by_end ON case_course (archived, ended, case_id)",
        "CREATE INDEX case_course_by_policy ON case_course (policy, version)",
        """
        CREATE TABLE act (number INTEGER NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID
        """,
    ]
}
