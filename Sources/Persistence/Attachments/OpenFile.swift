import Glibc

/// A file that is open; closed with the value.
struct OpenFile: ~Copyable {
    private let descriptor: Int32

    /// - Parameter flags: as open(2) takes them; a file that is made is its owner's only.
    init(_ path: String, _ flags: Int32) throws(AttachmentError) {
        descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw AttachmentError(code: errno) }
    }

    deinit { close(descriptor) }

    var byteCount: Int {
        get throws(AttachmentError) {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw AttachmentError(code: errno) }
            return Int(status.st_size)
        }
    }

    /// As many bytes from a place, fewer at the end of the file.
    borrowing func read(at place: Int, count: Int) throws(AttachmentError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var have = 0
        while have < count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                pread(descriptor, buffer.baseAddress?.advanced(by: have), count - have, off_t(place + have))
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw AttachmentError(code: errno) }
            if got == 0 { break }
            have += got
        }
        return have == count ? bytes : Array(bytes.prefix(have))
    }

    /// All of the bytes, at a place. If it throws, some may be there.
    borrowing func write(_ bytes: [UInt8], at place: Int) throws(AttachmentError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(
                    descriptor, buffer.baseAddress?.advanced(by: done), bytes.count - done,
                    off_t(place + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw AttachmentError(code: count == 0 ? ENOSPC : errno) }
            done += count
        }
    }

    borrowing func truncate(to count: Int) throws(AttachmentError) {
        guard ftruncate(descriptor, off_t(count)) == 0 else { throw AttachmentError(code: errno) }
    }

    /// Returns when what was written survives a power cut.
    borrowing func sync() throws(AttachmentError) {
        guard fsync(descriptor) == 0 else { throw AttachmentError(code: errno) }
    }
}

/// What is done with names of files.
enum Folder {
    static func make(_ path: String) throws(AttachmentError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw AttachmentError(code: errno) }
    }

    /// The names of the files, in no order.
    static func names(in path: String) throws(AttachmentError) -> [String] {
        guard let folder = opendir(path) else { throw AttachmentError(code: errno) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    /// Puts a whole file in place of what bears the name: it appears whole and synced, or not at all.
    static func replace(_ path: String, in folder: String, with bytes: [UInt8]) throws(AttachmentError) {
        let fresh = path + ".new"
        do throws(AttachmentError) {
            let file = try OpenFile(fresh, O_WRONLY | O_CREAT | O_TRUNC)
            try file.write(bytes, at: 0)
            try file.sync()
        } catch {
            unlink(fresh)
            throw error
        }
        try rename(fresh, to: path)
        try sync(folder)
    }

    static func has(_ path: String) throws(AttachmentError) -> Bool {
        do throws(AttachmentError) {
            _ = try OpenFile(path, O_RDONLY)
            return true
        } catch .absent { return false }
    }

    /// How long ago a file was changed, by this machine's clock; 0 if it is not there.
    static func secondsSinceChange(of path: String) throws(AttachmentError) -> Int {
        var found = stat()
        guard stat(path, &found) == 0 else {
            guard errno == ENOENT else { throw AttachmentError(code: errno) }
            return 0
        }
        return max(0, time(nil) - found.st_mtim.tv_sec)
    }

    static func rename(_ path: String, to other: String) throws(AttachmentError) {
        guard Glibc.rename(path, other) == 0 else { throw AttachmentError(code: errno) }
    }

    /// Removes a file, or a folder that is empty.
    static func remove(_ path: String) throws(AttachmentError) {
        guard Glibc.remove(path) == 0 || errno == ENOENT else { throw AttachmentError(code: errno) }
    }

    static func sync(_ path: String) throws(AttachmentError) {
        let folder = try OpenFile(path, O_RDONLY | O_DIRECTORY)
        try folder.sync()
    }
}
