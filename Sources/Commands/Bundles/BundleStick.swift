import Bundles
import Cryptography
import Foundation
import Glibc
import SyncProtocol

/// A stick, or any directory that is carried from one machine to another: `birthwindow-bundles/ID.bundle` in it.
///
/// What is on it may come from anywhere: names are not trusted, and a file is looked at no further than its header until the program
/// that it is for takes it.
struct BundleStick: Sendable {
    /// The one directory that is made on a stick.
    static let folderName = "birthwindow-bundles"
    static let suffix = ".bundle"
    /// Files that are looked at on one stick.
    static let filesMax = 4096

    let folder: String

    /// The stick that a command was told to write on.
    init(writingTo path: String) throws(CommandError) {
        folder = Self.folder(of: path)
        do {
            guard FileManager.default.fileExists(atPath: path) else {
                throw CommandError("\(path) is not there: plug the stick in and mount it", status: .noInput)
            }
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw error as? CommandError
                ?? CommandError(
                    "\(folder) cannot be made: the stick is full or read-only", status: .cannotCreate)
        }
    }

    private static func folder(of path: String) -> String {
        fileName(path) == folderName ? path : path + "/" + folderName
    }

    /// The bundles that a command was told to read: one file, or those of a stick, by name.
    static func files(at path: String) throws(CommandError) -> [String] {
        var isDirectory: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw CommandError("\(path) is not there: plug the stick in and mount it", status: .noInput)
        }
        guard isDirectory.boolValue else { return [path] }
        var folder = Self.folder(of: path)
        if !FileManager.default.fileExists(atPath: folder) { folder = path }
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
            throw CommandError("\(folder) cannot be read: check the stick and your rights", status: .noInput)
        }
        let bundles = names.filter { $0.hasSuffix(suffix) }.sorted()
        guard bundles.count <= filesMax else {
            throw CommandError(
                "\(folder) holds more than \(filesMax) bundles: move some away", status: .dataError)
        }
        return bundles.map { folder + "/" + $0 }
    }

    /// Fetches a bundle and puts it on the stick: whole or not at all, never over another.
    func save(_ id: String, from endpoint: Endpoint) async throws -> String {
        let path = folder + "/" + id + Self.suffix
        let temporary = path + ".part"
        guard FileManager.default.createFile(atPath: temporary, contents: nil),
            let file = FileHandle(forWritingAtPath: temporary)
        else {
            throw CommandError("\(folder) cannot be written: is it full or read-only?", status: .cannotCreate)
        }
        do {
            var offset = 0
            while true {
                let piece = try await endpoint.call(.get, "/api/v1/bundles/\(id)?at=\(offset)")
                if piece.isEmpty { break }
                try file.write(contentsOf: piece)
                offset += piece.count
            }
            try file.synchronize()
            try file.close()
            // A stick's file system may know no links, which would refuse to replace: the name is random, and a look has to do.
            guard !FileManager.default.fileExists(atPath: path), unsafe rename(temporary, path) == 0 else {
                throw CommandError("\(path) is there already", status: .cannotCreate)
            }
            syncFolder()
            return path
        } catch {
            // What stays is half a bundle under a name that nobody reads.
            try? FileManager.default.removeItem(atPath: temporary)
            throw error as? CommandError
                ?? CommandError(
                    "\(folder) cannot be written: is it full or read-only?", status: .cannotCreate)
        }
    }

    /// The name of the file is on the disk too.
    private func syncFolder() {
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// To whom a file is addressed, in 64 hexadecimal digits; nil for what is no bundle of this version.
    static func addressee(of path: String) -> String? {
        guard let file = FileHandle(forReadingAtPath: path),
            let prefix = try? file.read(upToCount: BundleHeader.prefixByteCount),
            let count = BundleHeader.byteCount(prefix: [UInt8](prefix)),
            let bytes = try? file.read(upToCount: count),
            let header = try? BundleHeader(decoding: [UInt8](bytes))
        else { return nil }
        return header.addressee.bytes.hexadecimal
    }

    /// Hands a file to the program in pieces, lets it take it, and forgets the copy.
    static func take(
        _ path: String, _ order: BundleImportOrder, through endpoint: Endpoint
    ) async throws -> [UInt8] {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw CommandError("\(path) cannot be read: check the stick and your rights", status: .noInput)
        }
        let id = SecureRandom.bytes(BundleID.byteCount).hexadecimal
        do {
            var offset = 0
            while let piece = try file.read(upToCount: BundleShelf.pieceBytesMax), !piece.isEmpty {
                _ = try await endpoint.call(
                    .put, "/api/v1/bundles/\(id)?at=\(offset)", body: [UInt8](piece))
                offset += piece.count
            }
            let answer = try await endpoint.call(
                .post, "/api/v1/bundles/\(id)/import", json: order)
            _ = try? await endpoint.call(.delete, "/api/v1/bundles/\(id)")  // else it goes at the next start
            return answer
        } catch {
            _ = try? await endpoint.call(.delete, "/api/v1/bundles/\(id)")  // likewise
            throw error as? CommandError ?? CommandError("\(path) cannot be read", status: .ioError)
        }
    }
}
