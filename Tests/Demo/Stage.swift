import Dispatch
import FaultyLink
import Foundation
import Glibc

/// What the demo puts into the world: one temporary directory, and processes. All of it is cleared away at the end, also
/// after a failure or a signal.
final class Stage: Sendable {
    /// Where everything lies that the demo writes.
    let directory: URL
    private let children = Guarded(Children())

    private struct Children: Sendable {
        var running: Set<pid_t> = []
        var isClearing = false
    }

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(
            path: "birthwindow-demo-\(getpid())-\(UInt32.random(in: 0...0xFFFFFF))")
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
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

    /// Ends every process at once and removes every file.
    func clear() {
        let running = children.withLock { children in
            children.isClearing = true
            return children.running
        }
        for child in running { kill(child, SIGKILL) }
        for child in running {
            // It is left to Foundation to fetch; that it can write no more is enough here.
            waitid(P_PID, id_t(child), nil, Int32(WEXITED | WNOWAIT))
        }
        // What cannot be removed is named by its absence from the promise: the caller looks.
        try? FileManager.default.removeItem(at: directory)
    }

    /// Clears everything away and ends the demo if it takes longer than it may.
    func clear(afterSeconds seconds: Int) {
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds)) { [self] in
            clear()
            Narrator().complain("after \(seconds) s the story is not at its end: something hangs")
            exit(1)
        }
    }

    /// Clears everything away when the demo is told to stop, and ends it.
    func clearOnSignals() -> [any DispatchSourceSignal] {
        signal(SIGPIPE, SIG_IGN)  // a reader that left must not keep the demo from clearing away
        return [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [self] in
                clear()
                Narrator().say("\nStopped. No process and no file is left.")
                exit(128 + number)
            }
            source.resume()
            return source
        }
    }
}
