import Cryptography
import Foundation
import Persistence

/// The department's folder on disk. Files appear and disappear by one renaming each, of what is synced.
///
///     out/        task files, for the department to take away
///     in/         result files, from the department
///     papers/     the pictures that tasks show, by their hashes; only where the department wants them
///     receipts/   what became of the results, one file for each result file
///     done/       result files that were read
///     reject/     files that could not be read, each with its reasons
///     .state/     how far this is; nobody else's
struct FolderDisk: Sendable {
    let path: String
    /// Hears of each step before it is taken; tests end the process's work there.
    let before: @Sendable (String) throws -> Void

    static let (out, `in`, receipts, done, reject, state, papers) = (
        "out", "in", "receipts", "done", "reject", ".state", "papers"
    )

    /// Makes the folders that are not there, and refuses links in their place.
    func prepare(hasPapers: Bool) throws {
        guard Files.isFolder(path) else { throw FolderError.notAFolder(path) }
        let papers = hasPapers ? [Self.papers] : []
        for name in [Self.out, Self.in, Self.receipts, Self.done, Self.reject, Self.state] + papers {
            try step("make \(name)") { () throws(FileError) in try Files.makeSharedFolder(path + "/" + name) }
            guard Files.isFolder(path + "/" + name) else { throw FolderError.notAFolder(name) }
        }
    }

    /// The names in one of the folders, but those that begin with a dot, in their order.
    func names(in folder: String) throws -> [String] {
        do throws(FileError) { return try Files.names(in: path + "/" + folder).sorted() } catch {
            throw FolderError.file(error)
        }
    }

    func isThere(_ name: String, in folder: String) throws -> Bool {
        do throws(FileError) { return try Files.isThere(path(name, in: folder)) } catch {
            throw FolderError.file(error)
        }
    }

    func read(_ name: String, in folder: String, byteCountMax: Int) throws -> Files.Foreign {
        do throws(FileError) {
            return try Files.readForeign(path(name, in: folder), byteCountMax: byteCountMax)
        } catch {
            throw FolderError.file(error)
        }
    }

    /// Writes a file into `.state`, whole and synced, in place of what bears its name there.
    func prepare(_ bytes: [UInt8], as name: String) throws {
        let place = path(name, in: Self.state)
        try step("remove \(name)") { () throws(FileError) in try Files.remove(place) }
        try step("write \(name)") { () throws(FileError) in try Files.writeShared(bytes, to: place) }
        try sync(Self.state)
    }

    /// Moves a file, in place of one that bears its new name there.
    func move(_ name: String, from folder: String, to other: String, as newName: String? = nil) throws {
        let (old, new) = (path(name, in: folder), path(newName ?? name, in: other))
        try step("move \(name) to \(other)") { () throws(FileError) in try Files.move(old, to: new) }
        try sync(other)
        if other != folder { try sync(folder) }
    }

    func remove(_ name: String, in folder: String) throws {
        let place = path(name, in: folder)
        try step("remove \(name)") { () throws(FileError) in try Files.remove(place) }
    }

    /// Lets a whole file appear under a name; one that bears it is replaced.
    ///
    /// - Parameter preparedName: what it is called before.
    func publish(
        _ bytes: [UInt8], as name: String, in folder: String, preparedAs preparedName: String? = nil
    ) throws {
        try prepare(bytes, as: preparedName ?? name)
        try move(preparedName ?? name, from: Self.state, to: folder, as: name)
    }

    private func sync(_ folder: String) throws {
        try step("sync \(folder)") { () throws(FileError) in try Files.syncFolder(path + "/" + folder) }
    }

    private func path(_ name: String, in folder: String) -> String { path + "/" + folder + "/" + name }

    private func step(_ name: String, _ body: () throws(FileError) -> Void) throws {
        try before(name)
        do throws(FileError) { try body() } catch { throw FolderError.file(error) }
    }
}

/// How far a folder is: what has to survive.
struct FolderState: Codable, Hashable, Sendable {
    static let name = "state.json"
    static let byteCountMax = 64 * 1024

    var format = 1
    let department: String
    /// Central's place up to which tasks were written; nil before any.
    var cursor: String?
    /// A task file that is counted as written: if it still lies in `.state`, it has not appeared yet.
    var pending: String?
    /// When pictures were asked for that central did not have, milliseconds since 1970, and which was the last; nil before any.
    var wantedAt: UInt64?
    var wantedLast: String?
}
