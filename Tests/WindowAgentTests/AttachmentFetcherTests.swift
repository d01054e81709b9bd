import Casework
import Cryptography
import Foundation
import Persistence
import Testing

@testable import WindowAgent

@Suite("Deciding what to fetch")
struct AttachmentFetcherTests {
    private static let morning: UInt64 = 1_795_226_400_000
    private let one = SHA256.hash([1])
    private let two = SHA256.hash([2])

    private func tell(
        _ event: AttachmentFetcher.Event, _ fetcher: inout AttachmentFetcher, at now: UInt64 = morning
    ) -> AttachmentFetcher.Action { fetcher.handle(event, now: now, random: 0) }

    private func fetched(_ bytes: Int, whole: Bool = false) -> AttachmentFetcher.Event {
        .fetched(bytes: bytes, milliseconds: 100, isWhole: whole)
    }

    @Test("One after the other, in pieces that grow; what a person asks for comes first")
    func order() {
        var fetcher = AttachmentFetcher()
        #expect(tell(.timePassed, &fetcher) == .rest)
        #expect(tell(.wanted(one, isAsked: false), &fetcher) == .fetch(one, bytesMax: 16_384))
        #expect(tell(fetched(16_384), &fetcher) == .fetch(one, bytesMax: 65_536))
        #expect(tell(.wanted(two, isAsked: true), &fetcher) == .fetch(two, bytesMax: 65_536))
        #expect(tell(fetched(9, whole: true), &fetcher) == .fetch(one, bytesMax: 65_536))
        #expect(tell(.absent, &fetcher) == .rest)
        #expect(fetcher.wantedCount == 0 && !fetcher.isWanted(one))
    }

    @Test("On a link that is paid by the byte nothing is fetched that nobody asked for")
    func metered() {
        var fetcher = AttachmentFetcher(rules: PhotoRules(isMetered: true))
        #expect(tell(.wanted(one, isAsked: false), &fetcher) == .rest)
        #expect(tell(.wanted(two, isAsked: true), &fetcher) == .fetch(two, bytesMax: 16_384))
        #expect(tell(fetched(9, whole: true), &fetcher) == .rest)
        #expect(tell(.wanted(one, isAsked: true), &fetcher) == .fetch(one, bytesMax: 16_384))
        #expect(tell(.absent, &fetcher) == .rest)
        #expect(tell(.wanted(one, isAsked: false), &fetcher) == .rest)
        #expect(tell(.ruled(PhotoRules()), &fetcher) == .fetch(one, bytesMax: 16_384))
    }

    @Test("After a failure it waits, ever longer and never over five minutes; a person is served at once")
    func retries() {
        var fetcher = AttachmentFetcher()
        _ = tell(.wanted(one, isAsked: false), &fetcher)
        var waits: [UInt64] = []
        for _ in 0..<14 {
            guard case .wait(let until) = tell(.failed, &fetcher) else { continue }
            waits.append(until - Self.morning)
        }
        #expect(waits.count == 14 && waits == waits.sorted() && (waits.last ?? 0) <= 300_000)
        // A clock that is set back makes nobody wait longer.
        let before = Self.morning - 36_000_000
        guard case .wait(let until) = tell(.timePassed, &fetcher, at: before) else {
            Issue.record("it does not wait")
            return
        }
        #expect(until <= before + 300_000)
        guard case .fetch(one, _) = tell(.wanted(one, isAsked: true), &fetcher, at: before) else {
            Issue.record("a person waits")
            return
        }
    }

    @Test("Only so many are wanted at a time, and pieces have a bound")
    func bounded() {
        var fetcher = AttachmentFetcher()
        for number in 0..<AttachmentFetcher.wantedMax + 5 {
            _ = tell(
                .wanted(SHA256.hash([UInt8(number % 256), UInt8(number / 256)]), isAsked: false), &fetcher)
        }
        #expect(fetcher.wantedCount == AttachmentFetcher.wantedMax)
        var largest = 0
        for _ in 0..<20 {
            if case .fetch(_, let bytesMax) = tell(
                .fetched(bytes: 1 << 20, milliseconds: 1, isWhole: false), &fetcher)
            {
                largest = max(largest, bytesMax)
            }
        }
        #expect(largest == AttachmentFetcher.pieceBytesMax)
    }
}

