import Foundation

/// The SQL of the store's transactions, from its source.
enum SourceStatements {
    static func all() throws -> [String] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/CentralServer/Store/SQLite")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        let literal = try NSRegularExpression(pattern: #""""\s*([\s\S]*?)\s*"""|"((?:[^"\\]|\\")*)""#)
        return try files.filter { $0.lastPathComponent.hasPrefix("SQLiteTransaction+") }.flatMap { file in
            let source = try String(contentsOf: file, encoding: .utf8)
            let whole = NSRange(source.startIndex..., in: source)
            return literal.matches(in: source, range: whole).compactMap { match in
                let range = Range(match.range(at: 1), in: source) ?? Range(match.range(at: 2), in: source)
                return range.map { String(source[$0]).replacingOccurrences(of: "\\\"", with: "\"") }
            }.filter { text in ["SELECT ", "INSERT ", "UPDATE ", "DELETE "].contains { text.hasPrefix($0) } }
        }
    }
}
