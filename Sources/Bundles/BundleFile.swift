import Foundation

/// Opening and reading files of bundles.
enum BundleFile {
    /// Makes a file for its owner only; one that is there is left alone.
    static func make(_ path: String) throws(BundleError) -> FileHandle {
        guard !FileManager.default.fileExists(atPath: path) else { throw .tooLarge }
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard FileManager.default.createFile(atPath: path, contents: nil, attributes: attributes),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw .noRoom }
        return handle
    }

    /// As many bytes from where the handle is; fewer at the end of the file.
    static func read(_ handle: FileHandle, count: Int) throws(BundleError) -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            while bytes.count < count, let more = try handle.read(upToCount: count - bytes.count),
                !more.isEmpty
            { bytes += more }
        } catch { throw BundleError(file: error) }
        return bytes
    }
}
