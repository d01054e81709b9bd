import Foundation

#if Postgres
    import PostgresCluster
#endif

/// Measures, prints tables and, with `--json FILE`, writes the same as JSON. `--only TEXT` takes those whose name has it; `--cases N`
/// says how many cases lists are measured over, `--changes N` how far central's log grows. Ends with 1 if a bound is not reached.
@main
enum Main {
    static func main() async {
        do { try await run() } catch {
            FileHandle.standardError.write(Data("the benchmark cannot go on: \(error)\n".utf8))
            exit(70)
        }
    }

    /// What the command line says.
    private struct Options {
        let only: String?
        let file: String?
        let cases: Int
        let changes: Int

        init(_ arguments: inout [String]) {
            only = option("--only", in: &arguments)
            file = option("--json", in: &arguments)
            cases = option("--cases", in: &arguments).flatMap { Int($0) } ?? 100_000
            changes = option("--changes", in: &arguments).flatMap { Int($0) } ?? 100_000
        }

        func wants(_ name: String) -> Bool { only.map(name.contains) ?? true }
    }

    private static func run() async throws {
        var arguments = Array(CommandLine.arguments.dropFirst())
        if let directory = option(ReconnectBenchmarks.serving, in: &arguments) {
            return try await ReconnectBenchmarks.serve(directory)
        }
        let options = Options(&arguments)
        guard arguments.isEmpty else {
            let usage = "usage: Benchmarks [--only TEXT] [--cases N] [--changes N] [--json FILE]\n"
            FileHandle.standardError.write(Data(usage.utf8))
            exit(64)
        }
        let benchmarks = Benchmark.policies + Benchmark.evaluations + Benchmark.duplicates + Benchmark.seals
        let measurements = benchmarks.filter { options.wants($0.name) }.map { $0.measured() }
        printTable(Measurement.columns, measurements.map(\.row))
        if options.wants("duplicates: quality") { printDuplicateQuality() }
        let outcomes = try await outcomes(options)
        printTable(Comparison.Outcome.columns, outcomes.map(\.row))
        let latencies = try await latencies(options)
        printTable(Latency.columns, latencies.map(\.row))
        let figures = try await figures(options)
        printTable(Figure.columns, figures.map(\.row))
        if let file = options.file {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            let record = Record(
                benchmarks: measurements.map(\.record), comparisons: outcomes.map(\.record),
                latencies: latencies.map(\.record), figures: figures)
            try encoder.encode(record).write(to: URL(filePath: file))
        }
        let isReached =
            measurements.allSatisfy(\.isReached) && outcomes.allSatisfy(\.isReached)
            && latencies.allSatisfy(\.isReached) && figures.allSatisfy(\.isReached)
        exit(isReached ? 0 : 1)
    }

    private struct Record: Encodable {
        let benchmarks: [Measurement.Record]
        let comparisons: [Comparison.Outcome.Record]
        let latencies: [Latency.Record]
        let figures: [Figure]
    }

    /// The one over a day's work is made only if something of it is wanted.
    private static func outcomes(_ options: Options) async throws -> [Comparison.Outcome] {
        var outcomes: [Comparison.Outcome] = []
        guard ["saved", "ingest", "audit"].contains(where: { options.only?.contains($0) ?? true }) else {
            return []
        }
        for comparison in try await comparisons().filter({ options.wants($0.name) }) {
            outcomes.append(try await comparison.measured())
        }
        return outcomes
    }

    /// How long lists take among many cases.
    private static func latencies(_ options: Options) async throws -> [Latency] {
        var latencies: [Latency] = []
        if options.wants(CentralBenchmarks.name) {
            latencies += try await CentralBenchmarks.measured(cases: options.cases)
        }
        if options.wants("worklist") {
            // Kept beside the programs, as it takes minutes to fill.
            let folder = Bundle.main.executableURL?.deletingLastPathComponent().path ?? "."
            let store = try await WorkListStore(path: folder + "/worklist-store", cases: options.cases)
            latencies += try await WorkListBenchmark(store: store).measured()
        }
        return latencies
    }

    /// What is counted rather than timed, or takes minutes.
    private static func figures(_ options: Options) async throws -> [Figure] {
        var figures: [Figure] = []
        if options.wants("wire") { figures += try await WireBenchmarks().figures() }
        if options.wants("verify") { figures += try VerifyBenchmarks().figures() }
        if options.wants("growth") {
            figures += try await GrowthBenchmarks(changes: options.changes).figures()
        }
        if options.wants("reconnect") { figures += try await ReconnectBenchmarks().figures() }
        return figures
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
            CentralBenchmarks.audit,
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

    /// Nothing if there are no rows.
    private static func printTable(_ columns: [String], _ rows: [[String]]) {
        if rows.isEmpty { return }
        let widths = columns.indices.map { column in ([columns] + rows).map { $0[column].count }.max() ?? 0 }
        print()
        for row in [columns] + rows {
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            print(cells.joined(separator: "  "))
        }
    }
}
