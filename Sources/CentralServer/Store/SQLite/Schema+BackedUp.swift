import Persistence

extension Schema {
    /// Up to where each hospital's feed is in a verified backup, and which attachments are in the last one. As with `verified_backup`, a
    /// copy of the file says of itself what is true of it.
    static let backedUp: [StaticString] = [
        """
        CREATE TABLE feed_backup (
            hospital BLOB NOT NULL PRIMARY KEY REFERENCES hospital (id),
            position INTEGER NOT NULL CHECK (position > 0)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE attachment_backup (
            hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32)
        ) STRICT, WITHOUT ROWID
        """,
    ]
}
