import Foundation

extension TestMachine {
    /// Writes noise over all of a file but its first bytes.
    func scribble(over name: String, keeping count: Int) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path(name)))
        let size = try file.seekToEnd()
        try file.seek(toOffset: UInt64(count))
        try file.write(contentsOf: Data((0..<Int(size) - count).map { UInt8(truncatingIfNeeded: $0 &* 151) }))
        try file.close()
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
}
