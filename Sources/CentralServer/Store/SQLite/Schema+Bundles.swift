import Persistence

extension Schema {
    /// By which bundle a device was heard last, by its own clock when, and what the bundle's messages were answered: encoded responses
    /// without entries, which hold numbers and reasons only.
    static let bundles: [StaticString] = [
        "ALTER TABLE contact ADD COLUMN sent_at INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE contact ADD COLUMN bundle BLOB CHECK (length(bundle) = 16)",
        """
        CREATE TABLE bundle_answer (
            device BLOB NOT NULL REFERENCES device (id), number INTEGER NOT NULL CHECK (number >= 0),
            answer BLOB NOT NULL, PRIMARY KEY (device, number)
        ) STRICT, WITHOUT ROWID
        """,
    ]
}
