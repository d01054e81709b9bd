import Foundation

#if Postgres
    import PostgresCluster
#endif

/// Measures, prints tables and, with `--json FILE`, writes the same as JSON. `--only TEXT` takes those whose
/// name has it. Ends with 1 if a bound is not reached.
@main
enum Main {
    static func main() async {
        do { try await run() } catch {
            FileHandle.standardError.write(Data("the benchmark cannot go on: \(error)\n".utf8))
            exit(70)
        }
    }

    private static func run() async throws {
        var arguments = Array(CommandLine.arguments.dropFirst())
        let only = option("--only", in: &arguments)
        let file = option("--json", in: &arguments)
        guard arguments.isEmpty else {
            FileHandle.standardError.write(Data("usage: Benchmarks [--only TEXT] [--json FILE]\n".utf8))
            exit(64)
        }
        let wanted: (String) -> Bool = { name in only.map(name.contains) ?? true }
        let benchmarks = Benchmark.policies + Benchmark.evaluations + Benchmark.duplicates + Benchmark.seals
        let measurements = benchmarks.filter { wanted($0.name) }.map { $0.measured() }
        printTable([Measurement.columns] + measurements.map(\.row))
        if wanted("duplicates: quality") { printDuplicateQuality() }
        var outcomes: [Comparison.Outcome] = []
        for comparison in try await comparisons().filter({ wanted($0.name) }) {
            outcomes.append(try await comparison.measured())
        }
        print()
        printTable([Comparison.Outcome.columns] + outcomes.map(\.row))
        let latencies = wanted("worklist") ? try await workList() : []
        print()
        printTable([Latency.columns] + latencies.map(\.row))
        if let file {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            let record = Record(
                benchmarks: measurements.map(\.record), comparisons: outcomes.map(\.record),
                latencies: latencies.map(\.record))
            try encoder.encode(record).write(to: URL(filePath: file))
        }
        exit(
            measurements.allSatisfy(\.isReached) && outcomes.allSatisfy(\.isReached)
                && latencies.allSatisfy(\.isReached) ? 0 : 1)
    }

    /// The agent with 100,000 cases; its store is made at the first time and kept beside the programs.
    private static func workList() async throws -> [Latency] {
        let cases = 100_000
        guard let folder = Bundle.main.executableURL?.deletingLastPathComponent() else { return [] }
        let store = try await WorkListStore(path: folder.path + "/worklist-store", cases: cases)
        return try await WorkListBenchmark(store: store).measured()
    }

    private struct Record: Encodable {
        let benchmarks: [Measurement.Record]
        let comparisons: [Comparison.Outcome.Record]
        let latencies: [Latency.Record]
    }

    /// What is measured beside something bare, over one day's work.
    private static func comparisons() async throws -> [Comparison] {
        let workday = try await Workday(windows: 10, births: 150, seed: 42)
        let bodies = workday.bodies
        let bytes = bodies.reduce(0) { $0 + $1.count }
        print(
            "\na day's work: \(bodies.count) changes of \(workday.windows.count) windows, \(bytes / bodies.count) bytes each"
        )
        let ingest = IngestBenchmarks(workday: workday)
        var comparisons = [
            SaveBenchmarks(births: 300, bytes: bytes / bodies.count).correction, ingest.sqlite,
        ]
        #if Postgres
            comparisons.append(ingest.postgres(try PostgresCluster.shared.get()))
        #endif
        return comparisons
    }

    private static func option(_ name: String, in arguments: inout [String]) -> String? {
        guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return nil }
        defer { arguments.removeSubrange(index...(index + 1)) }
        return arguments[index + 1]
    }

    private static func printTable(_ rows: [[String]]) {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            print(cells.joined(separator: "  "))
        }
    }
}
