import FaultyLink
package import Foundation
import Glibc

/// What a test or the demo puts into the world: one temporary directory, and processes. ``clear()`` takes all of it away.
package final class Stage: Sendable {
    /// Where everything lies that is written.
    package let directory: URL
    private let children = Guarded(Children())

    private struct Children: Sendable {
        var running: Set<pid_t> = []
        var isClearing = false
    }

    /// In the directory: what the programs take for temporary files.
    package static let temporary = "temporary"

    /// - Parameter name: the beginning of the directory's name.
    package init(_ name: String) throws {
        directory = FileManager.default.temporaryDirectory.appending(
            path: "\(name)-\(getpid())-\(UInt32.random(in: 0...0xFFFFFF))")
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        try FileManager.default.createDirectory(
            at: directory.appending(path: Self.temporary), withIntermediateDirectories: false)
    }

    /// Starts a process, unless everything is being cleared away: then this never returns.
    func start(_ process: Process) throws {
        let isStarted = try children.withLock { children in
            guard !children.isClearing else { return false }
            try process.run()
            children.running.insert(process.processIdentifier)
            return true
        }
        while !isStarted { pause() }
    }

    /// Notes that a process has ended.
    func noteEnd(of process: Process) {
        _ = children.withLock { $0.running.remove(process.processIdentifier) }
    }

    /// Ends every process at once and removes every file. Whoever comes second waits for the first to end this process.
    package func clear() {
        let claimed: Set<pid_t>? = children.withLock { children in
            defer { children.isClearing = true }
            return children.isClearing ? nil : children.running
        }
        guard let running = claimed else { while true { pause() } }
        for child in running { kill(child, SIGKILL) }
        for child in running {
            // It is left to Foundation to fetch; that it can write no more is enough here.
            waitid(P_PID, id_t(child), nil, Int32(WEXITED | WNOWAIT))
        }
        // Whether it is gone is for the caller to say.
        try? FileManager.default.removeItem(at: directory)
    }
}
