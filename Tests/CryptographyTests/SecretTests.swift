import Cryptography
import Foundation
import Testing

@Suite("Secrets in memory and in files")
struct SecretTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.file("device.key") }

    init() throws { directory = try TemporaryDirectory() }

    private func setMode(_ mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    @Test("Random bytes are as many as asked for and do not repeat", arguments: [0, 1, 16, 1_000])
    func random(count: Int) {
        #expect(SecureRandom.bytes(count).count == count)
        if count >= 16 { #expect(SecureRandom.bytes(count) != SecureRandom.bytes(count)) }
    }

    @Test("Every bit of a random number is sometimes set and sometimes not")
    func randomBits() {
        var random = SecureRandom()
        var (union, intersection) = (UInt64.zero, UInt64.max)
        for _ in 0..<200 {
            let number = random.next()
            (union, intersection) = (union | number, intersection & number)
        }
        #expect(union == .max)
        #expect(intersection == 0)
    }

    @Test("A secret equals its copy and nothing else")
    func equality() {
        let secret = SecretBytes([1, 2, 3])
        #expect(secret.equals(SecretBytes(secret.copy())))
        #expect(!secret.equals(SecretBytes([1, 2, 4])))
        #expect(!secret.equals(SecretBytes([1, 2])))
        #expect(SecretBytes([]).copy() == [])
    }

    @Test("A key file is its owner's alone, is read back, and leaves nothing beside it")
    func roundTrip() throws {
        let secret = SecretBytes(randomCount: 32)
        try KeyFile.write(secret, to: path)
        #expect(try KeyFile.read(path, byteCount: 32).equals(secret))
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["device.key"])
    }

    @Test("A key file is never replaced")
    func exists() throws {
        let secret = SecretBytes(randomCount: 32)
        try KeyFile.write(secret, to: path)
        #expect(throws: KeyFileError.exists) { try KeyFile.write(SecretBytes(randomCount: 32), to: path) }
        #expect(try KeyFile.read(path, byteCount: 32).equals(secret))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["device.key"])
    }

    @Test("A key file that others may use is refused", arguments: [0o640, 0o604, 0o620, 0o602, 0o610, 0o777])
    func exposed(mode: Int) throws {
        try KeyFile.write(SecretBytes(randomCount: 32), to: path)
        try setMode(mode)
        #expect(throws: KeyFileError.exposed(mode: UInt32(mode))) { try KeyFile.read(path, byteCount: 32) }
    }

    @Test("A key file of another size is refused", arguments: [0, 31, 33])
    func wrongSize(count: Int) throws {
        try directory.write([UInt8](repeating: 1, count: count), to: "device.key")
        try setMode(0o600)
        #expect(throws: KeyFileError.wrongSize(found: count, wanted: 32)) {
            try KeyFile.read(path, byteCount: 32)
        }
    }

    @Test("What is absent, a directory or a pipe is refused, and nobody waits")
    func notFiles() throws {
        #expect(throws: KeyFileError.absent) { try KeyFile.read(path, byteCount: 32) }
        #expect(throws: KeyFileError.notAFile) { try KeyFile.read(directory.path, byteCount: 32) }
        #expect(try directory.run("mkfifo -m 600 device.key") == 0)
        #expect(throws: KeyFileError.notAFile) { try KeyFile.read(path, byteCount: 32) }
        #expect(throws: KeyFileError.system(ENOENT)) {
            try KeyFile.write(SecretBytes([1]), to: directory.file("absent/device.key"))
        }
    }
}
