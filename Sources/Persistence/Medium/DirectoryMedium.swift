import Cryptography
import Glibc

/// A directory of another file system.
package struct DirectoryMedium: Medium {
    private let root: String
    /// A file on the disk that this is to be the second copy of; nil takes any directory.
    private let original: String?

    /// - Parameter original: of its file system the directory must not be.
    package init(_ root: String, notOnDiskOf original: String?) {
        (self.root, self.original) = (root, original)
    }

    /// Whether a directory lies on the same file system as a file; false if one of them is not there.
    package static func isOnSameDisk(_ directory: String, as file: String) -> Bool {
        guard let here = FileIdentity(path: directory), let there = FileIdentity(path: file) else {
            return false
        }
        return here.device == there.device
    }

    package func names(in folder: String) throws(MediumError) -> [String] {
        try check()
        do throws(AttachmentError) { return try Folder.names(in: path(folder)) } catch {
            if error == .absent { return [] }
            throw MediumError(error)
        }
    }

    package func byteCount(of path: String) throws(MediumError) -> Int? {
        try check()
        return try optional { () throws(AttachmentError) in try OpenFile(self.path(path), O_RDONLY).byteCount
        }
    }

    package func read(_ path: String, at place: Int, count: Int) throws(MediumError) -> [UInt8]? {
        try check()
        return try optional { () throws(AttachmentError) in
            try OpenFile(self.path(path), O_RDONLY).read(at: place, count: count)
        }
    }

    package func make(_ folder: String) throws(MediumError) {
        try check()
        try checked { () throws(AttachmentError) in
            try Folder.make(path(folder))
            try Self.sync(Self.parent(of: path(folder)))
        }
    }

    package func create(_ path: String, _ bytes: [UInt8]) throws(MediumError) {
        try check()
        if FileIdentity(path: self.path(path)) != nil { throw .exists }
        try replace(path, with: bytes)
    }

    package func write(_ bytes: [UInt8], to path: String, at place: Int) throws(MediumError) {
        try check()
        try checked { () throws(AttachmentError) in
            let file = try OpenFile(self.path(path), O_WRONLY)
            try file.write(bytes, at: place)
            try file.sync()
        }
    }

    package func replace(_ path: String, with bytes: [UInt8]) throws(MediumError) {
        try check()
        let path = self.path(path)
        let fresh = path + ".new"
        do throws(AttachmentError) {
            let file = try OpenFile(fresh, O_WRONLY | O_CREAT | O_TRUNC)
            try file.write(bytes, at: 0)
            try file.sync()
        } catch {
            unlink(fresh)
            throw MediumError(error)
        }
        try checked { () throws(AttachmentError) in
            try Folder.rename(fresh, to: path)
            try Self.sync(Self.parent(of: path))
        }
    }

    package func remove(_ path: String) throws(MediumError) {
        try check()
        try checked { () throws(AttachmentError) in try Folder.remove(self.path(path)) }
    }

    private func path(_ path: String) -> String { path.isEmpty ? root : root + "/" + path }

    private static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    /// A stick that was pulled out leaves the empty directory that it was mounted on.
    private func check() throws(MediumError) {
        guard FileIdentity(path: root) != nil else { throw .absent }
        if let original, Self.isOnSameDisk(root, as: original) { throw .sameDisk }
    }

    /// Some file systems of shares sync names by themselves, and say that folders cannot be synced.
    private static func sync(_ folder: String) throws(AttachmentError) {
        do throws(AttachmentError) { try Folder.sync(folder) } catch {
            guard error == .system(EINVAL) || error == .system(ENOTSUP) else { throw error }
        }
    }

    private func checked(_ body: () throws(AttachmentError) -> Void) throws(MediumError) {
        do throws(AttachmentError) { try body() } catch { throw MediumError(error) }
    }

    private func optional<Value>(_ body: () throws(AttachmentError) -> Value) throws(MediumError) -> Value? {
        do throws(AttachmentError) { return try body() } catch {
            if error == .absent { return nil }
            throw MediumError(error)
        }
    }
}

extension MediumError {
    fileprivate init(_ error: AttachmentError) {
        switch error {
        case .absent: self = .absent
        case .full: self = .full
        case .readOnly: self = .readOnly
        case .system(let code): self = .system(code)
        case .damaged, .wrongContent, .tooLong, .overtaken: self = .system(EIO)
        }
    }
}
