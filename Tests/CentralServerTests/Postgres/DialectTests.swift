#if Postgres
    import Testing

    @testable import CentralPostgres

    @Suite("Statements in PostgreSQL's words")
    struct DialectTests {
        @Test(
            "A statement is translated",
            arguments: [
                (
                    "ALTER TABLE t ADD COLUMN c BLOB DEFAULT x'0aFF'",
                    "ALTER TABLE t ADD COLUMN c BYTEA DEFAULT '\\x0aFF'"
                ),
                ("SELECT a FROM b WHERE c = ? AND d = ?", "SELECT a FROM b WHERE c = $1 AND d = $2"),
                (
                    "UPDATE a SET b = ?2 WHERE c = ?1 AND b < ?2",
                    "UPDATE a SET b = $2 WHERE c = $1 AND b < $2"
                ),
                (
                    "SELECT '?' || \"INTEGER?\" FROM a WHERE b = 'it''s ?'",
                    "SELECT '?' || \"INTEGER?\" FROM a WHERE b = 'it''s ?'"
                ),
                ("SELECT 1 FROM a CROSS JOIN b ON b.c = a.c", "SELECT 1 FROM a JOIN b ON b.c = a.c"),
                ("SELECT 1 FROM a INDEXED BY a_by_b WHERE b = ?", "SELECT 1 FROM a  WHERE b = $1"),
                (
                    "CREATE TABLE a (b BLOB, c INTEGER, d TEXT CHECK (d IN ('TEXT'))) STRICT, WITHOUT ROWID",
                    "CREATE TABLE a (b BYTEA, c BIGINT, d TEXT COLLATE \"C\" CHECK (d IN ('TEXT')))"
                ),
                ("CREATE TABLE a (b INTEGER) STRICT", "CREATE TABLE a (b BIGINT)"),
                ("ALTER TABLE a ADD COLUMN b BLOB", "ALTER TABLE a ADD COLUMN b BYTEA"),
                ("SELECT TEXT FROM BLOB", "SELECT TEXT FROM BLOB"),
            ])
        func translates(from: String, to: String) { #expect(Dialect.translated(from) == to) }
    }
#endif
