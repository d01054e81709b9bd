import Casework

extension Benchmark {
    /// Judging applications, all regions in turn.
    static var evaluations: [Benchmark] {
        let policies = PolicyLibrary.standard.policies
        var births = policies.map { Births($0, seed: 42) }
        let cases = (0..<10_000).map { (policies[$0 % 5], births[$0 % 5].next()) }
        let day = CalendarDate("2025-09-29")
        return [
            Benchmark("evaluate varied cases", count: 100_000, secondsMax: 10) {
                var shown = 0
                for round in 0..<10 {
                    for (policy, answers) in cases {
                        let evaluation = policy.evaluate(answers)
                        shown &+= evaluation.reasons.count + evaluation.items.count + round
                    }
                }
                return shown
            },
            Benchmark("count a deadline of 33 working days", count: 100_000) {
                var last = 0
                for _ in 0..<100_000 {
                    // The year is at hand; without it the check would differ.
                    guard let day, let due = try? WorkCalendar.standard.due(workingDays: 33, after: day)
                    else { continue }
                    last &+= due.day
                }
                return last
            },
        ]
    }
}
