/// Writes a table as CSV: RFC 4180, in UTF-8 with a byte order mark, because the spreadsheets of China's offices take a file
/// without one for GBK. The first row names the columns.
///
/// A cell that a spreadsheet would take for a formula gets an apostrophe in front (see ``harmless(_:)``).
package struct CSVWriter: Sendable {
    /// The media type of what this writes.
    package static let mediaType = "text/csv; charset=utf-8; header=present"

    /// The file as far as it was written.
    package private(set) var bytes: [UInt8] = CSV.byteOrderMark
    private let columnCount: Int

    /// - Parameter columns: their names; at least one.
    package init(columns: [String]) {
        precondition(!columns.isEmpty, "a table has a column")
        columnCount = columns.count
        add(columns)
    }

    /// Adds a row; it has a cell for each column.
    package mutating func add(_ cells: [String]) {
        precondition(cells.count == columnCount, "a row has a cell for each column")
        bytes += Array(cells.map { Self.quoted(Self.harmless($0)) }.joined(separator: ",").utf8)
        bytes += [CSV.carriageReturn, CSV.lineFeed]
    }

    /// The cell as no spreadsheet calculates it: what begins with `=`, `+`, `-`, `@` (their full-width forms, too), a tab or a
    /// line's end, whatever apostrophes stand before it, gets one apostrophe more. A plain number is harmless as it is.
    package static func harmless(_ cell: String) -> String {
        CSV.isCalculated(cell) ? "'" + cell : cell
    }

    private static func quoted(_ cell: String) -> String {
        let isPlain = cell.utf8.allSatisfy {
            $0 != CSV.quote && $0 != CSV.comma && $0 != CSV.carriageReturn && $0 != CSV.lineFeed
        }
        if isPlain { return cell }
        return "\"" + CSV.doublingQuotes(cell) + "\""
    }
}

/// Reads CSV row by row, by RFC 4180 and nothing beside it: UTF-8 with or without a byte order mark, rows that end in CRLF or
/// LF, quotes only around a whole cell, as many cells in each row as in the first. It reads what ``CSVWriter`` wrote.
package struct CSVReader: Sendable {
    /// How much is read at most.
    package struct Limits: Hashable, Sendable {
        package var bytesMax = 16 * 1024 * 1024
        package var rowsMax = 100_000
        package var columnsMax = 256
        package var cellBytesMax = 64 * 1024

        package init() {}
    }

    /// The line on which the row that was read last begins; 1 for the first. A row may have several.
    package private(set) var line = 0
    private let bytes: [UInt8]
    private let limits: Limits
    private var index = 0
    private var rowCount = 0
    private var columnCount: Int?
    private var linesRead = 0

    /// - Throws: ``CSVError`` if there is too much, or it is not UTF-8.
    package init(_ bytes: [UInt8], limits: Limits = Limits()) throws(CSVError) {
        guard bytes.count <= limits.bytesMax else { throw CSVError(kind: .tooLarge, line: 1) }
        if let line = CSV.lineOutsideUTF8(bytes) { throw CSVError(kind: .notUTF8, line: line) }
        self.bytes = bytes
        self.limits = limits
        if bytes.starts(with: CSV.byteOrderMark) { index = CSV.byteOrderMark.count }
    }

    /// The next row; nil after the last. A cell that was made harmless comes as it was before.
    package mutating func next() throws(CSVError) -> [String]? {
        guard index < bytes.count else { return nil }
        line = linesRead + 1
        rowCount += 1
        guard rowCount <= limits.rowsMax else { throw error(.tooManyRows) }
        var cells: [String] = []
        var isLast = false
        repeat {
            guard cells.count < limits.columnsMax else { throw error(.tooManyCells) }
            cells.append(try cell())
            isLast = try endsRow()
        } while !isLast
        guard cells.count == columnCount ?? cells.count else { throw error(.unevenRow) }
        columnCount = cells.count
        return cells
    }

    /// All rows that are left.
    package mutating func rows() throws(CSVError) -> [[String]] {
        var rows: [[String]] = []
        while let row = try next() { rows.append(row) }
        return rows
    }

    private mutating func cell() throws(CSVError) -> String {
        let isQuoted = index < bytes.count && bytes[index] == CSV.quote
        let content = isQuoted ? try quotedCell() : try plainCell()
        guard content.count <= limits.cellBytesMax else { throw error(.cellTooLarge) }
        let text = String(decoding: content, as: UTF8.self)
        return text.hasPrefix("'") && CSV.isCalculated(text) ? String(text.dropFirst()) : text
    }

    private mutating func plainCell() throws(CSVError) -> [UInt8] {
        let start = index
        while index < bytes.count, bytes[index] != CSV.comma, bytes[index] != CSV.lineFeed {
            if bytes[index] == CSV.carriageReturn { break }
            guard bytes[index] != CSV.quote else { throw error(.strayQuote) }
            guard bytes[index] != 0 else { throw error(.zeroByte) }
            index += 1
        }
        return Array(bytes[start..<index])
    }

    private mutating func quotedCell() throws(CSVError) -> [UInt8] {
        var content: [UInt8] = []
        index += 1
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            guard byte != 0 else { throw error(.zeroByte) }
            if byte == CSV.quote {
                guard index < bytes.count, bytes[index] == CSV.quote else { return content }
                index += 1
            } else if byte == CSV.lineFeed {
                linesRead += 1
            }
            content.append(byte)
        }
        throw error(.openQuote)
    }

    /// Passes what follows a cell.
    private mutating func endsRow() throws(CSVError) -> Bool {
        guard index < bytes.count else { return true }
        let byte = bytes[index]
        index += 1
        switch byte {
        case CSV.comma: return false
        case CSV.lineFeed: break
        case CSV.carriageReturn where index < bytes.count && bytes[index] == CSV.lineFeed: index += 1
        case CSV.carriageReturn: throw error(.bareCarriageReturn)
        default: throw error(.strayQuote)
        }
        linesRead += 1
        return true
    }

    private func error(_ kind: CSVError.Kind) -> CSVError { CSVError(kind: kind, line: linesRead + 1) }
}

