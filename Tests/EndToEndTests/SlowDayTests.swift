import Cryptography
import FaultyLink
import Foundation
import Programs
import Testing

/// A day on a mast in the hills: little bandwidth, long ways, and a connection that never lasts.
@Suite("A slow day", .timeLimit(.minutes(4)), .onThreads)
struct SlowDayTests {
    private static let (cases, edits, photos, photoBytes) = (6, 34, 4, 30_000)
    private static let (bytesPerSecond, delayMilliseconds) = (3_000, 300)

    /// A window that worked through an outage: cases, edits, and photos that wait.
    private func offlineDay(photographing contents: [[UInt8]]) throws -> Ward {
        let ward = try Ward()
        ward.link.cut(.reset)
        var ids: [String] = []
        for _ in 0..<Self.cases { ids.append(try ward.register()) }
        for number in 0..<Self.edits {
            let body = Data(#"{"set": {"note": "第\#(number)次补充"}}"#.utf8)
            let answer = try ward.call("PATCH", "/api/v1/cases/\(ids[number % ids.count])", body: body)
                .send(to: try #require(ward.agent).port)
            try #require(answer?.status == 200)
        }
        for (number, content) in contents.enumerated() {
            let answer = try ward.call(
                "POST", "/api/v1/cases/\(ids[number])/materials/YF-M02a/pages?page=1", body: Data(content),
                type: "image/jpeg"
            ).send(to: try #require(ward.agent).port)
            try #require(answer?.status == 201)
        }
        ward.awaitQuiet()
        return ward
    }

    /// Lets the network come back, and waits until nothing is left; answers the bytes that went up, and how long it took.
    private func comeBack(_ ward: Ward, _ contents: [[UInt8]]) throws -> (bytesUp: Int, seconds: Double) {
        let (before, began) = (ward.link.counts.bytesUp, ContinuousClock.now)
        ward.link.heal()
        // The technician tells the agent that there is a network again; from then on it is on its own.
        _ = try ward.window.attempt(["sync"])
        var isCaseDataFirst = true
        let isDone = try eventually(within: 150) {
            let status = try ward.window.run("status")
            let (waiting, outbox) = (status["attachments"]["waiting"].number, status["outbox"].number)
            if waiting < contents.count, outbox > 0 { isCaseDataFirst = false }
            return waiting == 0 && outbox == 0
        }
        let seconds = Double((ContinuousClock.now - began).components.seconds)
        #expect(isDone, "it never ends")
        #expect(isCaseDataFirst, "a photo went before case data")
        return (ward.link.counts.bytesUp - before, seconds)
    }

    private func expectAll(_ ward: Ward, _ contents: [[UInt8]]) throws {
        #expect(try ward.central.run("case", "list", "--limit", "200")["cases"].list.count == Self.cases)
        let file = ward.stage.directory.appending(path: "fetched")
        for content in contents {
            let hash = SHA256.hash(content).bytes.hexadecimal
            try ward.central.run("attachment", "show", hash, "--to", file.path)
            #expect(try Data(contentsOf: file) == Data(content))
        }
    }

    @Test(
        "Over 3 kB/s, 600 ms, and a cut every 2 to 20 s all arrives, case data first, and hardly a byte twice"
    )
    func slowDay() throws {
        let seed = UInt64.random(in: 1...UInt64.max)
        let contents = (0..<Self.photos).map { _ in
            [0xFF, 0xD8, 0xFF, 0xE0] + SecureRandom.bytes(Self.photoBytes)
        }
        // What it costs on a good link.
        let good = try offlineDay(photographing: contents)
        let needed = try comeBack(good, contents).bytesUp
        let ward = try offlineDay(photographing: contents)
        ward.link.throttle(bytesPerSecond: Self.bytesPerSecond)
        ward.link.delay(milliseconds: Self.delayMilliseconds)
        let (isOver, cuts) = (Guarded(false), Guarded(0))
        let link = ward.link
        let cutter = Thread {
            var state = seed
            while !isOver.withLock({ $0 }) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let pause = 2_000_000 + UInt32(state >> 33) % 18_000_000
                let end = ContinuousClock.now + .microseconds(Int64(pause))
                while ContinuousClock.now < end, !isOver.withLock({ $0 }) { usleep(50_000) }
                link.cut(.drop)
                cuts.withLock { $0 += 1 }
            }
        }
        cutter.start()
        let (sent, seconds) = try comeBack(ward, contents)
        isOver.withLock { $0 = true }
        while !cutter.isFinished { usleep(10_000) }
        try expectAll(ward, contents)
        let count = cuts.withLock { $0 }
        let twice = Double(sent - needed) / Double(sent) * 100
        print(
            "slow day: \(Self.cases) cases, \(Self.edits) edits, \(Self.photos) photos of \(Self.photoBytes) bytes in "
                + "\(seconds) s with \(count) cuts: \(sent) bytes up, \(needed) on a good link, "
                + String(format: "%.1f %% more", twice))
        // Each cut costs the heads of the requests that find the place again; the rest would be bytes sent twice.
        #expect(sent - needed - count * 1_000 < sent / 20, "SEED \(seed)")
    }
}
