import Cryptography
import Foundation
import Testing

@testable import Persistence

@Suite("Sealed values in a database")
struct SealsTests {
    private static let schema = Migrator([
        Migration(
            "0001-note",
            ["CREATE TABLE note (id INTEGER PRIMARY KEY, digest BLOB, name TEXT, body BLOB, title TEXT)"]),
        Migration(
            "0002-seal", SQLConnection.sealTables,
            work: { store throws(DatabaseError) in
                try store.reseal(
                    "SELECT id, digest, body, title FROM note",
                    "UPDATE note SET digest = ?, body = ?, title = ? WHERE id = ?"
                ) {
                    [
                        $0[1].asDigest, $0[2].asSealed(.store("note.body")),
                        $0[3].asSealed(.store("note.title")),
                        $0[0],
                    ]
                }
            }),
    ])

    private let directory: TemporaryDirectory
    private let secret = SecretBytes(randomCount: 32)
    private let alice = [UInt8](repeating: 1, count: 16)
    private let bob = [UInt8](repeating: 2, count: 16)
    private let digest = (0..<32).map { UInt8($0) }

    init() throws { directory = try TemporaryDirectory() }

    private var path: String { directory.path + "/sealed.sqlite" }

    private func open(_ key: SecretBytes? = nil) throws -> Database {
        let database = try Database(path: path, mode: .create, applicationID: 7)
        try Self.schema.migrate(database, secret: key ?? secret)
        try SQLConnection.file(database).openSeals(key ?? secret)
        return database
    }

    private func write(_ body: String, of owner: [UInt8], to database: Database, id: Int64 = 1) throws {
        try database.execute(
            "INSERT INTO note (id, digest, name, body, title) VALUES (?, ?, ?, ?, ?)", .integer(id),
            .digest(digest), .name(body, order: "n"), .sealed(Array(body.utf8), .of(owner, "note.body")),
            .sealedText(body, .store("note.title")))
    }

    private func read(_ database: Database, id: Int64 = 1) throws -> [String] {
        try database.first("SELECT digest, name, body, title FROM note WHERE id = ?", .integer(id)) {
            row throws(DatabaseError) in
            [
                try row.digestBytes(0).hexadecimal, try row.name(1),
                String(decoding: try row.sealed(2, "note.body"), as: UTF8.self),
                try row.sealedText(3, "note.title"),
            ]
        } ?? []
    }

    @Test("What is sealed comes back at every opening, and lies in no file as it is")
    func roundTrip() throws {
        let body = "覃丽 450326199505051228 long enough to be found"
        do {
            let database = try open()
            try write(body, of: alice, to: database)
            #expect(try read(database) == [digest.hexadecimal, body, body, body])
            #expect(try found(body) == [], "in the log, before anything is moved into the file")
            try database.checkpoint()
        }
        #expect(try read(open()) == [digest.hexadecimal, body, body, body])
        #expect(try found(body) == [] && found(digest) == [])
    }

    @Test("Hidden digests and names are found by what they are")
    func lookUp() throws {
        let database = try open()
        try write("T450000001", of: alice, to: database)
        let numbers = try database.rows(
            "SELECT id FROM note WHERE digest = ? AND name = ?", .digest(digest),
            .name("T450000001", order: "n")
        ) { row throws(DatabaseError) in try row.integer(0) }
        #expect(numbers == [1])
    }

    @Test("With another key nothing is opened, with none nothing is sealed")
    func otherKey() throws {
        try write("a", of: alice, to: open())
        #expect(throws: DatabaseError.self) { try open(SecretBytes(randomCount: 32)) }
        let bare = try Database(path: path, mode: .open, applicationID: 7)
        #expect(throws: DatabaseError.self) { try write("b", of: alice, to: bare, id: 2) }
        #expect(throws: DatabaseError.self) { try read(bare) }
        #expect(throws: DatabaseError.self) { try SQLConnection.file(bare).openSealsIfSealed(nil) }
    }

    @Test("Destroying a case's key destroys what was sealed of it, and nothing else")
    func destroyed() throws {
        let database = try open()
        try write("of alice", of: alice, to: database)
        try write("of bob", of: bob, to: database, id: 2)
        try SQLConnection.file(database).seals?.destroyKey(of: alice)
        #expect(throws: DatabaseError.self) { try read(database) }
        #expect(try read(database, id: 2).last == "of bob")
        try write("alice again", of: alice, to: database, id: 3)
        #expect(try read(database, id: 3).last == "alice again")
        #expect(throws: DatabaseError.self) { try read(database) }
    }

    @Test("A case's key that was made in a transaction which is undone is never used again")
    func undone() throws {
        struct Stop: Error {}
        let database = try open()
        for isInner in [false, true] {
            try? database.transaction(.immediate) {
                if isInner {
                    try? database.savepoint {
                        try write("lost", of: alice, to: database)
                        throw Stop()
                    }
                } else {
                    try write("lost", of: alice, to: database)
                    throw Stop()
                }
            }
            let id: Int64 = isInner ? 2 : 1
            try write("kept", of: isInner ? bob : alice, to: database, id: id)
            #expect(try read(open(), id: id).last == "kept", "by a connection that knows the stored key only")
        }
    }

