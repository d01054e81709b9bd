import Foundation
import Testing

@testable import Persistence

@Suite("Crashes, full disks and read-only ones", .timeLimit(.minutes(2)))
struct CrashTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.file("cases.db") }

    init() throws { directory = try TemporaryDirectory() }

    private func reopened() throws -> Database {
        try Database(path: path, mode: .open, applicationID: testApplication)
    }

    /// The numbers in both tables, which one transaction fills; and the file's own health.
    private func expectWhole(_ database: Database, from last: Int64, through lastMax: Int64) throws {
        let count = try integer("SELECT count(*) FROM entry", in: database) ?? 0
        #expect((last...lastMax).contains(count))
        #expect(try integer("SELECT coalesce(max(number), 0) FROM entry", in: database) == count)
        #expect(try integer("SELECT count(*) FROM shadow", in: database) == count)
        #expect(try database.integrityProblems() == [])
    }

    @Test("Every commit that was reported before kill -9 is there afterwards, twenty times on one file")
    func killed() throws {
        let given = ProcessInfo.processInfo.environment["PERSISTENCE_SEED"].flatMap { UInt64($0) }
        var random = SplitMix(state: given ?? UInt64.random(in: 0..<1_000_000))
        print("PERSISTENCE_SEED=\(random.state) swift test --filter PersistenceTests")
        var reported: Int64 = 0
        for round in 0..<20 {
            let child = try Child("commit", path)
            let early = child.lines(countMax: Int.random(in: 1...100, using: &random))
            let moment = ContinuousClock.now + .microseconds(Int.random(in: 0...3_000, using: &random))
            while ContinuousClock.now < moment {}  // into any part of a commit
            child.kill()
            let all = early + child.lines()
            try child.finish()
            let last = try #require(all.last.flatMap { Int64($0) })
            #expect(last > reported, "round \(round)")
            reported = last
            // At most one commit can have happened without its report.
            try expectWhole(try reopened(), from: last, through: last + 1)
            reported = try integer("SELECT count(*) FROM entry", in: try reopened()) ?? 0
        }
    }

    @Test("At the file size limit nothing is half-written, and with room again it goes on")
    func sizeLimit() throws {
        // Blocks of 512 bytes; the signal is ignored, so that write(2) fails with EFBIG.
        let child = try Child("fill", path, setup: "trap '' XFSZ; ulimit -f 1000")
        try expectFull(child)
        let database = try reopened()
        #expect(throws: Never.self) { try database.execute("INSERT INTO entry (filling) VALUES (x'01')") }
    }

    @Test("On a full disk nothing is half-written, and with room again it goes on", .enabled(if: canMount))
    func fullDisk() throws {
        // A disk of 1 MiB that only the child sees; it copies out what is on it at the end.
        let mounted = directory.file("disk")
        try FileManager.default.createDirectory(atPath: mounted, withIntermediateDirectories: true)
        let setup = """
            exec unshare -m sh -c 'mount -t tmpfs -o size=1m none "$2" && "$0" "$1" "$2/cases.db"; cp "$2"/* "$3"' \
            "$0" "$1" \(mounted) \(directory.path)
            """
        try expectFull(try Child("fill", mounted, setup: setup))
        let database = try reopened()
        #expect(throws: Never.self) { try database.execute("INSERT INTO entry (filling) VALUES (x'01')") }
    }

    private func expectFull(_ child: Child) throws {
        let lines = child.lines()
        try child.finish()
        try #require(lines.count == 2, "\(lines)")
        let words = lines[0].split(separator: " ")
        let last = try #require(Int64(words[1]))
        #expect(words[0] == "full")
        #expect(words[2] == "false", "no transaction is left open")
        #expect(last > 0)
        #expect(lines[1] == "\(last)", "the same connection still reads what was committed")
        try expectWhole(try reopened(), from: last, through: last)
    }

    @Test("A page limit raises full, undoes the transaction, and writing goes on when it is lifted")
    func pageLimit() throws {
        let database = try Database(path: path, mode: .create, applicationID: testApplication)
        try database.execute("CREATE TABLE visit (number INTEGER PRIMARY KEY, filling BLOB) STRICT")
        try database.execute("PRAGMA max_page_count = 40")
        let refusal = try kind {
            try database.transaction(.immediate) {
                for number in 1...40 {
                    try database.execute(
                        "INSERT INTO visit VALUES (?, zeroblob(5000))", .integer(Int64(number)))
                }
            }
        }
        #expect(refusal == .full)
        #expect(try numbers(in: database) == [])
        try database.execute("PRAGMA max_page_count = 4000")
        try database.execute("INSERT INTO visit VALUES (1, NULL)")
        #expect(try numbers(in: database) == [1])
    }

    @Test("A file or directory that may not be written is refused as such", arguments: ["file", "directory"])
    func readOnly(what: String) throws {
        do {
            let database = try Database(path: path, mode: .create, applicationID: testApplication)
            try database.execute("CREATE TABLE visit (number INTEGER)")
        }
        let before = try bytes(of: path)
        try FileManager.default.setAttributes(
            [.posixPermissions: what == "file" ? 0o444 : 0o666], ofItemAtPath: path)
        let mode = what == "file" ? 0o777 : 0o555
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: directory.path)
        let child = try Child("write-as-nobody", path)
        #expect(child.lines() == ["readOnly"])
        try child.finish()
        #expect(try bytes(of: path) == before)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directory.path)
    }
}

/// Random numbers that a seed repeats (SplitMix64).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Whether a test may mount a disk of its own: as root on an ordinary machine.
private let canMount: Bool = {
    let probe = try? Process.run(
        URL(filePath: "/bin/sh"), arguments: ["-c", "unshare -m mount -t tmpfs none /mnt 2>/dev/null"])
    probe?.waitUntilExit()
    return probe?.terminationStatus == 0
}()
