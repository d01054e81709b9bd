import Casework
import Testing

@testable import FolderExchange

@Suite("Task tables and result tables")
struct TableTests {
    @Test("Cells come back as they were, whatever is in them; seeds are printed")
    func roundTrip() throws {
        let pieces = [
            "", "a", "\"", ",", "\r\n", "\n", "=1+1", "'", "'=", "+86", "-", "@x", "\t", " 空 格 ", "王", "😀",
        ]
        for seed in UInt64(1)...300 {
            var state = seed
            func next(_ count: Int) -> Int {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Int(state >> 33) % count
            }
            let width = 2 + next(4)
            let rows = (0..<(1 + next(5))).map { _ in
                (0..<width).map { _ in (0..<next(4)).map { _ in pieces[next(pieces.count)] }.joined() }
            }
            for coding in TableCoding.allCases {
                #expect(try CSV.read(CSV.write(rows, coding), coding) == rows, "seed \(seed)")
            }
        }
    }

    @Test(
        "What a spreadsheet would take for a formula is marked; the file has the mark of UTF-8 and ends its lines with CR LF"
    )
    func formulas() {
        let bytes = CSV.write([["=HYPERLINK(1)", "+1", "-1", "@a", "ok"]])
        #expect(bytes.starts(with: [0xEF, 0xBB, 0xBF]) && bytes.suffix(2) == [13, 10])
        let text = String(decoding: bytes.dropFirst(3), as: UTF8.self)
        #expect(text == "'=HYPERLINK(1),'+1,'-1,'@a,ok\r\n")
    }

    @Test("A task table that is filled in is a result table: rows that are left empty say nothing")
    func filledIn() throws {
        let central = FakeCentral()
        for _ in 0..<3 { central.add() }
        let page = try #require(central.page(nil).members)
        let file = TaskFile(department: "police", cursor: "ab-3", tasks: page["tasks"].entries)
        var table = try CSV.read(try file.bytes(FolderStyle(.csv)))
        #expect(table.count == 4 && table[0].contains("新生儿姓名[childName]"))
        let place = { (name: String) in try #require(table[0].firstIndex(of: name)) }
        let (outcome, date, number, id) = (
            try place("outcome"), try place("date"), try place("新生儿公民身份号码[=childIdNo]"), try place("id")
        )
        table[2][outcome] = "办结"
        table[2][date] = "2026/9/3"
        table[2][number] = "45032620260901001X"
        let read = try ResultFile(CSV.write(table), .csv)
        #expect(read.rows.count == 1 && read.rows[0].number == 3)
        let result = try #require(read.rows[0].result?.members)
        #expect(result["outcome"] == .text("done") && result["date"] == .text("2026-09-03"))
        #expect(result["values"] == .object(["childIdNo": .text("45032620260901001X")]))
        #expect(result["id"] == .text(table[2][id]) && result["asOf"] == .text("20:1.1"))
        #expect(result["childName"] == nil)
    }

    @Test("Rows in which something lacks are told one by one")
    func rows() throws {
        let file = try ResultFile(
            Array(
                #"{"format":1,"results":[{"id":"a"},7,{"id":"b","caseID":"c","item":"i","outcome":"done","date":"d","x":1},{"id":3}]}"#
                    .utf8), .json)
        #expect(file.rows.map { $0.result == nil } == [true, true, true, true])
        #expect(
            file.rows[0].faults.contains("缺少 caseID。") && file.rows[2].faults.contains { $0.contains("x") })
    }
}