/// Central's side of a download, over a link that fails now and then.
private actor FlakyLink: DownloadLink {
    private let contents: [Digest: [UInt8]]
    private var failures: Int
    private(set) var bytesGiven = 0

    init(_ contents: [[UInt8]], failingOften failures: Int = 0) {
        self.contents = Dictionary(uniqueKeysWithValues: contents.map { (SHA256.hash($0), $0) })
        self.failures = failures
    }

    func fetch(_ hash: Digest, from offset: Int, bytesMax: Int) async throws(DownloadError) -> DownloadPiece {
        guard let content = contents[hash] else { throw .absent }
        if failures > 0, offset > 0 {
            failures -= 1
            throw .network
        }
        let bytes = Array(content[offset..<min(offset + bytesMax, content.count)])
        bytesGiven += bytes.count
        return DownloadPiece(bytes: bytes, byteCount: content.count)
    }
}

@Suite("Fetching", .timeLimit(.minutes(4)))
struct DownloadLaneTests {
    private let machine: TestMachine
    private let files: AttachmentFiles
    private let content = SecureRandom.bytes(200_000)

    init() throws {
        machine = try TestMachine()
        files = try AttachmentFiles(
            directory: machine.path("attachments"), key: SecretBytes(randomCount: 32))
    }

    private func lane(_ link: FlakyLink) -> DownloadLane {
        // A second passes at each look at the clock: retries are not waited for.
        let environment = WindowStore.Environment(
            milliseconds: { [machine] in
                machine.pass(milliseconds: 1_000)
                return machine.now
            }, random: machine.environment.random)
        return DownloadLane(files: files, link: link, environment: environment)
    }

    /// Runs a lane until an attachment is not coming any more.
    private func run(_ lane: DownloadLane, until hash: Digest) async throws -> DownloadLane.Standing {
        let running = Task { await lane.run() }
        defer { running.cancel() }
        while true {
            let standing = try await lane.standing(of: hash)
            if standing != .coming { return standing }
            await Task.yield()
        }
    }

    @Test("A file comes whole through failures, and no byte of it comes twice")
    func resumes() async throws {
        let link = FlakyLink([content], failingOften: 2)
        let lane = lane(link)
        let hash = SHA256.hash(content)
        #expect(try await lane.want(hash, isAsked: true) == .coming)
        #expect(try await run(lane, until: hash) == .here)
        #expect(try files.read(hash, 0..<content.count) == content)
        #expect(await link.bytesGiven == content.count)
        #expect(try await lane.want(hash, isAsked: true) == .here)
    }

    @Test("What had come before a restart is kept, though what was being put in is not")
    func restarts() async throws {
        let hash = SHA256.hash(content)
        let writer = try files.begin(
            hash, owner: DownloadLane.owner, byteCount: content.count,
            expires: machine.now + DownloadLane.keptMilliseconds)
        try writer.append(Array(content.prefix(150_000)))
        try writer.commit()
        let owner = [UInt8](repeating: 0, count: AttachmentFiles.ownerByteCount)
        _ = try files.begin(SHA256.hash([1]), owner: owner, byteCount: 1, expires: 0)
        #expect(try files.sweep(now: machine.now) == 1)
        let link = FlakyLink([content])
        let lane = lane(link)
        _ = try await lane.want(hash, isAsked: false)
        #expect(try await run(lane, until: hash) == .here)
        #expect(await link.bytesGiven == 50_000)
    }

    @Test("What central does not have is told, and does not keep others waiting")
    func absent() async throws {
        let link = FlakyLink([content])
        let lane = lane(link)
        let (hash, unknown) = (SHA256.hash(content), SHA256.hash([9]))
        _ = try await lane.want(unknown, isAsked: true)
        _ = try await lane.want(hash, isAsked: true)
        #expect(try await run(lane, until: hash) == .here)
        #expect(try await lane.standing(of: unknown) == .absent)
    }
}
