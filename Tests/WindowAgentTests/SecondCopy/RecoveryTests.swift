import Cryptography
import Foundation
import Persistence
import SyncProtocol
import Testing

@testable import WindowAgent

@Suite("Recovering a window from its journal", .timeLimit(.minutes(3)))
struct RecoveryTests {
    /// A window whose journal has some segments.
    private func worn(seed: Int) async throws -> SecondCopyFixture {
        var random = SeededGenerator(seed: seed)
        let fixture = try await SecondCopyFixture(seed: seed)
        try await fixture.writer.choose(SecondCopyFixture.place)
        for _ in 0..<4 {
            try await fixture.store.work(6, using: &random)
            try await fixture.catchUp()
            await fixture.writer.post(.saved)
            fixture.medium.change { $0.failure = .absent }  // pulled out: the next append begins a segment
            try await fixture.catchUp()
            fixture.medium.change { $0.failure = nil }
            try await fixture.catchUp()
        }
        return fixture
    }

    @Test(
        "A damaged record is told with the change that it costs; everything else is recovered",
        arguments: 0..<8)
    func flipped(seed: Int) async throws {
        let fixture = try await worn(seed: seed)
        var random = SeededGenerator(seed: seed)
        let path = try #require(fixture.medium.segments.first)
        let place = Int.random(in: 100..<(fixture.medium.files[path]?.count ?? 101), using: &random)
        fixture.medium.change { $0.files[path]?[place] ^= 0x55 }
        let (report, store) = try await fixture.recover(on: TestMachine(seed: seed + 100))
        #expect(!report.isWhole, "SEED \(seed)")
        let (lost, found) = (try await fixture.store.log(), try await store.log())
        #expect(Set(found.map(\.id)).isSubset(of: lost.map(\.id)))
        #expect(lost.count - found.count <= 1, "SEED \(seed): one byte costs one change")
        let gaps = report.gaps.flatMap { ($0.first...$0.last).map { "\($0)" } }
        #expect(gaps.count == lost.count - found.count || lost.count == found.count, "SEED \(seed)")
    }

    @Test("A segment that is missing in the middle is noticed")
    func missingSegment() async throws {
        let fixture = try await worn(seed: 1)
        try #require(fixture.medium.segments.count >= 3)
        let path = fixture.medium.segments[1]
        fixture.medium.change { $0.files[path] = nil }
        let (report, _) = try await fixture.recover(on: TestMachine(seed: 2))
        #expect(report.missingSegments.count == 1 && !report.isWhole)
    }

    @Test("What is recovered is the same computer with the same hospital, and writes on as another replica")
    func identity() async throws {
        let fixture = try await SecondCopyFixture()
        let directory = AgentDirectory(path: fixture.machine.directory)
        let device = Ed25519.SigningKey()
        try KeyFile.write(device.seed, to: directory.deviceKey)
        try KeyFile.write(SecretBytes(Array("PEM".utf8)), to: directory.authority)
        _ = try await fixture.store.newCase()
        try await fixture.writer.choose(SecondCopyFixture.place)
        try await fixture.catchUp()
        let other = try TestMachine(seed: 7)
        let (report, store) = try await fixture.recover(on: other)
        #expect(report.hasDeviceKey && report.hospital == "YF01")
        let there = AgentDirectory(path: other.path("data"))
        #expect(try KeyFile.read(there.deviceKey, byteCount: 32).equals(device.seed))
        #expect(try there.storeKey().secret.equals(fixture.key.secret))
        #expect(try String(contentsOfFile: there.authority, encoding: .utf8) == "PEM")
        #expect(try await store.loadEnrolment() == fixture.store.loadEnrolment())
        _ = try await store.newCase()
        #expect(Set(try await store.log().map(\.replica)).count == 2)
        #expect(try await store.figures().outbox == 2)
        try await store.expectSound()
    }

    @Test("A directory that holds anything is not touched; another window's key opens nothing")
    func refusals() async throws {
        let fixture = try await SecondCopyFixture()
        _ = try await fixture.store.newCase()
        try await fixture.writer.choose(SecondCopyFixture.place)
        try await fixture.catchUp()
        let other = try TestMachine(seed: 3)
        try FileManager.default.createDirectory(atPath: other.path("data"), withIntermediateDirectories: true)
        try Data([1]).write(to: URL(filePath: other.path("data/something")))
        await #expect(throws: Recovery.Refusal.notEmpty(other.path("data"))) {
            try await fixture.recover(on: other)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: other.path("data")) == ["something"])
        let key = StoreKey(secret: SecretBytes(randomCount: 32))
        await #expect(throws: JournalReader.Fault.wrongKey) {
            try await fixture.recover(on: TestMachine(seed: 4), key: key)
        }
        #expect(throws: JournalReader.Fault.none) { try JournalReader(MemoryMedium()) }
    }

    @Test("A recovery that was cut short is begun again from nothing; a header that is damaged has a copy")
    func again() async throws {
        let fixture = try await SecondCopyFixture()
        _ = try await fixture.store.newCase()
        try await fixture.writer.choose(SecondCopyFixture.place)
        try await fixture.catchUp()
        let other = try TestMachine(seed: 3)
        let half = other.path("data.recovering")
        try FileManager.default.createDirectory(atPath: half, withIntermediateDirectories: true)
        try Data([1]).write(to: URL(filePath: half + "/window.sqlite"))
        let header = try #require(fixture.medium.files.keys.first { $0.hasSuffix("/header") })
        fixture.medium.change { $0.files[header] = [1, 2, 3] }
        let (report, _) = try await fixture.recover(on: other)
        #expect(report.isWhole && report.changes == 1)
        #expect(!FileManager.default.fileExists(atPath: half))
        fixture.medium.change { state in
            state.files[header + ".copy"] = []
        }
        #expect(throws: JournalReader.Fault.noHeader) { try JournalReader(fixture.medium) }
    }

    @Test(
        "The sheet's code and central's recovery key give the store's key; a new sheet is in the header after the next append"
    )
    func wraps() async throws {
        let fixture = try await SecondCopyFixture()
        try await fixture.writer.choose(SecondCopyFixture.place)
        let old = try await fixture.writer.makeSheet()
        try await fixture.catchUp()
        let header = try JournalReader(fixture.medium).header
        #expect(try #require(header.sheet?.open(old)).equals(fixture.key.secret))
        #expect(try #require(header.central?.open(.test)).equals(fixture.key.secret))
        let new = try await fixture.writer.makeSheet()
        try await fixture.catchUp()
        let later = try JournalReader(fixture.medium).header
        #expect(later.sheet?.open(old) == nil)
        #expect(try #require(later.sheet?.open(new)).equals(fixture.key.secret))
    }
}