    @Test("A value that was moved to another column does not open")
    func moved() throws {
        let database = try open()
        try write("a", of: alice, to: database)
        #expect(throws: DatabaseError.self) {
            try database.first("SELECT body FROM note") { row throws(DatabaseError) in
                try row.sealed(0, "note.title")
            }
        }
    }

    @Test("What lay open in an older file is sealed by the migration, and nothing of it stays")
    func older() throws {
        let body = "a name that is long enough to be looked for"
        do {
            let old = try Database(path: path, mode: .create, applicationID: 7)
            try Migrator([Self.schema.migrations[0]]).migrate(old)
            for id in 0..<200 {
                try old.execute(
                    "INSERT INTO note (id, digest, body, title) VALUES (?, ?, ?, ?)", .integer(Int64(id)),
                    .blob(digest), .blob(Array(body.utf8)), .text(body))
            }
            try old.execute("DELETE FROM note WHERE id > 100")
        }
        #expect(try !found(body).isEmpty && !found(digest).isEmpty)
        let database = try open()
        #expect(try found(body) == [] && found(digest) == [])
        let titles = try database.rows("SELECT title, digest FROM note") { row throws(DatabaseError) in
            (try row.sealedText(0, "note.title"), try row.digestBytes(1))
        }
        #expect(titles.count == 101 && titles.allSatisfy { $0.0 == body && $0.1 == digest })
    }

    private func found(_ text: String) throws -> [String] { try found(Array(text.utf8)) }

    private func found(_ bytes: [UInt8]) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).filter {
            try Data(contentsOf: URL(filePath: directory.path + "/" + $0)).range(of: Data(bytes)) != nil
        }
    }
}

@Suite("The files of a key")
struct KeyRingTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func ring(_ passphrase: String? = nil) -> KeyRing {
        KeyRing(
            keyPath: directory.path + "/store.key", passphrase: passphrase.map { SecretBytes(Array($0.utf8)) }
        )
    }

    private func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: path)))
    }

    @Test("A key that was made is read again, and is in neither file")
    func made() throws {
        let secret = try ring().make()
        #expect(try ring().read().equals(secret))
        #expect(try bytes(ring().keyPath) != secret.copy() && bytes(ring().ringPath).count == 72)
        #expect(try !ring().status().isBare && !ring().status().hasPassphrase)
        #expect(throws: KeyRingError.self) { try ring().make() }
    }

    @Test("A key file of before there were rings is the secret itself, until it is changed")
    func bare() throws {
        let old = SecretBytes(randomCount: 32)
        try KeyFile.write(old, to: ring().keyPath)
        #expect(try ring().read().equals(old) && ring().status().isBare)
        try ring().rotate()
        #expect(try ring().read().equals(old) && bytes(ring().keyPath) != old.copy())
    }

    @Test(
        "Cut off at any step, a change leaves files that are read; the next change goes through",
        arguments: KeyRing.Step.allCases)
    func cut(at last: KeyRing.Step) throws {
        let secret = try ring().make()
        let old = try bytes(ring().keyPath)
        #expect(throws: KeyRingError.noMemory) {
            try ring().rotate { step throws(KeyRingError) in if step == last { throw .noMemory } }
        }
        #expect(try ring().read().equals(secret))
        try ring().rotate()
        #expect(try ring().read().equals(secret))
        try Data(old).write(to: URL(filePath: ring().keyPath))
        #expect(throws: KeyRingError.otherKey) { try ring().read() }
    }

    @Test("A passphrase opens the key and no other does; it is kept, changed and taken away")
    func passphrase() throws {
        let secret = try ring().make()
        try ring().rotate(.new(SecretBytes(Array("correct horse".utf8))))
        #expect(throws: KeyRingError.passphraseNeeded) { try ring().read() }
        #expect(throws: KeyRingError.wrongPassphrase) { try ring("correct hose").read() }
        #expect(try ring("correct horse").read().equals(secret) && ring().status().hasPassphrase)
        try ring("correct horse").rotate()
        #expect(try ring("correct horse").read().equals(secret))
        try ring("correct horse").rotate(.none)
        #expect(try ring().read().equals(secret))
        #expect(throws: KeyRingError.unfitPassphrase) { try ring().rotate(.new(SecretBytes([1, 2, 3]))) }
    }

    @Test("Nothing is made where the ring is there and the key is not")
    func keyGone() throws {
        _ = try ring().make()
        try FileManager.default.removeItem(atPath: ring().keyPath)
        #expect(throws: KeyRingError.key(.absent)) { try ring().read() }
        #expect(throws: KeyRingError.key(.absent)) { try ring().make() }
        #expect(!FileManager.default.fileExists(atPath: ring().keyPath))
    }
}
