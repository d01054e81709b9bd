import FaultyLink
import Foundation

/// One of the real programs with the directory that it works on.
struct Tool {
    let program: String
    let data: URL
    let stage: Stage

    /// What a command came to.
    struct Outcome {
        let status: Int32
        let output: Data
        let error: String
    }

    /// The program lies beside the demo's own binary.
    private var executable: URL {
        Self.folder.appending(path: program)
    }

    /// Where this process's own binary lies, however it was called.
    static var folder: URL {
        // Where there is no /proc, the name that it was called by has to do.
        let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: path ?? CommandLine.arguments[0]).deletingLastPathComponent()
    }

    private func process(_ arguments: [String]) throws -> Process {
        guard FileManager.default.isExecutableFile(atPath: executable.path) else {
            throw Failure("\(executable.path) is missing: build it first with `swift build`")
        }
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments + ["--data", data.path, "--json"]
        process.standardInput = FileHandle.nullDevice
        return process
    }

    /// Runs a command to its end.
    func attempt(_ arguments: [String]) throws -> Outcome {
        let process = try process(arguments)
        let (output, error) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, error)
        try stage.start(process)
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = error.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        stage.noteEnd(of: process)
        return Outcome(
            status: process.terminationStatus, output: printed,
            error: String(decoding: complaint, as: UTF8.self))
    }

    /// Runs a command that must succeed, and reads what it answers.
    @discardableResult
    func run(_ arguments: String...) throws -> Value { try run(arguments) }

    @discardableResult
    func run(_ arguments: [String]) throws -> Value {
        let outcome = try attempt(arguments)
        // What is no JSON is no answer.
        guard outcome.status == 0, let answer = try? Value(parsing: outcome.output) else {
            throw Failure(
                "`\(program) \(arguments.joined(separator: " "))` ended with \(outcome.status): "
                    + outcome.error + String(decoding: outcome.output, as: UTF8.self))
        }
        return answer
    }

    /// Starts the daemon on a port that the system chooses, and waits until it says where.
    func serve(_ arguments: String...) throws -> Daemon {
        let process = try process(["serve", "--listen", "127.0.0.1:0"] + arguments)
        let output = Pipe()
        process.standardOutput = output
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

/// A program that serves.
struct Daemon: Sendable {
    let process: Process
    /// Kept open: a daemon that writes into a closed pipe would end.
    let output: Pipe
    let address: URL
    let port: UInt16
    let stage: Stage

    /// Ends it as a power cut would: it learns nothing of it.
    func strike() { kill(process.processIdentifier, SIGKILL) }

    /// Asks it to stop; true if it did so in good order.
    func stop() -> Bool {
        kill(process.processIdentifier, SIGTERM)
        awaitEnd()
        return process.terminationReason == .exit && process.terminationStatus == 0
    }

    /// Waits until it is gone.
    func awaitEnd() {
        process.waitUntilExit()
        stage.noteEnd(of: process)
    }
}
