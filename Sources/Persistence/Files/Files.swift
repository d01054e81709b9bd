package import Cryptography
import Glibc

/// How long a file is and what it hashes to.
package struct FileSum: Hashable, Sendable {
    package let byteCount: Int
    package let hash: Digest

    package init(byteCount: Int, hash: Digest) { (self.byteCount, self.hash) = (byteCount, hash) }
}

/// What is done with whole files of any size, in constant memory. What was written is synced when a call returns; names are
/// synced by ``syncFolder(_:)``.
package enum Files {
    /// Bytes that are read or written at a time.
    private static let pieceByteCount = 1 << 20

    /// Makes a copy (0600) under a name that nothing has, and tells what it holds.
    package static func copy(_ source: String, to target: String) throws(FileError) -> FileSum {
        let input = try Descriptor(source, O_RDONLY)
        let output = try Descriptor(target, O_WRONLY | O_CREAT | O_EXCL)
        var (hasher, count) = (SHA256(), 0)
        while true {
            let piece = try input.read(countMax: pieceByteCount)
            if piece.isEmpty { break }
            hasher.update(piece)
            try output.write(piece)
            count += piece.count
        }
        try output.sync()
        return FileSum(byteCount: count, hash: hasher.finish())
    }

    /// Hashes a file as the medium has it: what the system remembers of it is dropped first, as far as the system obeys.
    package static func sum(of path: String) throws(FileError) -> FileSum {
        let input = try Descriptor(path, O_RDONLY)
        input.forget()
        var (hasher, count) = (SHA256(), 0)
        while true {
            let piece = try input.read(countMax: pieceByteCount)
            if piece.isEmpty { return FileSum(byteCount: count, hash: hasher.finish()) }
            hasher.update(piece)
            count += piece.count
        }
    }

    /// Writes a new file (0600) under a name that nothing has.
    package static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        try write(bytes, to: path, mode: 0o600)
    }

    static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws(FileError) {
        let output = try Descriptor(path, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        try output.write(bytes)
        try output.sync()
    }

    /// Reads a file of a bounded size; a larger one is ``FileError/Kind/system(_:)`` with `EFBIG`'s number.
    package static func read(_ path: String, byteCountMax: Int) throws(FileError) -> [UInt8] {
        let input = try Descriptor(path, O_RDONLY)
        var bytes: [UInt8] = []
        while true {
            let piece = try input.read(countMax: pieceByteCount)
            if piece.isEmpty { return bytes }
            bytes += piece
            guard bytes.count <= byteCountMax else { throw FileError(code: EFBIG, at: path) }
        }
    }

    /// The bytes of a file; nil if there is none.
    package static func byteCount(of path: String) throws(FileError) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw FileError(code: errno, at: path)
        }
        return Int(status.st_size)
    }

    /// Gives a file a second name on the same file system; false if that cannot be, and it has to be copied.
    package static func link(_ source: String, as target: String) -> Bool { Glibc.link(source, target) == 0 }

    /// Gives a file or folder another name, in place of a file that bears it.
    package static func move(_ path: String, to other: String) throws(FileError) {
        guard rename(path, other) == 0 else { throw FileError(code: errno, at: other) }
    }

    /// Makes a folder (0700); one that is there is no error.
    package static func makeFolder(_ path: String) throws(FileError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw FileError(code: errno, at: path) }
    }

    /// Returns when the names in a folder survive a power cut.
    package static func syncFolder(_ path: String) throws(FileError) {
        try Descriptor(path, O_RDONLY | O_DIRECTORY).sync()
    }

    /// The names in a folder but those that begin with a dot, in no order.
    package static func names(in path: String) throws(FileError) -> [String] {
        do throws(AttachmentError) { return try Folder.names(in: path) } catch {
            throw FileError(code: errno, at: path)
        }
    }
}

/// An open file, closed exactly once.
private struct Descriptor: ~Copyable {
    private let number: Int32
    private let path: String

    init(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(FileError) {
        number = open(path, flags | O_CLOEXEC, mode)
        guard number >= 0 else { throw FileError(code: errno, at: path) }
        self.path = path
    }

    deinit { close(number) }

    borrowing func read(countMax: Int) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: countMax)
        var count = -1
        repeat { count = Glibc.read(number, &bytes, countMax) } while count < 0 && errno == EINTR
        guard count >= 0 else { throw FileError(code: errno, at: path) }
        return count == countMax ? bytes : Array(bytes.prefix(count))
    }

    borrowing func write(_ bytes: [UInt8]) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(number, buffer.baseAddress?.advanced(by: done), bytes.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileError(code: count == 0 ? ENOSPC : errno, at: path) }
            done += count
        }
    }

    borrowing func sync() throws(FileError) {
        guard fsync(number) == 0 else { throw FileError(code: errno, at: path) }
    }

    /// Advice: without it the same bytes are read, perhaps from memory.
    borrowing func forget() { posix_fadvise(number, 0, 0, POSIX_FADV_DONTNEED) }
}
