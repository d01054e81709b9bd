import Glibc

/// Which file it is, whatever its name: no two existing files have the same one.
package struct FileIdentity: Hashable, Sendable {
    /// The number of the file system.
    package let device: UInt64
    /// The file's number there; taken again only after the file is removed and nobody has it open.
    package let inode: UInt64

    /// The identity of the file that a path names now; nil if it names none that may be looked at.
    package init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}
