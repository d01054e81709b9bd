import Foundation

/// Measures, prints a table and, with `--json FILE`, writes the same as JSON. `--only TEXT` takes those whose
/// name has it. Ends with 1 if a bound is not reached.
@main
enum Main {
    static func main() throws {
        var arguments = Array(CommandLine.arguments.dropFirst())
        let only = option("--only", in: &arguments)
        let file = option("--json", in: &arguments)
        guard arguments.isEmpty else {
            FileHandle.standardError.write(Data("usage: Benchmarks [--only TEXT] [--json FILE]\n".utf8))
            exit(64)
        }
        let benchmarks = (Benchmark.policies + Benchmark.evaluations + Benchmark.duplicates + Benchmark.seals)
            .filter {
                benchmark in
                only.map(benchmark.name.contains) ?? true
            }
        let measurements = benchmarks.map { $0.measured() }
        printTable([Measurement.columns] + measurements.map(\.row))
        if benchmarks.contains(where: { $0.name.contains("duplicates") }) { printDuplicateQuality() }
        if let file {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try encoder.encode(measurements.map(\.record)).write(to: URL(filePath: file))
        }
        exit(measurements.allSatisfy(\.isReached) ? 0 : 1)
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
