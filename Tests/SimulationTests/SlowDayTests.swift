import Simulation
import Testing

@Suite("A day over a slow link in virtual time")
struct SlowDayTests {
    @Test(
        "Cases arrive within seconds, photos to the last byte, and hardly anything goes twice", arguments: [1]
    )
    func day(seed: UInt64) async throws {
        let figures = try await SlowDay.run(seed: seed)
        print("slow day \(seed): \(figures.summary)")
        #expect(figures.changes == 300 && figures.photos == 200 && figures.photoBytes == 30_000_000)
        #expect(figures.waits.count == 300)
        #expect(figures.wait(share: 0.5) < 5)
        #expect(figures.wait(share: 0.95) < 15)
        #expect(figures.waits.allSatisfy { $0 < 60 })
        #expect(figures.repeatedShare < 0.05)
        #expect(figures.caseBytesUp + figures.caseBytesDown < 3_000_000)
        #expect(figures.seconds < 10 * 3600)
    }
}
