import Foundation
import Testing

@testable import Persistence

@Suite("The lock of a store", .timeLimit(.minutes(2)))
struct FileLockTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.file("lock") }

    init() throws { directory = try TemporaryDirectory() }

    @Test("While one holds it another is refused, and told who; when it is let go, another gets it")
    func exclusive() throws {
        do {
            let lock = try FileLock(path: path)
            #expect(throws: FileLockError.heldByAnother(process: getpid())) { try FileLock(path: path) }
            withExtendedLifetime(lock) {}
        }
        #expect(throws: Never.self) { try FileLock(path: path) }
    }

    @Test("It excludes a second process, both ways, and a killed one lets go of it")
    func processes() throws {
        do {
            let lock = try FileLock(path: path)
            let refused = try Child("lock", path)
            #expect(refused.lines(countMax: 1) == ["held by \(getpid())"])
            try refused.finish()
            withExtendedLifetime(lock) {}
        }
        let holder = try Child("lock", path)
        #expect(holder.lines(countMax: 1) == ["holding"])
        #expect(throws: FileLockError.heldByAnother(process: holder.processIdentifier)) {
            try FileLock(path: path)
        }
        holder.kill()
        try holder.finish()
        #expect(throws: Never.self) { try FileLock(path: path) }
    }

    @Test("A lock file that cannot be made is an error of the system")
    func absent() {
        #expect(throws: FileLockError.system(ENOENT)) { try FileLock(path: directory.file("absent/lock")) }
    }
}
