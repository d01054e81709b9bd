import Foundation

/// A file that a command is given by its name.
package enum InputFile {
    /// Reads a file, or standard input for `-`. Of a larger one only a byte more than the limit is read:
    /// enough for whoever judges it to refuse it.
    package static func read(_ path: String, bytesMax: Int) throws(CommandError) -> [UInt8] {
        if path == "-" { return try read(FileHandle.standardInput, path, bytesMax) }
        guard let handle = FileHandle(forReadingAtPath: path) else { throw unreadable(path) }
        return try read(handle, path, bytesMax)
    }

    private static func read(_ handle: FileHandle, _ path: String, _ bytesMax: Int) throws(CommandError)
        -> [UInt8]
    {
        var bytes: [UInt8] = []
        do {
            while bytes.count <= bytesMax, let more = try handle.read(upToCount: bytesMax + 1 - bytes.count),
                !more.isEmpty
            {
                bytes += more
            }
        } catch {
            throw unreadable(path)
        }
        return bytes
    }

    private static func unreadable(_ path: String) -> CommandError {
        CommandError("\(path) cannot be read: check the name and your rights", status: .noInput)
    }
}

/// The last part of a path, as errors repeat it.
package func fileName(_ path: String) -> String { URL(filePath: path).lastPathComponent }
