import CentralServer
import Foundation
import SyncProtocol

/// What one change costs at central, with all caches, as its log grows: the days of ever more windows go into one store, and each
/// stretch of the log is timed.
struct GrowthBenchmarks {
    private static let birthsPerWindow = 250
    private static let batchBytes = 64 << 10

    /// How many changes the log comes to.
    let changes: Int

    func figures() async throws -> [Figure] {
        let scratch = try Scratch()
        let central = try BareCentral(directory: scratch.path)
        var marks = [10_000, 30_000, 100_000, 300_000, 1_000_000].filter { $0 <= changes }
        var figures: [Figure] = []
        var (total, count, time) = (0, 0, 0.0)
        var first: Double?
        for seed in 1000... {
            guard let mark = marks.first else { break }
            let day = try await day(UInt64(seed), at: central)
            (total, count, time) = (total + day.count, count + day.count, time + day.seconds)
            guard total >= mark else { continue }
            let each = time / Double(count) * 1e6
            figures.append(
                Figure(
                    name: "cost of a change in a log of \(mark)", value: each / (first ?? each),
                    unit: "× that at 10,000", most: 1.5, note: String(format: "%.0f µs", each)))
            first = first ?? each
            (count, time) = (0, 0)
            marks.removeFirst()
        }
        return figures
    }

    /// A new window's day, and how long central took for it.
    private func day(_ seed: UInt64, at central: BareCentral) async throws -> (count: Int, seconds: Double) {
        let desk = try await Desk(path: nil, seed: seed)
        try await central.enrol(desk)
        for _ in 0..<Self.birthsPerWindow { try await desk.work() }
        var (count, time) = (0, 0.0)
        while true {
            let outgoing = try await desk.store.compose(bytesMax: Self.batchBytes, budget: 1 << 20)
            for case .run(_, _, _, let bodies) in outgoing.request.pushes { count += bodies.count }
            var response: ExchangeResponse?
            time += try await seconds { response = try await central.answer(outgoing.request, to: desk) }
            guard let response, try await desk.store.take(response, for: outgoing).hasMore else { break }
        }
        return (count, time)
    }
}
