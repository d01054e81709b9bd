import Casework
import Foundation
import Testing
import Web

@testable import Commands

@Suite("The log")
struct LogTests {
    private func lines(_ format: Log.Format, _ events: [LogEvent]) -> [String] {
        let lines = Guarded<[String]>([])
        let log = Log(
            "birthcentral", format, now: { 1_795_000_000_123 },
            write: { line in lines.withLock { $0.append(line) } })
        for event in events { log(event) }
        return lines.withLock { $0 }
    }

    private let event = LogEvent(
        .warning, "device.refused", "device 7 was refused:\nit is \"revoked\"",
        ["device": "7", "count": 3, "most": .number(.max)])

    @Test("For a terminal a line is the program's name and the sentence")
    func text() {
        #expect(lines(.text, [event]) == ["birthcentral: device 7 was refused: it is \"revoked\""])
    }

    @Test("In JSON each event is one object on one line, with time, level, name and fields")
    func json() throws {
        let written = lines(.json, [event, LogEvent(.info, "program.stopped", "birthcentral has stopped")])
        #expect(
            written == [
                #"{"event":"device.refused","fields":{"count":3,"device":"7","most":18446744073709551615},"#
                    + #""level":"warning","message":"device 7 was refused:\nit is \"revoked\"","#
                    + #""program":"birthcentral","time":"2026-11-18T11:06:40.123Z"}"#,
                #"{"event":"program.stopped","fields":{},"level":"info","message":"birthcentral has stopped","#
                    + #""program":"birthcentral","time":"2026-11-18T11:06:40.123Z"}"#,
            ])
        for line in written {
            #expect(!line.contains("\n"))
            #expect(throws: Never.self) { try JSON(parsing: Array(line.utf8)) }
        }
    }

    @Test(
        "A request that failed inside is told by its route and the error's type, never by its address or what the error holds"
    )
    func failed() {
        struct Secret: Error { let name = "王小明" }
        var request = Request(.get, "/cases/45032620260901001X?name=secret")
        request.route = "/cases/{id}"
        let line = lines(.json, [.failed(request, Secret())])[0]
        #expect(line.contains("/cases/{id}") && line.contains("Secret"))
        #expect(!line.contains("45032") && !line.contains("王小明") && !line.contains("name=secret"))
    }

    @Test("Only the two formats are taken", arguments: ["text", "json", "xml", ""])
    func option(word: String) throws {
        var arguments = try Arguments(["--log", word], valued: ["--log"])
        if let format = Log.Format(rawValue: word) {
            #expect(try Log.format(&arguments) == format)
        } else {
            #expect(throws: UsageError.self) { try Log.format(&arguments) }
        }
    }
}
