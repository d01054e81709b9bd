import Foundation
import Testing

@testable import Persistence

@Suite("Backups", .timeLimit(.minutes(2)))
struct BackupTests {
    @Test("Backups taken while another process commits are whole, and each holds what was reported before it")
    func whileWriting() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("cases.db")
        let child = try Child("commit", path)
        var reported = child.lines(countMax: 5).compactMap { Int64($0) }
        let reader = try Database(path: path, mode: .readOnly, applicationID: testApplication)
        for round in 0..<5 {
            let copy = directory.file("copy-\(round).db")
            try reader.backup(to: copy)
            let database = try Database(path: copy, mode: .open, applicationID: testApplication)
            let count = try integer("SELECT count(*) FROM entry", in: database) ?? 0
            #expect(count >= reported.last ?? .max)
            #expect(try integer("SELECT count(*) FROM shadow", in: database) == count)
            #expect(try database.integrityProblems() == [])
            reported += child.lines(countMax: 5).compactMap { Int64($0) }
        }
        child.kill()
        try child.finish()
    }

    @Test("A backup is for its owner only, replaces the one before it, and takes away a log left beside that")
    func replaces() throws {
        let directory = try TemporaryDirectory()
        let copy = directory.file("copy.db")
        let database = try memoryDatabase()
        try database.execute("CREATE TABLE visit (number INTEGER PRIMARY KEY)")
        try database.backup(to: copy)
        try database.execute("INSERT INTO visit VALUES (1)")
        try write([1, 2, 3], to: copy + "-wal")
        try database.backup(to: copy)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["copy.db"])
        let attributes = try FileManager.default.attributesOfItem(atPath: copy)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let back = try Database(path: copy, mode: .open, applicationID: testApplication)
        #expect(try numbers(in: back) == [1])
    }

    @Test("A backup to a directory that is not there fails and leaves nothing")
    func nowhere() throws {
        let directory = try TemporaryDirectory()
        let database = try memoryDatabase()
        #expect(try kind { try database.backup(to: directory.file("absent/copy.db")) } == .cannotOpen)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
    }
}
