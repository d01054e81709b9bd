import Foundation

/// Where a command gets a password from: never from the command line, which every user of the machine can see.
package enum PasswordInput: Hashable, Sendable {
    /// Asked for at the terminal, twice, without showing it.
    case terminal
    /// The first line of a file, or of standard input for `-`.
    case file(String)
    /// Made by the server and told once.
    case generated

    /// Options that take a value.
    package static let valued: Set<String> = ["--password-file"]
    package static let usage = "[--generate | --password-file F]"
    package static let discussion = """
        The password is asked for at the terminal; --password-file reads its first line from a file (`-`: standard input), and
        --generate makes one for one time and prints it once. Whoever gets it changes it at the first sign-in.
        """

    package init(_ arguments: inout Arguments) throws(UsageError) {
        let generates = arguments.flag("--generate")
        switch (generates, arguments.option("--password-file")) {
        case (true, nil): self = .generated
        case (false, let file?): self = .file(file)
        case (false, nil): self = .terminal
        case (true, _?): throw UsageError("--generate and --password-file exclude each other")
        }
    }

    /// The password; nil if the server is to make one.
    package func read() throws(CommandError) -> String? {
        switch self {
        case .generated: return nil
        case .file(let path):
            let bytes = try InputFile.read(path, bytesMax: 1024)
            guard let text = String(validating: bytes, as: UTF8.self),
                let line = text.split(separator: "\n", omittingEmptySubsequences: false).first, !line.isEmpty
            else { throw CommandError("the file holds no password in its first line", status: .dataError) }
            return line.hasSuffix("\r") ? String(line.dropLast()) : String(line)
        case .terminal:
            let first = try Self.ask("New password: ")
            guard try Self.ask("The same again: ") == first else {
                throw CommandError("the two were not the same; nothing was changed", status: .dataError)
            }
            return first
        }
    }

    /// Asks at the terminal while it does not show what is typed.
    private static func ask(_ prompt: String) throws(CommandError) -> String {
        guard isatty(STDIN_FILENO) == 1 else {
            throw CommandError("there is no terminal: use --password-file F or --generate", status: .noInput)
        }
        var shown = termios()
        guard unsafe tcgetattr(STDIN_FILENO, &shown) == 0 else {
            throw CommandError("the terminal cannot be asked: use --password-file F", status: .noInput)
        }
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        try? FileHandle.standardError.write(contentsOf: Data(prompt.utf8))
        _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        defer {
            _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
            try? FileHandle.standardError.write(contentsOf: Data("\n".utf8))
        }
        guard let line = readLine(), !line.isEmpty else {
            throw CommandError("no password was given; nothing was changed", status: .noInput)
        }
        return line
    }
}
