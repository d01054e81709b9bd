import Foundation
import Programs
import Testing

/// What somebody does wrong at the command line: the exact status, and a sentence that names the thing and the remedy.
@Suite("Bad input at the command line", .timeLimit(.minutes(3)), .onThreads)
struct CommandLineTests {
    /// What is wrong, how a command line says it, and what comes of it.
    struct Mistake: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let arguments: [String]
        let status: Int32
        /// What standard error has to say.
        let words: [String]

        init(_ description: String, _ arguments: String, _ status: Int32, _ words: String...) {
            testDescription = description
            self.arguments = arguments.split(separator: " ").map(String.init)
            (self.status, self.words) = (status, words)
        }
    }

    /// `FILE:x` stands for a file that ``Files`` makes.
    static let mistakes = [
        Mistake(
            "a file that is no JSON", "case new --policy gx-yongfu --file FILE:torn", 65,
            "not valid JSON (line "
        ),
        Mistake(
            "an unknown field", "case new --policy gx-yongfu --file FILE:field", 65,
            "motherNam: no such field",
            "不是已知的字段"),
        Mistake(
            "a wrong check digit", "case new --policy gx-yongfu --file FILE:digit", 65,
            "motherIdNo: wrong check character", "母亲公民身份号码的校验码不正确"),
        Mistake(
            "no file at all", "case new --policy gx-yongfu --file FILE:none", 66, "none", "cannot be read"),
        Mistake(
            "an unknown policy", "case new --policy gx-yongfo --file FILE:good", 65, "Known here:",
            "gx-yongfu"),
        Mistake("an unknown case", "case show 01a1fdce-345d-7113-adcf-f647d47172fb", 66, "case list"),
        Mistake("no case's ID", "case show nonsense", 66, "case"),
        Mistake("an answer without a value", "case set ID childName", 64, "FIELD=VALUE", "case set --help"),
        Mistake("an answer to no field", "case set ID nofield=1", 65, "nofield: no such field"),
        Mistake(
            "somebody else's field", "case set ID hukouResultStatus=done", 65, "hukouResultStatus",
            "department"),
        Mistake("an unknown command", "frobnicate", 64, "“frobnicate”", "birthwindow --help"),
        Mistake("an unknown option", "case list --frob", 64, "--frob is not an option", "case list --help"),
        Mistake("an option that is missing", "case new --file FILE:good", 64, "--policy is missing"),
        Mistake("a word too many", "status now", 64, "“now” is one word too many"),
        Mistake("no port", "serve --listen here", 64, "HOST:PORT"),
        Mistake(
            "somebody else's address", "serve --listen 192.0.2.1:80 --allow-plain-http", 69, "192.0.2.1",
            "--listen HOST:PORT"),
        Mistake(
            "an open door", "serve --listen 0.0.0.0:0", 64, "--certificate F --key F", "--allow-plain-http"),
        Mistake("a token that central never gave", "enroll --central CENTRAL --token nonsense", 69, "401"),
        Mistake(
            "nobody at central's address", "enroll --central http://127.0.0.1:1 --token x", 69, "Central"),
    ]

    @Test("is named, with what to do", arguments: mistakes)
    func mistake(_ mistake: Mistake) throws {
        let ward = try Ward(hasAgent: false)
        let id = try ward.register()
        let files = try Files(in: ward.stage.directory)
        let outcome = try ward.window.attempt(
            mistake.arguments.map { word in
                switch word {
                case "ID": id
                case "CENTRAL": ward.centralDaemon.address.absoluteString
                default: word.hasPrefix("FILE:") ? files.path(String(word.dropFirst(5))) : word
                }
            })
        #expect(outcome.status == mistake.status, "\(outcome.error)")
        for words in mistake.words { #expect(outcome.error.contains(words), "\(outcome.error)") }
        #expect(outcome.output.isEmpty)
        // Nothing was saved, not even half.
        #expect(try ward.window.run("status")["saved"].number == 1)
    }

    /// Case files, of which one is good.
    private struct Files {
        private let folder: URL

        init(in folder: URL) throws {
            self.folder = folder
            let good = try String(contentsOf: Ward.birth, encoding: .utf8)
            let files = [
                "good": good,
                "torn": String(good.prefix(400)),
                "field": good.replacing(#""motherName""#, with: #""motherNam""#),
                "digit": good.replacing("450326199403129947", with: "450326199403129948"),
            ]
            for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
        }

        func path(_ name: String) -> String { folder.appending(path: name).path }
    }

    @Test("Before it is enrolled, a window says how to enrol it")
    func notEnrolled() throws {
        let stage = try Stage("birthwindow-test")
        defer { stage.clear() }
        let window = Tool("birthwindow", data: stage.directory.appending(path: "window"), stage: stage)
        for command in [["case", "new", "--policy", "gx-yongfu", "--file", Ward.birth.path], ["sync"]] {
            let outcome = try window.attempt(command)
            #expect(outcome.status == 65)
            #expect(outcome.error.contains("birthwindow enroll --central URL --token TOKEN"))
        }
    }

    @Test("A port in use is refused, and another is to be chosen")
    func portInUse() throws {
        let ward = try Ward(hasAgent: false)
        let outcome = try ward.window.attempt(["serve", "--listen", "127.0.0.1:\(ward.centralDaemon.port)"])
        #expect(outcome.status == 69)
        #expect(outcome.error.contains("Port \(ward.centralDaemon.port) is in use"))
        #expect(outcome.error.contains("--listen HOST:PORT"))
    }

    @Test("A second daemon on one directory is refused, and says which process has it")
    func secondDaemon() throws {
        let ward = try Ward()
        for tool in [ward.window, ward.central] {
            let outcome = try tool.attempt(["serve", "--listen", "127.0.0.1:0"])
            #expect(outcome.status == 75)
            #expect(outcome.error.contains("is in use by process"))
            #expect(outcome.error.contains("\(tool.program) runs there already"))
        }
    }

    @Test("A database of a newer version is refused and left as it is")
    func newerDatabase() throws {
        let ward = try Ward(hasAgent: false)
        _ = try ward.register()
        let file = ward.window.data.appending(path: "window.sqlite").path
        try sqlite(file, "INSERT INTO migration VALUES (9999, '9999-of-the-future')")
        let before = try sqlite(file, "SELECT count(*), max(sequence) FROM change")
        for command in [["case", "list"], ["serve", "--listen", "127.0.0.1:0"]] {
            let outcome = try ward.window.attempt(command)
            #expect(outcome.status == 65)
            #expect(outcome.error.contains("window"))
            #expect(outcome.error.contains("newer version"))
        }
        #expect(try sqlite(file, "SELECT count(*), max(sequence) FROM change") == before)
    }

    @discardableResult
    private func sqlite(_ file: String, _ statement: String) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["sqlite3", "-bail", file, statement]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return text
    }

    @Test("With no room on the disk nothing is saved, it is said, and with room again it goes on")
    func noRoom() throws {
        let ward = try Ward(hasAgent: false)
        let id = try ward.register()
        // Blocks of 512 bytes; the signal is ignored, so that writing fails as on a full disk.
        let setup = "trap '' XFSZ; ulimit -f 400"
        var (saved, refused) = (0, 0)
        for number in 0..<60 where refused < 3 {
            let note = "note=\(String(repeating: "满", count: 1_900))\(number)"
            let outcome = try ward.window.attempt(["case", "set", id, note], setup: setup)
            if outcome.status == 0 {
                saved += 1
            } else {
                refused += 1
                #expect(outcome.status == 73 || outcome.status == 74, "\(outcome.error)")
                #expect(!outcome.error.isEmpty)
            }
        }
        #expect(refused == 3)
        #expect(try ward.changes(of: id, at: ward.window) == 1 + saved)
        try ward.window.run("case", "set", id, "note=有空间了")
        #expect(try ward.changes(of: id, at: ward.window) == 2 + saved)
    }

    @Test("Every command explains itself", arguments: ["birthwindow", "birthcentral"])
    func help(program: String) throws {
        let stage = try Stage("birthwindow-test")
        defer { stage.clear() }
        let tool = Tool(program, data: stage.directory.appending(path: "none"), stage: stage)
        let overview = try tool.attemptBare(["--help"])
        #expect(overview.status == 0)
        #expect(
            !overview.text.contains("\nOther:"), "a command lacks its line in Guide+Central or Guide+Window")
        // A command's line: two spaces, one or two words, at least two spaces, what it is for.
        let commands = overview.text.split(separator: "\n").filter {
            $0.hasPrefix("  ") && !$0.hasPrefix("   ")
        }
        .map { $0.dropFirst(2).components(separatedBy: "  ")[0] }.filter { !$0.hasPrefix("--") }
        #expect(commands.count >= 10)
        for command in commands {
            let words = command.split(separator: " ").map(String.init)
            let help = try tool.attemptBare(words + ["--help"])
            #expect(help.status == 0)
            #expect(help.text.contains("Usage: \(program) \(command)"), "\(help.text)")
            let surplus = try tool.attempt(words + ["--no-such-option"])
            #expect(surplus.status == 64, "\(command): \(surplus.error)")
            #expect(surplus.error.contains("\(program) \(command) --help"))
        }
        #expect(try tool.attemptBare(["--version"]).text.hasPrefix("\(program) "))
        // Nobody who only asks makes a directory.
        #expect(!FileManager.default.fileExists(atPath: tool.data.path))
    }
}