/// Why a file is no CSV that is read here. It tells the line, and nothing of what is in it.
package struct CSVError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case tooLarge, notUTF8, tooManyRows, tooManyCells, cellTooLarge, unevenRow, strayQuote, openQuote
        case bareCarriageReturn, zeroByte
    }

    package let kind: Kind
    /// From 1.
    package let line: Int

    package init(kind: Kind, line: Int) { (self.kind, self.line) = (kind, line) }

    package var description: String { "line \(line): \(reason)" }

    private var reason: String {
        switch kind {
        case .tooLarge: "the file is too large"
        case .notUTF8: "the text is not UTF-8 (save it as “CSV UTF-8”)"
        case .tooManyRows: "there are too many rows"
        case .tooManyCells: "the row has too many cells"
        case .cellTooLarge: "a cell is too long"
        case .unevenRow: "the row has another number of cells than the first"
        case .strayQuote: "a quotation mark stands where a cell neither begins nor ends"
        case .openQuote: "a quotation mark is not closed"
        case .bareCarriageReturn: "a carriage return stands without a line feed"
        case .zeroByte: "a cell holds a zero byte"
        }
    }
}

/// What writer and reader share.
private enum CSV {
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    static let comma = UInt8(ascii: ",")
    static let quote = UInt8(ascii: "\"")
    static let carriageReturn: UInt8 = 0x0D
    static let lineFeed: UInt8 = 0x0A
    private static let calculated: Set<Unicode.Scalar> = [
        "=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠",
    ]

    /// Each quote twice, also where a mark behind it makes one character of both: a reader goes by bytes.
    static func doublingQuotes(_ cell: String) -> String {
        String(decoding: cell.utf8.flatMap { $0 == quote ? [quote, quote] : [$0] }, as: UTF8.self)
    }

    /// Whether a spreadsheet would calculate the cell without the apostrophes before it.
    static func isCalculated(_ cell: String) -> Bool {
        guard let first = cell.unicodeScalars.first(where: { $0 != "'" }) else { return false }
        return calculated.contains(first) && !isNumber(cell)
    }

    /// Digits with a minus before and one point between at most.
    private static func isNumber(_ cell: String) -> Bool {
        let digits = cell.utf8.drop { $0 == UInt8(ascii: "-") }
        guard cell.utf8.count - digits.count <= 1 else { return false }
        let parts = digits.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count <= 2 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { 0x30...0x39 ~= $0 } }
    }

    /// The line on which bytes stand that are not UTF-8; nil if all are.
    static func lineOutsideUTF8(_ bytes: [UInt8]) -> Int? {
        var line = 1
        for part in bytes.split(separator: lineFeed, omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil { return line }
            line += 1
        }
        return nil
    }
}
