import Foundation

/// A running `PersistenceChild`, which lies beside the test binary.
struct Child {
    private let process = Process()
    private let output = Pipe()
    private let input = Pipe()

    static let path = Bundle.main.bundleURL.appending(path: "PersistenceChild").path

    /// - Parameter setup: shell commands that run in the child's process before it.
    init(_ verb: String, _ path: String, setup: String = "") throws {
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", setup + "\nexec \"$0\" \"$@\"", Child.path, verb, path]
        process.standardOutput = output
        process.standardInput = input
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    /// Lines up to a count, or up to the end of the output.
    func lines(countMax: Int = .max) -> [String] {
        var text = ""
        while text.count(where: { $0 == "\n" }) < countMax {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { break }
            text += String(decoding: data, as: UTF8.self)
        }
        return text.split(separator: "\n").map(String.init)
    }

    func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

    func finish() throws {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    var processIdentifier: Int32 { process.processIdentifier }
}
