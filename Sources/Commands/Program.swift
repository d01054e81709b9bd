import Foundation

/// A command of a program: what it is called, how it is used, and what it does.
package struct Command: Sendable {
    /// `case new`: one or two words.
    package let name: String
    /// What follows the name, as the help shows it.
    package let usage: String
    /// One line for the list of commands.
    package let summary: String
    /// What a user needs to know beyond that; may be empty.
    package let discussion: String
    /// Options that take a value.
    package let valued: Set<String>
    package let run: @Sendable (inout Arguments, Console) async throws -> ExitStatus

    package init(
        _ name: String, _ usage: String, _ summary: String, discussion: String = "", valued: Set<String> = [],
        run: @escaping @Sendable (inout Arguments, Console) async throws -> ExitStatus
    ) {
        self.name = name
        self.usage = usage
        self.summary = summary
        self.discussion = discussion
        self.valued = valued
        self.run = run
    }
}

/// Where a command writes. Tests collect it.
package struct Console: Sendable {
    package let print: @Sendable (String) -> Void
    package let printError: @Sendable (String) -> Void

    package init(
        print: @escaping @Sendable (String) -> Void, printError: @escaping @Sendable (String) -> Void
    ) {
        self.print = print
        self.printError = printError
    }

    /// Standard output and standard error. Who does not read them any more, or has no room, does not hear: a daemon must not
    /// end for a line of its log.
    package static let standard = Console(
        print: { try? FileHandle.standardOutput.write(contentsOf: Data(($0 + "\n").utf8)) },
        printError: { try? FileHandle.standardError.write(contentsOf: Data(($0 + "\n").utf8)) })
}

/// A program with commands. Nothing escapes from ``main(_:console:)``: every error becomes a sentence and an
/// exit status.
package struct Program: Sendable {
    package let name: String
    package let version: String
    package let summary: String
    package let commands: [Command]
    /// Options that every command takes, as the help shows them.
    package let common: String
    /// Those of them that take a value.
    package let commonValued: Set<String>

    /// By which the help is grouped.
    let guide: Guide
    let language: Language

    package init(
        name: String, version: String, summary: String, common: String, commonValued: Set<String>,
        commands: [Command], guide: Guide = Guide([]),
        language: Language = Language(environment: ProcessInfo.processInfo.environment)
    ) {
        (self.guide, self.language) = (guide, language)
        self.name = name
        self.version = version
        self.summary = summary
        self.common = common
        self.commonValued = commonValued
        self.commands = commands
    }

    /// Carries out a command line.
    package func main(_ arguments: [String], console: Console = .standard) async -> ExitStatus {
        if arguments.isEmpty || ["help", "--help", "-h"].contains(arguments[0]) {
            console.print(help)
            return arguments.isEmpty ? .usage : .ok
        }
        if arguments[0] == "--version" {
            console.print("\(name) \(version)")
            return .ok
        }
        guard let (command, rest) = find(arguments) else {
            console.printError("\(name): there is no command “\(arguments[0])”. See: \(name) --help")
            return .usage
        }
        if rest.contains("--help") {
            console.print(help(of: command))
            return .ok
        }
        return await run(command, rest, console)
    }

    private func run(_ command: Command, _ rest: [String], _ console: Console) async -> ExitStatus {
        do {
            var arguments = try Arguments(rest, valued: command.valued.union(commonValued))
            return try await command.run(&arguments, console)
        } catch let error as UsageError {
            console.printError(
                "\(name) \(command.name): \(error.message). See: \(name) \(command.name) --help")
            return .usage
        } catch let error as CommandError {
            console.printError("\(name): \(error.description)")
            return error.status
        } catch {
            console.printError("\(name): \(error)")
            return .software
        }
    }

    /// The longest name that the arguments begin with.
    private func find(_ arguments: [String]) -> (Command, [String])? {
        for count in [2, 1] where arguments.count >= count {
            let name = arguments.prefix(count).joined(separator: " ")
            if let command = commands.first(where: { $0.name == name }) {
                return (command, Array(arguments.dropFirst(count)))
            }
        }
        return nil
    }

    private var help: String {
        let usage =
            language == .chinese
            ? "用法：\(name) 命令 …    （\(name) 命令 --help 查看详细说明）"
            : "Usage: \(name) COMMAND …    (\(name) COMMAND --help tells more)"
        return """
            \(name): \(summary)

            \(usage)

            \(guide.lines(commands, language).joined(separator: "\n"))

            \(common)
            """
    }

    /// Characters of a line of help.
    private static let columns = 110

    /// Breaks lines that are too long at their spaces; the others stay.
    private static func wrapped(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
            guard line.count > columns else { return [String(line)] }
            return line.split(separator: " ").reduce(into: [""]) { lines, word in
                let last = lines[lines.count - 1]
                if last.isEmpty {
                    lines[lines.count - 1] = String(word)
                } else if last.count + 1 + word.count <= columns {
                    lines[lines.count - 1] += " \(word)"
                } else {
                    lines.append(String(word))
                }
            }
        }.joined(separator: "\n")
    }

    private func help(of command: Command) -> String {
        let usage = command.usage.isEmpty ? "" : " " + command.usage
        let discussion = command.discussion.isEmpty ? "" : "\n\n" + Self.wrapped(command.discussion)
        return "\(command.summary)\n\nUsage: \(name) \(command.name)\(usage)\(discussion)\n\n\(common)"
    }
}
