import Foundation

/// A directory for the files of one world; it goes with its last user. In memory, where the system has such a place: programs
/// sync every commit, and no power cut is real here.
final class Disk: Sendable {
    let path: String

    init() throws {
        let memory = "/dev/shm"
        let place = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
        path = place + "/simulation-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    // What stays is only litter.
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    /// Copies a database as it lies there, with its log, over whatever has that name.
    ///
    /// - Parameter logBytes: so much of the log had reached the disk when the power went; nil: all of it.
    func copy(_ name: String, to copy: String, logBytes: Int? = nil) throws {
        remove(copy)
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: file(name + suffix)) {
            try FileManager.default.copyItem(atPath: file(name + suffix), toPath: file(copy + suffix))
        }
        guard let logBytes, let log = FileHandle(forWritingAtPath: file(copy + "-wal")) else { return }
        try log.truncate(atOffset: UInt64(logBytes))
        try log.close()
    }

    /// How long a database's log is.
    func logBytes(of name: String) -> Int {
        // No log is an empty one.
        let attributes = try? FileManager.default.attributesOfItem(atPath: file(name + "-wal"))
        return (attributes?[.size] as? Int) ?? 0
    }

    /// Gives a file another name, also over one that is open.
    func rename(_ name: String, to other: String) throws {
        guard unsafe Foundation.rename(file(name), file(other)) == 0 else { throw Broken("no such file") }
    }

    /// Most often some of them are not there.
    func remove(_ name: String) {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: file(name + suffix))
        }
    }
}

/// Why a simulation cannot go on: it is itself broken.
struct Broken: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
