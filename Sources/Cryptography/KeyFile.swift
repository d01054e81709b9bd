import Glibc

/// Why a key file was not read or written. Says nothing about the secret.
package enum KeyFileError: Error, Hashable, Sendable {
    /// There is no such file.
    case absent
    /// A file is there already; keys are never overwritten.
    case exists
    /// Others than the owner may use the file, or it has another owner; its mode.
    case exposed(mode: UInt32)
    /// The file has another size than the secret, in bytes.
    case wrongSize(found: Int, wanted: Int)
    /// It is no ordinary file.
    case notAFile
    /// The system's error number.
    case system(Int32)
}

/// A secret in a file of its own, raw, for its owner only (mode 0600).
package enum KeyFile {
    /// Writes a new key file. It appears whole and synced, or not at all; one that exists is never replaced.
    package static func write(_ secret: SecretBytes, to path: String) throws(KeyFileError) {
        let partial = "\(path).\(SecureRandom.bytes(8).hexadecimal).part"
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system(errno) }
        defer { unlink(partial) }  // gone already if all went well
        do throws(KeyFileError) {
            try fill(descriptor, with: secret)
        } catch {
            close(descriptor)
            throw error
        }
        guard close(descriptor) == 0 else { throw .system(errno) }
        // Unlike rename(2), link(2) fails if the name is taken.
        guard link(partial, path) == 0 else { throw errno == EEXIST ? .exists : .system(errno) }
        unlink(partial)
        try syncDirectory(of: path)
    }

    /// Reads a key file, which must be its owner's alone and hold exactly as many bytes.
    package static func read(_ path: String, byteCount: Int) throws(KeyFileError) -> SecretBytes {
        try read(path, byteCounts: byteCount...byteCount)
    }

    /// Reads a key file, which must be its owner's alone and hold one byte at least and so many at most.
    package static func read(_ path: String, byteCountMax: Int) throws(KeyFileError) -> SecretBytes {
        try read(path, byteCounts: 1...byteCountMax)
    }

    /// Puts the key file at one path in the place of another, durably: whoever looks finds the one or the other, whole.
    package static func replace(_ path: String, with newPath: String) throws(KeyFileError) {
        guard rename(newPath, path) == 0 else { throw errno == ENOENT ? .absent : .system(errno) }
        try syncDirectory(of: path)
    }

    private static func read(
        _ path: String, byteCounts: ClosedRange<Int>
    ) throws(KeyFileError) -> SecretBytes {
        // O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw errno == ENOENT ? .absent : .system(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
        guard status.st_mode & 0o077 == 0, status.st_uid == geteuid() else {
            throw .exposed(mode: status.st_mode & 0o7777)
        }
        let byteCount = Int(status.st_size)
        guard byteCounts.contains(byteCount) else {
            throw .wrongSize(found: byteCount, wanted: byteCounts.upperBound)
        }
        var found = -1
        let secret = SecretBytes(count: byteCount) { found = Glibc.read(descriptor, $0, byteCount) }
        guard found >= 0 else { throw .system(errno) }
        guard found == byteCount else { throw .wrongSize(found: found, wanted: byteCount) }
        return secret
    }

    private static func fill(_ descriptor: Int32, with secret: SecretBytes) throws(KeyFileError) {
        let written = secret.withBytes { Glibc.write(descriptor, $0, secret.count) }
        guard written >= 0 else { throw .system(errno) }
        guard written == secret.count else { throw .system(ENOSPC) }  // a short write of a few bytes
        // The mode given to open(2) is cut by the umask, which could take away the owner's own rights.
        guard fchmod(descriptor, 0o600) == 0, fsync(descriptor) == 0 else { throw .system(errno) }
    }

    private static func syncDirectory(of path: String) throws(KeyFileError) {
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system(errno) }
    }
}
