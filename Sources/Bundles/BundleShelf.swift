import Foundation
package import SyncProtocol

/// Bundles on their way between a program's records and a stick, sealed as they are: files of one directory, which nothing
/// outlives. What a process that died left there goes at the next start.
package struct BundleShelf: Sendable {
    /// Bundles that may lie here at a time.
    package static let filesMax = 16
    /// Bytes of a bundle that are handed over at a time.
    package static let pieceBytesMax = 4 << 20
    /// After how long without a new piece a bundle is one that nobody will fetch or finish.
    package static let idleSecondsMax: Double = 3600

    private let directory: String

    /// Empties the directory, or makes it.
    package init(directory: String) throws(BundleError) {
        self.directory = directory
        do {
            if FileManager.default.fileExists(atPath: directory) {
                try FileManager.default.removeItem(atPath: directory)
            }
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch { throw BundleError(file: error) }
    }

    package func path(of id: BundleID) -> String { directory + "/\(id)" }

    /// Where a bundle that is not here yet may be put.
    package func newPath(of id: BundleID) throws(BundleError) -> String {
        // A directory that cannot be listed has no room either.
        let names = try? FileManager.default.contentsOfDirectory(atPath: directory)
        guard let names, names.count(where: { !dropIfIdle($0) }) < Self.filesMax else { throw .tooLarge }
        return path(of: id)
    }

    /// Forgets a bundle that whoever wanted it has forgotten; true if it did.
    private func dropIfIdle(_ name: String) -> Bool {
        let path = directory + "/" + name
        // One that is gone, or cannot be removed, tells nothing here.
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let changed = attributes?[.modificationDate] as? Date,
            Date().timeIntervalSince(changed) > Self.idleSecondsMax
        else { return false }
        return (try? FileManager.default.removeItem(atPath: path)) != nil
    }

    /// Bytes of a bundle that is here.
    package func byteCount(of id: BundleID) throws(BundleError) -> Int {
        guard let file = FileHandle(forReadingAtPath: path(of: id)) else { throw .absent }
        do { return Int(try file.seekToEnd()) } catch { throw .disk }
    }

    /// A piece of a bundle; empty at its end.
    package func read(_ id: BundleID, at offset: UInt64) throws(BundleError) -> [UInt8] {
        guard let file = FileHandle(forReadingAtPath: path(of: id)) else { throw .absent }
        do { try file.seek(toOffset: offset) } catch { throw .disk }
        return try BundleFile.read(file, count: Self.pieceBytesMax)
    }

    /// Adds a piece to a bundle, which must end there now; 0 begins one.
    package func append(_ bytes: [UInt8], to id: BundleID, at offset: UInt64) throws(BundleError) {
        guard bytes.count <= Self.pieceBytesMax,
            offset <= UInt64(Limits.bundleBytesMax - Self.pieceBytesMax)
        else { throw .tooLarge }
        let file = try offset == 0 ? BundleFile.make(newPath(of: id)) : open(id)
        do {
            guard try file.seekToEnd() == offset else { throw BundleError.absent }
            try file.write(contentsOf: bytes)
        } catch { throw error as? BundleError ?? BundleError(file: error) }
    }

    /// Forgets a bundle; one that is not here is no error.
    package func remove(_ id: BundleID) {
        // What stays goes at the next start.
        try? FileManager.default.removeItem(atPath: path(of: id))
    }

    private func open(_ id: BundleID) throws(BundleError) -> FileHandle {
        guard let file = FileHandle(forWritingAtPath: path(of: id)) else { throw .absent }
        return file
    }
}
