import Casework

extension Benchmark {
    /// Reading policies, as at the start of a program and when central publishes one.
    static var policies: [Benchmark] {
        let file = PolicyLibrary.shippedFiles[0]
        return [
            Benchmark("read a policy with every check", count: 20) {
                (0..<20).reduce(0) { sum, _ in
                    sum + ((try? Policy(json: file.bytes, file: file.name))?.items.count ?? -1)
                }
            },
            Benchmark("read a shipped policy", count: 20) {
                (0..<20).reduce(0) { sum, _ in sum + (PolicyLibrary.rules("gx-yongfu")?.items.count ?? -1) }
            },
        ]
    }
}
