/// The characters of a file from a department, and of a table for it.
enum TableText {
    /// What tells a spreadsheet that the file is UTF-8.
    static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// A text with one of the few private characters that GB18030 has no place for stays UTF-8, and its mark says so.
    static func bytes(_ text: String, _ coding: TableCoding) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard coding == .gb18030, let coded = Recoding.gb18030(ofUTF8: bytes) else { return mark + bytes }
        return coded
    }

    /// The text of a table in either coding: with the mark it is UTF-8; without it is what its bytes can be.
    ///
    /// - Parameter coding: what the folder is set to. It decides for the few files that could be either: all their characters beyond
    ///   ASCII are of two bytes, which no Chinese character is in UTF-8.
    static func text(ofTable bytes: [UInt8], _ coding: TableCoding) throws(CSV.Fault) -> String {
        try refuseOthers(bytes)
        if bytes.starts(with: mark) { return try utf8(bytes) }
        if let text = String(validating: bytes, as: UTF8.self) {
            let isChinese = bytes.contains { $0 >= 0xE0 } || bytes.allSatisfy { $0 < 0x80 }
            if isChinese || coding == .utf8 { return text }
        } else if isDamagedUTF8(bytes) {
            throw CSV.Fault(chinese: "文件是 UTF-8 编码，但有损坏的字符：请重新保存后放入。")
        }
        guard let decoded = Recoding.utf8(ofGB18030: bytes),
            let text = String(validating: decoded, as: UTF8.self)
        else {
            throw CSV.Fault(chinese: "文件既不是 UTF-8 也不是 GB18030 编码：请另存为“CSV UTF-8（逗号分隔）”后重新放入。")
        }
        return text
    }

    /// The text of a file that has to be UTF-8.
    static func text(_ bytes: [UInt8]) throws(CSV.Fault) -> String {
        try refuseOthers(bytes)
        return try utf8(bytes)
    }

    private static func refuseOthers(_ bytes: [UInt8]) throws(CSV.Fault) {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw CSV.Fault(chinese: "文件是 UTF-16 编码：请另存为“CSV UTF-8（逗号分隔）”后重新放入。")
        }
        if bytes.contains(0) { throw CSV.Fault(chinese: "文件含有空字节，不是文本文件。") }
    }

    private static func utf8(_ bytes: [UInt8]) throws(CSV.Fault) -> String {
        let content = bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes
        guard let text = String(validating: content, as: UTF8.self) else {
            throw CSV.Fault(chinese: "文件不是完整的 UTF-8 编码：请以 UTF-8 重新保存后放入。")
        }
        return text
    }

    /// Whether more characters of three bytes are whole than broken: so is UTF-8 with a fault in it, and hardly ever GB18030, which would
    /// then become other Chinese characters that nobody wrote.
    private static func isDamagedUTF8(_ bytes: [UInt8]) -> Bool {
        var (whole, broken) = (0, 0)
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            if scalar == "\u{FFFD}" { broken += 1 } else if scalar.value >= 0x800 { whole += 1 }
        }
        return whole > broken
    }
}
