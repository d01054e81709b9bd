import Foundation

/// The bytes of a file that a command line names; `-` is standard input.
package func inputFile(_ path: String) throws(CommandError) -> [UInt8] {
    if path == "-" { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
    guard let bytes = FileManager.default.contents(atPath: path) else {
        throw CommandError("\(path) cannot be read: check the name and your rights", status: .noInput)
    }
    return Array(bytes)
}

/// The last part of a path, as errors repeat it.
package func fileName(_ path: String) -> String { URL(filePath: path).lastPathComponent }
