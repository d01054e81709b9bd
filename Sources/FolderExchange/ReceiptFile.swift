import Casework
import Foundation

/// What became of a result file's rows.
struct ReceiptFile {
    struct Line: Hashable, Sendable {
        let row: Int
        let id: String
        /// `taken`, `repeated`, `kept`, `refused`; `rejected` for a whole file.
        let state: String
        let reasons: [String]
    }

    let name: String
    let lines: [Line]

    func bytes(_ format: FolderFormat, _ coding: TableCoding) throws -> [UInt8] {
        switch format {
        case .csv:
            return CSV.write(
                [["row", "id", "state", "reasons"]]
                    + lines.map { ["\($0.row)", $0.id, $0.state, $0.reasons.joined(separator: " ")] }, coding)
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            let results = lines.map { line -> JSON in
                .object([
                    "row": .number(.init(line.row)), "id": .text(line.id), "state": .text(line.state),
                    "reasons": .list(line.reasons.map { .text($0) }),
                ])
            }
            let file: JSON = .object(["format": .number(1), "file": .text(name), "results": .list(results)])
            return Array(try encoder.encode(file))
        }
    }
}
