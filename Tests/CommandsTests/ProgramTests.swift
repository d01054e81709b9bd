import Testing
import Web

@testable import Commands

/// Testing has a type of this name, too.
typealias ExitStatus = Commands.ExitStatus

@Suite("A program's commands")
struct ProgramTests {
    /// What a command printed, and how it ended.
    private struct Ending: Equatable {
        var status: ExitStatus
        var printed: [String] = []
        var errors: [String] = []
    }

    private static let program = Program(
        name: "ward", version: "1.2", summary: "keeps a ward", common: "Every command takes --data.",
        commonValued: ["--data"],
        commands: [
            Command(
                "bed add", "NAME [--floor N]", "add a bed", discussion: "Names are unique.",
                valued: ["--floor"]
            ) {
                arguments, console in
                let data = arguments.option("--data") ?? "none"
                let floor = arguments.option("--floor") ?? "0"
                let isJSON = arguments.flag("--json")
                let name = try arguments.word("the bed's name")
                try arguments.finish()
                console.print("\(name) \(floor) \(data) \(isJSON)")
                return .ok
            },
            Command("fail", "", "fail") { _, _ in
                throw CommandError("no bed: make one first", status: .unavailable)
            },
            Command("break", "", "break") { _, _ in throw Broken() },
        ])

    private struct Broken: Error, CustomStringConvertible {
        var description: String { "broken" }
    }

    private func run(_ arguments: String...) async -> Ending {
        let printed = Collected()
        let errors = Collected()
        let status = await Self.program.main(
            arguments, console: Console(print: { printed.add($0) }, printError: { errors.add($0) }))
        return Ending(status: status, printed: printed.lines, errors: errors.lines)
    }

    @Test(
        "The help lists every command, and is what a program without arguments prints, with the usage status")
    func help() async {
        let text = """
            ward: keeps a ward

            Usage: ward COMMAND …    (ward COMMAND --help tells more)

              bed add  add a bed
              fail     fail
              break    break

            Every command takes --data.
            """
        #expect(await run("--help") == Ending(status: .ok, printed: [text]))
        #expect(await run("help") == Ending(status: .ok, printed: [text]))
        #expect(await run() == Ending(status: .usage, printed: [text]))
    }

    @Test("Each command has a help of its own")
    func commandHelp() async {
        let text = """
            add a bed

            Usage: ward bed add NAME [--floor N]

            Names are unique.

            Every command takes --data.
            """
        #expect(await run("bed", "add", "--help") == Ending(status: .ok, printed: [text]))
    }

    @Test("An option may stand several times, and then all its values count, in their order")
    func severalOptions() throws {
        var arguments = try Arguments(["--a", "1", "x", "--a=2", "--b", "3"], valued: ["--a", "--b"])
        #expect(arguments.options("--a") == ["1", "2"])
        #expect(arguments.options("--a") == [])
        #expect(arguments.option("--b") == "3")
        #expect(try arguments.word("a word") == "x")
        try arguments.finish()
    }

    @Test("Options may stand anywhere, with a space or an equals sign, and -- ends them")
    func options() async {
        #expect(await run("bed", "add", "A", "--floor", "2").printed == ["A 2 none false"])
        #expect(await run("bed", "add", "--floor=2", "--json", "A", "--data", "d").printed == ["A 2 d true"])
        #expect(await run("bed", "add", "--", "--floor").printed == ["--floor 0 none false"])
        #expect(await run("bed", "add", "A", "--floor=1", "--floor=3").printed == ["A 3 none false"])
    }

    @Test(
        "What nobody asked for, and what is missing, is told with the way to the help",
        arguments: [
            (["bed", "add"], "ward bed add: the bed's name is missing. See: ward bed add --help"),
            (["bed", "add", "A", "B"], "ward bed add: “B” is one word too many. See: ward bed add --help"),
            (
                ["bed", "add", "A", "--wide"],
                "ward bed add: --wide is not an option of this command. See: ward bed add --help"
            ),
            (
                ["bed", "add", "A", "--floor"],
                "ward bed add: --floor needs a value. See: ward bed add --help"
            ),
            (["ben"], "ward: there is no command “ben”. See: ward --help"),
            (["bed"], "ward: there is no command “bed”. See: ward --help"),
        ])
    func usage(arguments: [String], sentence: String) async {
        let errors = Collected()
        let status = await Self.program.main(
            arguments, console: Console(print: { _ in }, printError: { errors.add($0) }))
        #expect(status == .usage)
        #expect(errors.lines == [sentence])
    }

    @Test("An error becomes its sentence and its status, and none escapes")
    func errors() async {
        #expect(await run("fail") == Ending(status: .unavailable, errors: ["ward: no bed: make one first"]))
        #expect(await run("break") == Ending(status: .software, errors: ["ward: broken"]))
    }

    @Test(
        "An answer's status becomes the exit status that sysexits has for it",
        arguments: [
            (200, ExitStatus.ok), (400, .dataError), (401, .noPermission), (403, .noPermission),
            (404, .noInput),
            (409, .dataError), (422, .dataError), (500, .software), (502, .unavailable), (503, .unavailable),
            (507, .cannotCreate),
        ])
    func statuses(http: Int, expected: ExitStatus) {
        #expect(ExitStatus(http: http) == expected)
    }

    @Test("An address to listen on is HOST:PORT")
    func listening() throws {
        #expect(try ListenAddress("127.0.0.1:0") == ListenAddress("127.0.0.1:0"))
        #expect(try ListenAddress("[::1]:80").port == 80)
        for text in ["", ":80", "host", "host:", "host:65536", "host:x"] {
            #expect(throws: UsageError.self) { try ListenAddress(text) }
        }
    }
}

/// Lines that a console was given.
private final class Collected: Sendable {
    private let content = Guarded<[String]>([])
    var lines: [String] { content.withLock { $0 } }
    func add(_ line: String) { content.withLock { $0.append(line) } }

    @Test("Help is broken at its spaces, loses no word, and keeps the lines that fit")
    func wrapped() async {
        let long = Array(repeating: "wörd", count: 60).joined(separator: " ")
        let command = Command("long", "", "s", discussion: "short\n\n\(long)") { _, _ in .ok }
        let program = Program(
            name: "ward", version: "1", summary: "", common: "c", commonValued: [], commands: [command])
        let printed = Guarded([String]())
        let console = Console(print: { line in printed.withLock { $0.append(line) } }, printError: { _ in })
        _ = await program.main(["long", "--help"], console: console)
        let lines = printed.withLock { $0 }.joined(separator: "\n").split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 110 } && lines.contains("short"))
        #expect(lines.joined(separator: " ").contains(long))
    }
}
