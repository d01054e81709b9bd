import Glibc

/// Why a whole file was not written, read or moved. It carries the file's name, and nothing of what is in it.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// The disk or the quota is used up.
        case full
        /// The place may not be written or read.
        case readOnly
        case absent
        /// Something of that name is there.
        case taken
        /// The medium failed; the system's error number.
        case system(Int32)
    }

    package let kind: Kind
    /// The last component of the path.
    package let fileName: String

    /// - Parameter code: the system's error number.
    package init(code: Int32, at path: String) {
        kind =
            switch code {
            case ENOSPC, EDQUOT, EFBIG: .full
            case EROFS, EACCES, EPERM: .readOnly
            case ENOENT, ENOTDIR: .absent
            case EEXIST, ENOTEMPTY: .taken
            default: .system(code)
            }
        fileName = path.split(separator: "/").last.map(String.init) ?? path
    }

    package var description: String {
        switch kind {
        case .full: "\(fileName): the disk is full"
        case .readOnly: "\(fileName): this may not be written or read by the program's user"
        case .absent: "\(fileName): there is no such file or directory"
        case .taken: "\(fileName): something of that name is there already"
        case .system(let code): "\(fileName): the disk failed (system error \(code))"
        }
    }
}
