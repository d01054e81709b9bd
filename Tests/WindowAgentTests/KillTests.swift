import Casework
import Foundation
import SyncProtocol
import Testing

@testable import Persistence
@testable import WindowAgent

/// A running `WindowSaver`, which lies beside the test binary.
struct Saver {
    private let process = Process()
    private let output = Pipe()

    init(_ verb: String, _ path: String, seed: UInt64) throws {
        process.executableURL = Bundle.main.bundleURL.appending(path: "WindowSaver")
        process.arguments = [verb, path, String(seed)]
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    /// Lines up to a count, or up to the end of the output.
    func lines(countMax: Int = .max) -> [String] {
        var text = ""
        while text.count(where: { $0 == "\n" }) < countMax {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { break }
            text += String(decoding: data, as: UTF8.self)
        }
        return text.split(separator: "\n").map(String.init)
    }

    func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }
    func wait() { process.waitUntilExit() }
}

@Suite("kill -9 and full disks", .timeLimit(.minutes(5)))
struct KillTests {
    private static let killsPerFile = 8

    /// Each file is killed eight times; `WINDOW_KILL_SEED` repeats a run.
    @Test(
        "Every save that was answered before kill -9 is there, with chain, cache and outbox", arguments: 0..<8
    )
    func killed(file: Int) async throws {
        let given = ProcessInfo.processInfo.environment["WINDOW_KILL_SEED"].flatMap { Int($0) }
        let seed = given ?? Int.random(in: 0..<1_000_000)
        var random = SeededGenerator(seed: seed &+ file)
        let machine = try TestMachine(seed: seed)
        _ = try await machine.open()
        var answered: Set<String> = []
        for round in 0..<Self.killsPerFile {
            let saver = try Saver("save", machine.path(), seed: random.next())
            let early = saver.lines(countMax: Int.random(in: 1...25, using: &random))
            let moment = ContinuousClock.now + .microseconds(Int.random(in: 0...6000, using: &random))
            while ContinuousClock.now < moment {}  // into any part of a save
            saver.kill()
            let lines = early + saver.lines()
            saver.wait()
            let told = "WINDOW_KILL_SEED=\(seed), file \(file), round \(round)"
            try #require(!lines.contains { $0.hasPrefix("error") }, "\(told): \(lines)")
            answered.formUnion(lines.compactMap { $0.split(separator: " ").first.map(String.init) })
            try await check(machine, answered, told)
        }
    }

    private func check(_ machine: TestMachine, _ answered: Set<String>, _ told: String) async throws {
        let store = try await machine.open()
        let kept = try await store.saveIDs()
        #expect(answered.subtracting(kept) == [], "\(told): an answered save is gone")
        #expect(
            try await store.log().count == kept.count, "\(told): a save without its change, or the reverse")
        #expect(try await store.figures().outbox == kept.count, "\(told)")
        try await store.expectSound(told)
        // A change and its line are one transaction: none is there without the other.
        let changed = try await store.auditTrail().filter { $0.kind == .change }
        #expect(changed.count == kept.count, "\(told): a change without its line, or the reverse")
        if !kept.isEmpty { #expect(try await store.verifyAudit()?.isWhole == true, "\(told)") }
    }

    @Test(
        "On a disk that fills up again and again a save is whole or refused, and works again when there is room"
    )
    func fullDisk() async throws {
        let machine = try TestMachine()
        _ = try await machine.open()
        let saver = try Saver("fill", machine.path(), seed: 1)
        let lines = saver.lines()
        saver.wait()
        try #require(lines.count == 24, "\(lines)")
        var saves = 0
        for (index, line) in lines.enumerated() {
            if index.isMultiple(of: 2) {
                #expect(line == "full")
            } else {
                let counts = line.split(separator: " ").compactMap { Int($0) }
                saves += counts[0]
                #expect(counts[1] == saves)
            }
        }
        let store = try await machine.open()
        #expect(try await store.log().count == saves)
        try await store.expectSound()
    }
}

extension WindowStore {
    fileprivate func saveIDs() throws -> Set<String> {
        Set(try database.rows("SELECT id FROM save") { row throws(DatabaseError) in try row.text(0) })
    }
}
