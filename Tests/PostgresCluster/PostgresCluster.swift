import Foundation

/// A PostgreSQL server of the tests' own, in a temporary directory, with a socket there and no address of a network. It ends
/// with the process that started it.
package final class PostgresCluster: Sendable {
    /// Why there is no server.
    package struct Absent: Error {}

    /// One server for all tests of a process that need no more than a database of their own.
    package static let shared = Result { try PostgresCluster() }

    /// Whether the tests of central are to run on PostgreSQL.
    package static let isWanted = ProcessInfo.processInfo.environment["BIRTHCENTRAL_TEST_STORE"] == "postgres"

    private let process: Process
    private let input: FileHandle
    private let output: FileHandle
    private let directory: String
    private let lock = NSLock()

    /// Starts a server; see `cluster`.
    package init() throws {
        process = Process()
        process.executableURL = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "cluster")
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        self.input = input.fileHandleForWriting
        self.output = output.fileHandleForReading
        guard let directory = Self.line(of: self.output) else { throw Absent() }
        self.directory = directory
    }

    /// Makes an empty database.
    ///
    /// - Returns: what `--database` takes.
    package func newDatabase() throws -> String {
        let name = "t" + UUID().uuidString.lowercased().replacing("-", with: "")
        try ask("create \(name)")
        return address(of: name)
    }

    /// What `--database` takes for a database of this server.
    package func address(of database: String) -> String {
        "postgres:host=\(directory) user=central dbname=\(database)"
    }

    /// Stops the server as a crash does.
    package func crash() throws { try ask("crash") }

    /// Starts it again.
    package func start() throws { try ask("start") }

    private func ask(_ words: String) throws {
        try lock.withLock {
            try input.write(contentsOf: Data((words + "\n").utf8))
            guard Self.line(of: output) == "ok" else { throw Absent() }
        }
    }

    private static func line(of output: FileHandle) -> String? {
        var line: [UInt8] = []
        while let byte = (try? output.read(upToCount: 1))?.first {
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        return nil
    }
}
