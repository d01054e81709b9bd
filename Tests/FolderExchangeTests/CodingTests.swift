import Foundation
import Testing

@testable import FolderExchange

@Suite("Tables in UTF-8 and in GB18030")
struct CodingTests {
    private static let heading = "id,caseID,item,outcome,date,note\r\n"

    private func note(_ bytes: [UInt8], _ coding: TableCoding) throws -> String {
        try CSV.read(bytes, coding)[1][5]
    }

    private func table(_ note: String, _ coding: TableCoding) -> [UInt8] {
        let mark = TableText.mark.count
        let bytes = TableText.bytes(Self.heading + "1,c,i,done,2026-09-21," + note, coding)
        return coding == .utf8 ? Array(bytes.dropFirst(mark)) : bytes
    }

    @Test(
        "What is written in either is read whatever the folder is set to, with the mark of UTF-8 and without")
    func either() throws {
        for text in ["已通过", "联通", "请重新拍摄产时记录页。", "𠮷野家", "㐀", "阿依·古丽", "a", "é和ü"] {
            for coding in TableCoding.allCases {
                for setting in TableCoding.allCases {
                    #expect(try note(table(text, coding), setting) == text, "\(text) \(coding) \(setting)")
                }
                #expect(try note(TableText.mark + table(text, .utf8), coding) == text)
            }
        }
    }

    /// Not the mark at the beginning of a file, and no private character.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value > 0x20 && scalar.value != 0xFEFF && !(0xE000...0xF8FF).contains(scalar.value)
    }

    @Test("What GB18030 has no place for makes the table UTF-8, which its mark says; long texts come back")
    func privateCharacters() throws {
        let bytes = TableText.bytes("文\u{E816}", .gb18030)
        #expect(bytes.starts(with: TableText.mark))
        #expect(try TableText.text(ofTable: bytes, .gb18030) == "文\u{E816}")
        let long = String(repeating: "新生儿𠮷，", count: 200_000)
        #expect(try TableText.text(ofTable: TableText.bytes(long, .gb18030), .utf8) == long)
        #expect(Recoding.utf8(ofGB18030: []) == [])
    }

    @Test("GB18030 has every character: all of the first three planes come back")
    func whole() throws {
        for plane in UInt32(0)...2 {
            let (first, last) = (plane << 16, plane << 16 + 0xFFFD)
            let scalars = (first...last).compactMap { Unicode.Scalar($0) }.filter(Self.isPlain)
            for start in stride(from: 0, to: scalars.count, by: 1_000) {
                let part = scalars[start..<min(start + 1_000, scalars.count)]
                let text = "文" + String(String.UnicodeScalarView(part))
                let back = try TableText.text(ofTable: TableText.bytes(text, .gb18030), .gb18030)
                #expect(
                    back.unicodeScalars.elementsEqual(text.unicodeScalars), "from \(part.first?.value ?? 0)")
            }
        }
    }

    @Test("The few files that could be either are what the folder is set to")
    func ambiguous() throws {
        // 通 in GB18030 is also a character of two bytes in UTF-8, which no Chinese character is.
        let bytes = Array((Self.heading + "1,c,i,done,2026-09-21,").utf8) + [0xCD, 0xA8]
        #expect(try note(bytes, .gb18030) == "通")
        #expect(try note(bytes, .utf8) == "\u{368}")
    }

    @Test("UTF-8 with a fault in it does not become other Chinese characters")
    func damaged() throws {
        var bytes = table("请重新拍摄产时记录页，并补齐出生医学证明。", .utf8)
        bytes.remove(at: bytes.count - 5)
        for coding in TableCoding.allCases {
            let fault = #expect(throws: CSV.Fault.self) { try CSV.read(bytes, coding) }
            #expect(fault?.chinese.contains("损坏") == true)
        }
    }

    @Test("Receipts of tables are written as the folder is set to; JSON is UTF-8 always")
    func receipts() async throws {
        let place = try Place()
        defer { place.clear() }
        try place.put(Data(table("已通过", .gb18030)), as: "a.csv")
        try place.put(Place.results(["x"], outcome: "wrong"), as: "b.json")
        let report = try await place.exchange(.csv, coding: .gb18030).round()
        #expect(report.results == ["taken": 1, "refused": 1])
        for name in try place.names("receipts") {
            let bytes = Array(try Data(contentsOf: URL(filePath: place.path + "/receipts/" + name)))
            if name.hasSuffix(".csv") {
                #expect(try CSV.read(bytes, .gb18030)[1][1] == "1")
                #expect(!bytes.starts(with: TableText.mark))
            } else {
                #expect(String(validating: bytes, as: UTF8.self)?.contains("不对。") == true)
            }
        }
    }
}
