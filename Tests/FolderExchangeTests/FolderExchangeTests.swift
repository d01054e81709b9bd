import Casework
import Foundation
import Glibc
import Persistence
import Testing
import Web

@testable import FolderExchange

@Suite("A department's folder")
struct FolderExchangeTests {
    @Test(
        "Tasks appear once, in files whose names tell nothing of anybody; what a department took away does not come back"
    )
    func out() async throws {
        let place = try Place()
        defer { place.clear() }
        for _ in 0..<20 { place.central.add() }
        #expect(try await place.exchange().round().tasks == 20)
        #expect(
            try place.names("out") == [
                "tasks-police-ab-14.json", "tasks-police-ab-20.json", "tasks-police-ab-7.json",
            ])
        #expect(try place.takeOut().sorted() == Array(1...20))
        #expect(try await place.exchange().round() == FolderExchange.Report())
        #expect(try place.names("out").isEmpty)
        place.central.add(["state": .text("done")])  // its own answer
        place.central.add(["state": .text("held"), "reason": .text("等待。")])
        #expect(try await place.exchange().round().tasks == 1)
        #expect(try place.takeOut() == [22])
    }

    @Test("Results are taken, answered row by row, and put aside; the same file again is a repetition")
    func results() async throws {
        let place = try Place()
        defer { place.clear() }
        try place.put(Place.results(["a", "b"]), as: "日报.json")
        try place.put(Place.results(["c"], outcome: "wrong"), as: "b.json")
        try place.put("half", as: "c.json.tmp")
        var report = try await place.exchange().round()
        #expect(report.results == ["taken": 2, "refused": 1] && report.files == 2 && report.rejected == 0)
        #expect(try place.names("in") == ["c.json.tmp"])
        #expect(try place.names("done") == ["b.json", "日报.json"])
        let receipts = try place.names("receipts")
        #expect(receipts.count == 2 && receipts.allSatisfy { $0.hasPrefix("receipt-") })
        let refused = try place.text("receipts", try #require(receipts.first { $0.contains("-b.json") }))
        #expect(refused.contains("refused") && refused.contains("不对。"))
        // The same content under the same name was answered; under another name its rows are repetitions.
        try place.put(Place.results(["a", "b"]), as: "日报.json")
        try place.put(Place.results(["a", "b"]), as: "又.json")
        report = try await place.exchange().round()
        #expect(report.results == ["repeated": 2])
        #expect(try place.names("done").contains("2~日报.json"))
        #expect(place.central.taken == ["a": 1, "b": 1])
    }

    @Test(
        "What cannot be read goes to `reject` with its reasons, and never stops the rest",
        arguments: [
            ("a.json", "{\"format\":1,", "没有写完"), ("a.json", "[]", "没有写完"),
            ("a.json", #"{"format":2,"results":[]}"#, "format"), ("a.csv", "", "空的"),
            ("a.csv", "id,caseID,item,outcome,date,身份证\r\n1,2,3,4,5,6", "不认识的列：身份证"),
            ("a.csv", "id,caseID,item\r\n", "缺少列：outcome、date"),
            ("a.csv", "id,caseID,item,outcome,date,id\r\n", "两次"),
            ("a.csv", "id,caseID,item,outcome,date\r\n1,2\r\n", "第 2 行有 2 列，应为 5 列"),
            ("a.csv", "id,caseID,item,outcome,date\r\n\"1,2,3", "引号没有结束"),
            ("a.csv", "id,\"caseID\"x,item", "引号后面"),
        ])
    func rejected(name: String, content: String, word: String) async throws {
        let place = try Place()
        defer { place.clear() }
        try place.put(content, as: name)
        try place.put(Place.results(["ok"]), as: "z.json")
        let report = try await place.exchange().round()
        #expect(report.rejected == 1 && report.results == ["taken": 1])
        let reasons = try #require(try place.names("reject").first { $0.hasSuffix(".reasons.json") })
        #expect(try place.text("reject", reasons).contains(word))
        #expect(try place.names("reject").contains(name) && place.names("in").isEmpty)
    }

    @Test(
        "Encodings other than UTF-8 and GB18030 are refused with what to do; the mark of UTF-8 is read over")
    func encodings() async throws {
        let place = try Place()
        defer { place.clear() }
        // 结果 in GB18030; what is neither; UTF-16; and a file of zeroes.
        try place.put(
            Data(
                Array("id,caseID,item,outcome,date,note\r\n1,c,i,done,2026-09-21,".utf8) + [
                    0xBD, 0xE1, 0xB9, 0xFB,
                ]), as: "gb.csv")
        try place.put(Data(Array("id,caseID\r\n1,".utf8) + [0xFF, 0x41, 0x80]), as: "neither.csv")
        try place.put(Data([0xFF, 0xFE, 0x69, 0x00]), as: "utf16.csv")
        try place.put(Data(count: 100), as: "zero.csv")
        try place.put(
            Data(TableText.mark + Array("id,caseID,item,outcome,date\r\nx,c,i,办结,2026/9/3\r\n".utf8)),
            as: "ok.csv")
        let report = try await place.exchange().round()
        #expect(report.rejected == 3 && report.results == ["taken": 2])
        let reasons = try place.names("reject").filter { $0.hasSuffix("reasons.json") }.map {
            try place.text("reject", $0)
        }
        #expect(reasons.contains { $0.contains("GB18030") && $0.contains("CSV UTF-8") })
        #expect(reasons.contains { $0.contains("UTF-16") } && reasons.contains { $0.contains("空字节") })
    }

    @Test(
        "A link of either kind, a folder, a pipe, a file that is too large or still being written is not read; odd names are made plain"
    )
    func hostile() async throws {
        let place = try Place()
        defer { place.clear() }
        try place.put("x", as: "first.tmp")
        let secret = place.path + "/secret.json"
        try Data(Place.results(["stolen"]).utf8).write(to: URL(filePath: secret))
        try FileManager.default.createSymbolicLink(
            atPath: place.path + "/in/link.json", withDestinationPath: secret)
        try FileManager.default.linkItem(atPath: secret, toPath: place.path + "/in/second-name.json")
        let isPiped = unsafe mkfifo(place.path + "/in/pipe.json", 0o600) == 0
        try #require(isPiped)
        try place.put("x", as: String(repeating: "n", count: 250) + ".json")
        try FileManager.default.createDirectory(
            atPath: place.path + "/in/dir.json", withIntermediateDirectories: true)
        try place.put(Data(count: ResultFile.byteCountMax + 1), as: "large.csv")
        try place.put(Place.results(["odd"]), as: "a\nb\"'$(x).json")
        let report = try await place.exchange().round()
        #expect(report.rejected == 6 && place.central.taken == ["odd": 1])
        #expect(try place.names("done").allSatisfy { $0.hasPrefix("file-") })
        #expect(FileManager.default.fileExists(atPath: secret))
        try place.put(Place.results(["fresh"]), as: "fresh.json")
        #expect(try await place.exchange(isLate: false).round().waiting == 1)
        #expect(place.central.taken["fresh"] == nil)
        #expect(try await place.exchange().round().results == ["taken": 1])
    }

    @Test(
        "A folder whose parts are links, another department's, or in use is refused; nothing is written outside"
    )
    func foreign() async throws {
        let place = try Place()
        defer { place.clear() }
        place.central.add()
        let other = place.path + "-other"
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: other) }  // likewise
        try FileManager.default.createSymbolicLink(atPath: place.path + "/out", withDestinationPath: other)
        await #expect(throws: FolderError.notAFolder("out")) { _ = try await place.exchange().round() }
        #expect(try FileManager.default.contentsOfDirectory(atPath: other).isEmpty)
        try FileManager.default.removeItem(atPath: place.path + "/out")
        _ = try await place.exchange().round()
        let second = FolderExchange(
            path: place.path, department: "health", style: FolderStyle(.json), desk: place.central.desk,
            now: { 0 })
        await #expect(throws: FolderError.otherDepartment("police")) { _ = try await second.round() }
        try Data("x".utf8).write(to: URL(filePath: place.path + "/.state/state.json"))
        await #expect(throws: FolderError.damagedState) { _ = try await place.exchange().round() }
        let lock = try FileLock(path: place.path + "/.state/lock")
        await #expect(throws: FolderError.inUse) { _ = try await place.exchange().round() }
        withExtendedLifetime(lock) {}
    }

    @Test("Rows beyond the limit are refused as a whole; as many as the limit are read")
    func limits() throws {
        let head = "id,caseID,item,outcome,date\r\n"
        let row = "x,c,i,done,2026-09-21\r\n"
        let full = Array((head + String(repeating: row, count: CSV.rowsMax)).utf8)
        #expect(try ResultFile(full, .csv).rows.count == CSV.rowsMax)
        #expect(throws: ResultFile.Fault.self) { try ResultFile(full + Array(row.utf8), .csv) }
        let wide = Array(([String](repeating: "id", count: CSV.columnsMax + 1)).joined(separator: ",").utf8)
        #expect(throws: ResultFile.Fault.self) { try ResultFile(wide, .csv) }
        let long = Array((head + String(repeating: "长", count: CSV.cellLongest + 1) + ",c,i,done,d").utf8)
        #expect(throws: ResultFile.Fault.self) { try ResultFile(long, .csv) }
        let many = Place.results([String](repeating: "r", count: CSV.rowsMax + 1))
        #expect(throws: ResultFile.Fault.self) { try ResultFile(Array(many.utf8), .json) }
    }
}
