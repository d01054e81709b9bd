import Cryptography
import Persistence

/// The list of a backup's files, in `SHA256SUMS`: a line for each, as sha256sum(1) reads them, so that the system's own tool
/// checks a backup too. A comment line gives each file's size before it.
struct BackupSums: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        /// The path below the backup's folder.
        let path: String
        let sum: FileSum
    }

    /// Bytes of the file at most: some 10 million attachments.
    static let byteCountMax = 2 << 30

    var entries: [Entry] = []

    /// The same files are always the same bytes.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries {
            bytes += "# \(entry.sum.byteCount)\n\(entry.sum.hash.bytes.hexadecimal)  \(entry.path)\n".utf8
        }
        return bytes
    }

    /// The keyed names of the attachments among them.
    var attachmentNames: Set<Digest> {
        var names: Set<Digest> = []
        for entry in entries where entry.path.hasPrefix(BackupFolder.attachments + "/") {
            let name = entry.path.dropFirst(BackupFolder.attachments.count + 1)
            if let name = [UInt8](hexadecimal: String(name)).flatMap({ Digest(bytes: $0) }) {
                names.insert(name)
            }
        }
        return names
    }

    init() {}

    init(decoding bytes: [UInt8], of backup: String) throws(BackupError) {
        var byteCount: Int?
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            if line.starts(with: "# ".utf8) {
                byteCount = Int(String(decoding: line.dropFirst(2), as: UTF8.self))
                continue
            }
            let path = String(decoding: line.dropFirst(66), as: UTF8.self)
            guard let count = byteCount, line.dropFirst(64).starts(with: "  ".utf8), Self.isInside(path),
                let hash = [UInt8](hexadecimal: String(decoding: line.prefix(64), as: UTF8.self))
                    .flatMap({ Digest(bytes: $0) })
            else { throw .notABackup("\(backup): SHA256SUMS cannot be read") }
            entries.append(Entry(path: path, sum: FileSum(byteCount: count, hash: hash)))
            byteCount = nil
        }
    }

    /// A list that somebody else has altered must not lead out of the folder.
    private static func isInside(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return path == BackupFolder.store
            || (path.hasPrefix(BackupFolder.attachments + "/") && parts.count == 3
                && parts.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") })
    }
}
