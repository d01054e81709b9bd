import Testing
import Web

@Suite("CSV")
struct CSVTests {
    private func read(_ text: String, _ limits: CSVReader.Limits = .init()) throws -> [[String]] {
        var reader = try CSVReader(Array(text.utf8), limits: limits)
        return try reader.rows()
    }

    @Test("A table is written with a byte order mark, CRLF, and quotes where they are needed")
    func exactBytes() {
        var writer = CSVWriter(columns: ["医院", "说明"])
        writer.add(["yf", "a,b"])
        writer.add(["say \"hi\"", "two\r\nlines"])
        let text = "\u{FEFF}医院,说明\r\nyf,\"a,b\"\r\n\"say \"\"hi\"\"\",\"two\r\nlines\"\r\n"
        #expect(writer.bytes == Array(text.utf8))
    }

    @Test(
        "What a spreadsheet would calculate gets an apostrophe",
        arguments: [
            "=1+1", "+86", "-x", "@a", "\tx", "\rx", "\n", "＝1", "＋1", "－1", "＠1", "'=1", "--1", "-1.2.3",
            "-",
            "-.5",
        ])
    func harmless(cell: String) {
        #expect(CSVWriter.harmless(cell) == "'" + cell)
    }

    @Test(
        "What is harmless stays as it is", arguments: ["", "'", "'a", "1", "-1", "-1.5", "a=b", "张三", "0-1"])
    func untouched(cell: String) {
        #expect(CSVWriter.harmless(cell) == cell)
    }

    @Test("What was written is read as it was, whatever is in the cells", arguments: 0..<64)
    func roundTrip(seed: Int) throws {
        var state = UInt64(seed) &* 2_654_435_761 &+ 1
        func random(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % below
        }
        let letters = Array("a,\"\r\n'=+-@\t1.张＝é😀 ").map(String.init)
        let columns = 1 + random(5)
        let rows = (0..<(1 + random(6))).map { _ in
            (0..<columns).map { _ in (0..<random(6)).map { _ in letters[random(letters.count)] }.joined() }
        }
        var writer = CSVWriter(columns: rows[0])
        for row in rows.dropFirst() { writer.add(row) }
        var reader = try CSVReader(writer.bytes)
        #expect(try reader.rows() == rows, "seed \(seed)")
    }

    @Test("LF ends a row as CRLF does; the last row may lack its end; a byte order mark is passed over")
    func ends() throws {
        #expect(try read("a,b\n1,2") == [["a", "b"], ["1", "2"]])
        #expect(try read("\u{FEFF}a\r\n\"\"\r\n") == [["a"], [""]])
        #expect(try read("") == [])
        #expect(try read("a,\r\n") == [["a", ""]])
    }

    @Test(
        "What is no CSV is refused with its line",
        arguments: [
            ("a,b\r\n1\r\n", CSVError.Kind.unevenRow, 3), ("a\"b\r\n", .strayQuote, 1),
            ("x\r\n\"a\"b\r\n", .strayQuote, 2), ("x\r\n\"a", .openQuote, 2),
            ("a\rb", .bareCarriageReturn, 1),
            ("a\n\u{0}", .zeroByte, 2), ("\"\n\u{0}\"", .zeroByte, 2),
        ])
    func refused(text: String, kind: CSVError.Kind, line: Int) {
        #expect(throws: CSVError(kind: kind, line: line)) { _ = try read(text) }
    }

    @Test("Bytes that are not UTF-8 are refused with their line and the way out")
    func notUTF8() {
        let error = #expect(throws: CSVError.self) { _ = try CSVReader([0x61, 0x0A, 0xD6, 0xD0]) }
        #expect(error == CSVError(kind: .notUTF8, line: 2))
        #expect(error?.description == "line 2: the text is not UTF-8 (save it as “CSV UTF-8”)")
    }

    @Test("Each limit holds, and one beyond it is refused")
    func limits() throws {
        var limits = CSVReader.Limits()
        (limits.bytesMax, limits.rowsMax, limits.columnsMax, limits.cellBytesMax) = (20, 2, 2, 3)
        #expect(try read("a,b\nabc,d\n", limits).count == 2)
        #expect(throws: CSVError(kind: .tooLarge, line: 1)) {
            _ = try read("aaa,aaa\naaa,aaa\naaa,a", limits)
        }
        #expect(throws: CSVError(kind: .tooManyRows, line: 3)) { _ = try read("a\nb\nc", limits) }
        #expect(throws: CSVError(kind: .tooManyCells, line: 1)) { _ = try read("a,b,c", limits) }
        #expect(throws: CSVError(kind: .cellTooLarge, line: 1)) { _ = try read("\"abcd\"", limits) }
    }

    @Test("The reader tells on which line a row began")
    func lines() throws {
        var reader = try CSVReader(Array("a\n\"x\ny\"\nb\n".utf8))
        var begins: [Int] = []
        while try reader.next() != nil { begins.append(reader.line) }
        #expect(begins == [1, 2, 4])
    }
}
