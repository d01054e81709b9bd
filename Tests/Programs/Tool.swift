package import Foundation
import Glibc

/// One of the real programs with the directory that it works on.
package struct Tool: Sendable {
    package let program: String
    package let data: URL
    private let stage: Stage

    package init(_ program: String, data: URL, stage: Stage) {
        (self.program, self.data, self.stage) = (program, data, stage)
    }

    /// What a command came to.
    package struct Outcome: Sendable {
        package let status: Int32
        package let output: Data
        /// What it printed on standard error.
        package let error: String

        /// What it printed on standard output.
        package var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// Where this process's own binary lies, however it was called, and the programs beside it.
    package static var folder: URL {
        // Where there is no /proc, the name that it was called by has to do.
        let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: path ?? CommandLine.arguments[0]).deletingLastPathComponent()
    }

    private func process(_ arguments: [String]) throws -> Process {
        let executable = Self.folder.appending(path: program)
        guard FileManager.default.isExecutableFile(atPath: executable.path) else {
            throw Failure("\(executable.path) is missing: build it first with `swift build`")
        }
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["TMPDIR": stage.directory.appending(path: Stage.temporary).path]) { $1 }
        process.standardInput = FileHandle.nullDevice
        return process
    }

    /// Runs a command to its end, on this directory.
    ///
    /// - Parameters:
    ///   - setup: shell commands that run before it in its process.
    ///   - input: what it may read from standard input.
    package func attempt(_ arguments: [String], setup: String? = nil, input: Data = Data()) throws -> Outcome
    {
        try attemptBare(arguments + ["--data", data.path], setup: setup, input: input)
    }

    /// Runs a command line as it is.
    package func attemptBare(_ arguments: [String], setup: String? = nil, input: Data = Data()) throws
        -> Outcome
    {
        let process = try process(arguments)
        if let setup, let executable = process.executableURL {
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", setup + "\nexec \"$0\" \"$@\"", executable.path] + arguments
        }
        let (output, error, given) = (Pipe(), Pipe(), Pipe())
        (process.standardOutput, process.standardError, process.standardInput) = (output, error, given)
        try stage.start(process)
        // Less than a pipe holds, so that this never waits; a program that does not read it has ended.
        try? given.fileHandleForWriting.write(contentsOf: input)
        try given.fileHandleForWriting.close()
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = error.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        stage.noteEnd(of: process)
        let isKilled = process.terminationReason == .uncaughtSignal
        return Outcome(
            status: isKilled ? -process.terminationStatus : process.terminationStatus, output: printed,
            error: String(decoding: complaint, as: UTF8.self))
    }

    /// Runs a command that must succeed, and reads the JSON that it answers.
    @discardableResult
    package func run(_ arguments: String...) throws -> Value { try run(arguments) }

    /// The same, for arguments that are a list already.
    @discardableResult
    package func run(_ arguments: [String]) throws -> Value {
        let outcome = try attempt(arguments + ["--json"])
        // What is no JSON is no answer.
        guard outcome.status == 0, let answer = try? Value(parsing: outcome.output) else {
            throw Failure(
                "`\(program) \(arguments.joined(separator: " "))` ended with \(outcome.status): "
                    + outcome.error + outcome.text)
        }
        return answer
    }

    /// Starts a command that goes on until it is struck.
    package func begin(_ arguments: [String]) throws -> Begun {
        let process = try process(arguments + ["--data", data.path])
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        try stage.start(process)
        return Begun(process: process, stage: stage)
    }

    /// Starts the daemon and waits until it says where it serves.
    ///
    /// - Parameters:
    ///   - port: 0 for one that the system chooses.
    ///   - log: a file for what it prints on standard error; nil leaves that to the test's own.
    package func serve(port: UInt16 = 0, _ arguments: String..., log: URL? = nil) throws -> Daemon {
        let process = try process(
            ["serve", "--listen", "127.0.0.1:\(port)", "--data", data.path, "--json"] + arguments)
        let output = Pipe()
        process.standardOutput = output
        if let log {
            if !FileManager.default.fileExists(atPath: log.path) { try Data().write(to: log) }
            process.standardError = try FileHandle(forWritingTo: log)
        }
        try stage.start(process)
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            let part = output.fileHandleForReading.availableData
            if part.isEmpty { throw Failure("\(program) serve ended before it served") }
            line += part
        }
        guard let address = URL(string: try Value(parsing: line)["address"].text), let port = address.port
        else {
            throw Failure("\(program) serve did not say where it serves")
        }
        return Daemon(process: process, output: output, address: address, port: UInt16(port), stage: stage)
    }
}

/// A command that goes on.
package struct Begun: Sendable {
    let process: Process
    let stage: Stage

    /// Ends it as a power cut would, and waits until it is gone.
    package func strike() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        stage.noteEnd(of: process)
    }
}

/// A program that serves.
package struct Daemon: Sendable {
    let process: Process
    /// Kept open: a daemon that writes into a closed pipe would end.
    let output: Pipe
    package let address: URL
    package let port: UInt16
    let stage: Stage

    /// The most memory that it has had, in bytes; 0 if the system does not tell.
    package var memoryPeakBytes: Int {
        let path = "/proc/\(process.processIdentifier)/status"
        // A program that has ended has no such file.
        let lines = (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n") ?? []
        let line = lines.first { $0.hasPrefix("VmHWM:") }?.split(whereSeparator: \.isWhitespace)
        return (line?.dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }
    package var processIdentifier: Int32 { process.processIdentifier }

    /// Whether it has not ended yet.
    package var isRunning: Bool { process.isRunning }

    /// Ends it as a power cut would: it learns nothing of it.
    package func strike() { kill(process.processIdentifier, SIGKILL) }

    /// Asks it to read its files again.
    package func hangUp() { kill(process.processIdentifier, SIGHUP) }

    /// Asks it to stop; true if it did so in good order.
    package func stop() -> Bool {
        kill(process.processIdentifier, SIGTERM)
        awaitEnd()
        return process.terminationReason == .exit && process.terminationStatus == 0
    }

    /// Waits until it is gone.
    package func awaitEnd() {
        process.waitUntilExit()
        stage.noteEnd(of: process)
    }
}

/// Why something that had to work did not.
package struct Failure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
