import Glibc

/// Why a lock was not had.
package enum FileLockError: Error, Hashable, Sendable {
    /// Somebody else has it; the process that wrote its number into the file, if it did.
    case heldByAnother(process: Int32?)
    /// The lock file cannot be opened or locked; the system's error number.
    case system(Int32)
}

/// Holds a lock file for this process alone, from `init` to `deinit`; the system lets go of it on any exit.
///
/// Taking it twice in one process fails like taking it in two. The file is never removed: who had opened it
/// just before would lock a file without a name.
package final class FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock at once or throws. The file is made if there is none.
    package init(path: String) throws(FileLockError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            let holder = FileLock.number(in: descriptor)
            close(descriptor)
            throw reason == EWOULDBLOCK ? .heldByAnother(process: holder) : .system(reason)
        }
        self.descriptor = descriptor
        // The number only helps the technician; the lock holds without it, also on a full disk.
        let number = Array("\(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, number, number.count, 0)
    }

    deinit { close(descriptor) }

    private static func number(in descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        let line = String(decoding: bytes.prefix(count), as: UTF8.self)
        return line.split(separator: "\n").first.flatMap { Int32($0) }
    }
}
