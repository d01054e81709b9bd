/// Tables as text (RFC 4180): UTF-8 with the mark that spreadsheets in China want, lines that end with CR LF.
package enum CSV {
    package static let (rowsMax, columnsMax, cellLongest) = (10_000, 300, 4_000)
    /// What tells a spreadsheet that the file is UTF-8.
    static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Why a file is no table that can be read, in Chinese.
    package struct Fault: Error, Hashable, Sendable { package let chinese: String }

    /// Writes rows. A cell that a spreadsheet would take for a formula is marked with an apostrophe, which ``read(_:)`` takes off.
    package static func write(_ rows: [[String]]) -> [UInt8] {
        var bytes = mark
        for row in rows { bytes += Array((row.map(quoted).joined(separator: ",") + "\r\n").utf8) }
        return bytes
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
    package static func read(_ bytes: [UInt8]) throws(Fault) -> [[String]] {
        var reader = CSVReader(try text(bytes))
        return try reader.rows()
    }

    /// The text of a file, which is to be UTF-8.
    package static func text(_ bytes: [UInt8]) throws(Fault) -> String {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw Fault(chinese: "文件是 UTF-16 编码：请另存为“CSV UTF-8（逗号分隔）”后重新放入。")
        }
        if bytes.contains(0) { throw Fault(chinese: "文件含有空字节，不是文本文件。") }
        let content = bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes
        guard let text = String(validating: content, as: UTF8.self) else {
            throw Fault(chinese: "文件不是 UTF-8 编码（可能是旧版 Excel 的 GB18030 或 ANSI）：请另存为“CSV UTF-8（逗号分隔）”后重新放入。")
        }
        return text
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
