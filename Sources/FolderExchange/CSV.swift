/// Tables as text (RFC 4180), in lines that end with CR LF.
package enum CSV {
    package static let (rowsMax, columnsMax, cellLongest) = (10_000, 300, 4_000)

    /// Why a file is no table that can be read, in Chinese.
    package struct Fault: Error, Hashable, Sendable { package let chinese: String }

    /// Writes rows. A cell that a spreadsheet would take for a formula is marked with an apostrophe, which ``read(_:)`` takes off.
    package static func write(_ rows: [[String]], _ coding: TableCoding = .utf8) -> [UInt8] {
        TableText.bytes(rows.map { $0.map(quoted).joined(separator: ",") + "\r\n" }.joined(), coding)
    }

    private static let formula: Set<Unicode.Scalar> = [
        "=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠",
    ]

    private static func quoted(_ cell: String) -> String {
        let safe = isMarked(cell.unicodeScalars.first) ? "'" + cell : cell
        let isPlain = safe.unicodeScalars.allSatisfy { !["\"", ",", "\r", "\n", " "].contains($0) }
        if isPlain { return safe }
        // By scalars, as readers go: a mark behind a quote makes one character of both.
        var text = String.UnicodeScalarView()
        for scalar in safe.unicodeScalars {
            if scalar == "\"" { text.append(scalar) }
            text.append(scalar)
        }
        return "\"" + String(text) + "\""
    }

    private static func isMarked(_ first: Unicode.Scalar?) -> Bool {
        first.map { formula.contains($0) || $0 == "'" } ?? false
    }

    /// Takes off the apostrophe that ``write(_:)`` has put before what looks like a formula.
    fileprivate static func unmarked(_ cell: String) -> String {
        let rest = cell.unicodeScalars.dropFirst()
        guard cell.unicodeScalars.first == "'", isMarked(rest.first) else { return cell }
        return String(rest)
    }

    /// Reads rows; all have as many cells as the first. Lines without any cell are left out.
    package static func read(_ bytes: [UInt8], _ coding: TableCoding = .utf8) throws(Fault) -> [[String]] {
        var reader = CSVReader(try TableText.text(ofTable: bytes, coding))
        return try reader.rows()
    }
}

/// Reads a table cell by cell.
private struct CSVReader {
    private let scalars: [Unicode.Scalar]
    private var place = 0
    private var line = 1

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    mutating func rows() throws(CSV.Fault) -> [[String]] {
        var rows: [[String]] = []
        while place < scalars.count {
            let begin = line
            let row = try row()
            if row == [""] { continue }
            if let first = rows.first, row.count != first.count {
                throw CSV.Fault(chinese: "第 \(begin) 行有 \(row.count) 列，应为 \(first.count) 列。")
            }
            rows.append(row)
            // The first row is the heading.
            guard rows.count <= CSV.rowsMax + 1 else {
                throw CSV.Fault(chinese: "文件超过 \(CSV.rowsMax) 行：请分成几个文件。")
            }
        }
        return rows
    }

    private mutating func row() throws(CSV.Fault) -> [String] {
        var cells: [String] = []
        while true {
            cells.append(try cell())
            guard cells.count <= CSV.columnsMax else {
                throw CSV.Fault(chinese: "第 \(line) 行超过 \(CSV.columnsMax) 列。")
            }
            guard place < scalars.count else { return cells }
            let end = scalars[place]
            place += 1
            if end == "," { continue }
            if end == "\r", place < scalars.count, scalars[place] == "\n" { place += 1 }
            line += 1
            return cells
        }
    }

    private mutating func cell() throws(CSV.Fault) -> String {
        var text = String.UnicodeScalarView()
        if place < scalars.count, scalars[place] == "\"" {
            try quoted(into: &text)
        } else {
            while place < scalars.count, ![",", "\r", "\n"].contains(scalars[place]) {
                text.append(scalars[place])
                place += 1
            }
        }
        guard text.count <= CSV.cellLongest else {
            throw CSV.Fault(chinese: "第 \(line) 行有一格超过 \(CSV.cellLongest) 字。")
        }
        return CSV.unmarked(String(text))
    }

    private mutating func quoted(into text: inout String.UnicodeScalarView) throws(CSV.Fault) {
        let begin = line
        place += 1
        while place < scalars.count {
            let scalar = scalars[place]
            place += 1
            if scalar == "\"" {
                guard place < scalars.count, scalars[place] == "\"" else {
                    if place < scalars.count, ![",", "\r", "\n"].contains(scalars[place]) {
                        throw CSV.Fault(chinese: "第 \(line) 行的引号后面还有文字。")
                    }
                    return
                }
                place += 1
            }
            if scalar == "\n" { line += 1 }
            text.append(scalar)
        }
        throw CSV.Fault(chinese: "第 \(begin) 行的引号没有结束：文件可能没有写完。")
    }
}
