import Persistence

extension Schema {
    /// Keys that change, nonces that outlive a restart, and which replica a device wrote with last.
    static let identity: [StaticString] = [
        "ALTER TABLE device ADD COLUMN next_public_key BLOB CHECK (length(next_public_key) = 32)",
        "ALTER TABLE device ADD COLUMN last_replica INTEGER",
        "CREATE UNIQUE INDEX device_by_next_key ON device (next_public_key) WHERE next_public_key IS NOT NULL",
        """
        CREATE TABLE signed_nonce (
            device BLOB NOT NULL REFERENCES device (id), nonce TEXT NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (device, nonce)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX signed_nonce_by_time ON signed_nonce (at)",
        """
        CREATE TABLE alarm_with_more_kinds (
            kind TEXT NOT NULL CHECK (kind IN (
                'fork', 'forked-dot', 'other-devices-replica', 'receipt', 'went-back', 'two-places'
            )),
            subject TEXT NOT NULL, count INTEGER NOT NULL CHECK (count > 0), first INTEGER NOT NULL,
            last INTEGER NOT NULL, PRIMARY KEY (kind, subject)
        ) STRICT, WITHOUT ROWID
        """,
        """
        INSERT INTO alarm_with_more_kinds (kind, subject, count, first, last)
        SELECT kind, subject, count, first, last FROM alarm
        """,
        "DROP TABLE alarm",
        "ALTER TABLE alarm_with_more_kinds RENAME TO alarm",
    ]
}
