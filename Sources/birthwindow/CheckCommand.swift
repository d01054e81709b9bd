import Casework
import Commands
import Foundation

extension Command {
    /// Judges an application without keeping anything.
    static let check = Command(
        "check", "FILE [--json] [--policy-file F]… [--calendar-file F]…",
        "judge an application by its region's rules, without keeping anything",
        discussion: """
            FILE is a JSON object of field keys and answers with its `jurisdiction`, or one that has such an object
            under `input`; `-` reads standard input. With --json the answer is one JSON object on standard output. What
            is wrong with single values is told on standard error and counts as unanswered; the exit code stays 0. It
            is 65 if the file is no JSON, or names no region that is known. --policy-file adds a region, or replaces
            the shipped one of the same name; --calendar-file adds the days off of a year.
            """,
        valued: ["--policy-file", "--calendar-file"]
    ) { arguments, console in
        let isJSON = arguments.flag("--json")
        _ = arguments.option("--data")  // Every command takes it; this one keeps nothing.
        let own = try PolicyLibrary(readingFiles: arguments.options("--policy-file"))
        let calendar = try WorkCalendar(addingFiles: arguments.options("--calendar-file"))
        let path = try arguments.word("the file")
        try arguments.finish()
        let now = Moment(milliseconds: UInt64(max(0, Date().timeIntervalSince1970 * 1000)))
        let bytes = try InputFile.read(path, bytesMax: CaseFile.bytesMax)
        let file: CheckFile
        do {
            file = try CheckFile(bytes, today: now.date) { own[$0] ?? PolicyLibrary.rules($0) }
        } catch let error as CaseFileError {
            let sentences = error.faults.map(\.chinese).joined(separator: "\n")
            throw CommandError("\(path): \(sentences)", status: .dataError)
        }
        let answer = CheckAnswer(file, calendar: calendar)
        for fault in file.faults {
            console.printError("\(fault.isWarning ? "提示" : "错误")：\(fault.chinese)")
        }
        if isJSON {
            console.print(try answer.json.printed())
        } else {
            for line in CheckReport(answer, now: now).lines { console.print(line) }
        }
        return .ok
    }

    /// Checks policy files as central does before it sends them.
    static let policyCheck = Command(
        "policy check", "FILE… [--json]", "check policy files, with every fault at once",
        discussion: """
            Each fault is a line `file: path: code: text`, in which the code is that of the rule, if it has one. The
            exit code is 65 if there is any. docs/policy-format.md tells what a file holds.
            """
    ) { arguments, console in
        let isJSON = arguments.flag("--json")
        _ = arguments.option("--data")
        let paths = [try arguments.word("a policy file")] + arguments.rest()
        try arguments.finish()
        var errors: [PolicyError] = []
        for path in paths {
            let bytes = try InputFile.read(path, bytesMax: Policy.bytesMax)
            do { _ = try Policy(json: bytes, file: path) } catch let error as PolicyError {
                errors.append(error)
            }
        }
        if isJSON {
            console.print(try JSON.list(errors.flatMap(\.json)).printed())
        } else {
            for error in errors { console.print("\(error)") }
            if errors.isEmpty { console.print("\(paths.count) sound") }
        }
        return errors.isEmpty ? .ok : .dataError
    }
}

extension PolicyLibrary {
    /// The policies of files, each checked as a whole.
    fileprivate init(readingFiles paths: [String]) throws {
        let files = try paths.map { path in
            (name: path, bytes: try InputFile.read(path, bytesMax: Policy.bytesMax))
        }
        do { self = try PolicyLibrary(files: files) } catch {
            throw CommandError(error.description, status: .dataError)
        }
    }
}

extension PolicyError {
    /// An object for each fault.
    fileprivate var json: [JSON] {
        faults.map { fault in
            .object([
                "file": .text(file), "path": .text(fault.path), "text": .text(fault.text),
                "code": fault.code.map { .text($0) } ?? .null,
            ])
        }
    }
}

extension JSON {
    fileprivate func printed() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension WorkCalendar {
    /// The calendar that is shipped, with the years of these files.
    fileprivate init(addingFiles paths: [String]) throws {
        self = .standard
        for path in paths {
            let bytes = try InputFile.read(path, bytesMax: CalendarYear.bytesMax)
            do { self = adding(try CalendarYear(json: bytes)) } catch {
                throw CommandError("\(path): \(error.description)", status: .dataError)
            }
        }
    }
}
