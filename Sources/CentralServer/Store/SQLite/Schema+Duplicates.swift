import Persistence

extension Schema {
    /// The same child in two cases: made of the log. The caches of cases go, so that they are made again and compared.
    static let duplicates: [StaticString] = [
        "DELETE FROM case_cache",
        """
        CREATE TABLE duplicate_case (
            case_id BLOB NOT NULL PRIMARY KEY CHECK (length(case_id) = 16),
            fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
            merged_into BLOB CHECK (length(merged_into) = 16)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE duplicate_key (
            token BLOB NOT NULL CHECK (length(token) = 16), case_id BLOB NOT NULL CHECK (length(case_id) = 16),
            PRIMARY KEY (token, case_id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX duplicate_key_by_case ON duplicate_key (case_id, token)",
        """
        CREATE TABLE duplicate_pair (
            first_case BLOB NOT NULL CHECK (length(first_case) = 16),
            second_case BLOB NOT NULL CHECK (length(second_case) = 16),
            score INTEGER NOT NULL CHECK (score BETWEEN 0 AND 100), codes TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('open', 'dismissed', 'merged', 'circular')), since INTEGER NOT NULL,
            PRIMARY KEY (first_case, second_case), CHECK (first_case < second_case)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX duplicate_pair_by_second ON duplicate_pair (second_case, first_case)",
        "CREATE INDEX duplicate_pair_by_state ON duplicate_pair (state, since, first_case, second_case)",
    ]
}
