/// How files for a department are written.
package enum FolderFormat: String, Hashable, Sendable, CaseIterable { case json, csv }

/// In which characters tables are written. Either is read, whichever is written.
package enum TableCoding: String, Hashable, Sendable, CaseIterable {
    /// UTF-8 with the mark that spreadsheets in China want.
    case utf8 = "utf-8"
    /// What front-end machines' older programs take for text.
    case gb18030
}

/// What a department's files are like: its programmer's choice.
package struct FolderStyle: Hashable, Sendable {
    package let format: FolderFormat
    package let coding: TableCoding
    /// Whether the pictures of the papers that a task shows are put beside it.
    package let hasPapers: Bool

    package init(_ format: FolderFormat, coding: TableCoding = .utf8, hasPapers: Bool = false) {
        (self.format, self.coding, self.hasPapers) = (format, coding, hasPapers)
    }
}
