import Foundation
import Testing

@Suite("Random schedules of two hospitals, three windows and central")
struct RandomScheduleTests {
    /// More of them: `WINDOW_SEEDS=1000..2000 swift test --filter RandomScheduleTests`.
    private static let seeds: Range<Int> = {
        let bounds = (ProcessInfo.processInfo.environment["WINDOW_SEEDS"] ?? "").split(separator: ".")
            .compactMap {
                Int($0)
            }
        return bounds.count == 2 && bounds[0] < bounds[1] ? bounds[0]..<bounds[1] : 0..<240
    }()

    /// Each runs its share one after the other, so that any number of seeds needs few open files.
    private static let lanes = 8

    @Test(
        "Everybody ends with the same folds, and nothing saved or acknowledged is lost", arguments: 0..<lanes)
    func schedules(lane: Int) async throws {
        for seed in Self.seeds where seed % Self.lanes == lane {
            #expect(await failure(of: seed) == nil, "WINDOW_SEEDS=\(seed)..\(seed + 1)")
        }
    }

    /// The law that a schedule breaks, in words; nil if it breaks none.
    private func failure(of seed: Int) async -> String? {
        do {
            var schedule = try await Schedule(seed: seed)
            try await schedule.run(steps: 20 + seed % 60)
            try await schedule.finish()
            return nil
        } catch {
            return "\(error)"
        }
    }
}
