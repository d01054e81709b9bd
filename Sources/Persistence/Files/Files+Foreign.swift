import Glibc

/// Files and folders that other programs put there: nothing is followed, and nothing is believed of them.
extension Files {
    /// What lies under a name that somebody else has given.
    package enum Foreign: Hashable, Sendable {
        /// Its bytes, and when they were written last, milliseconds since 1970.
        case file([UInt8], modifiedMilliseconds: UInt64)
        /// A link, a folder, a pipe or the like.
        case notAFile
        case tooLarge
        case absent
    }

    /// Reads a file of a bounded size that somebody else has put there; no link is followed, and no pipe is waited for.
    package static func readForeign(_ path: String, byteCountMax: Int) throws(FileError) -> Foreign {
        let number = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard number >= 0 else {
            switch errno {
            case ENOENT: return .absent
            case ELOOP, ENXIO: return .notAFile
            default: throw FileError(code: errno, at: path)
            }
        }
        defer { close(number) }
        var status = stat()
        guard fstat(number, &status) == 0 else { throw FileError(code: errno, at: path) }
        // A second name may be that of a file which whoever put it here may not read.
        guard status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else { return .notAFile }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= byteCountMax {
            let count = Glibc.read(number, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError(code: errno, at: path) }
            if count == 0 {
                let time = status.st_mtim
                let milliseconds = max(0, Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
                return .file(bytes, modifiedMilliseconds: UInt64(milliseconds))
            }
            bytes += piece[..<count]
        }
        return .tooLarge
    }

    /// Whether something lies under a name; a link that leads nowhere does.
    package static func isThere(_ path: String) throws(FileError) -> Bool {
        var status = stat()
        if lstat(path, &status) == 0 { return true }
        guard errno == ENOENT else { throw FileError(code: errno, at: path) }
        return false
    }

    /// Whether a name is a folder itself, and no link to one.
    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Writes a new file that the group may read, too, under a name that nothing has; with less, as the process's mask says.
    package static func writeShared(_ bytes: [UInt8], to path: String) throws(FileError) {
        try write(bytes, to: path, mode: 0o660)
    }

    /// Makes a folder that the group may use, too; one that is there is no error.
    package static func makeSharedFolder(_ path: String) throws(FileError) {
        guard mkdir(path, 0o770) == 0 || errno == EEXIST else { throw FileError(code: errno, at: path) }
    }

    /// Removes a file; one that is not there is no error.
    package static func remove(_ path: String) throws(FileError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw FileError(code: errno, at: path) }
    }
}
