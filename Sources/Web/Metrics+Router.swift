extension Metrics {
    /// Counts the answers of a router's routes, and how long they took.
    ///
    /// - Parameter program: begins the names: `birthcentral_requests_total`, `birthcentral_request_seconds`.
    package func watch(_ router: inout Router, program: String) {
        router.onAnswer = { method, pattern, status, duration in
            let route = [MetricLabel("method", method.rawValue), MetricLabel("route", pattern)]
            self.count("\(program)_requests_total", route + [MetricLabel("status", "\(status)")])
            self.observe("\(program)_request_seconds", route, seconds: duration / .seconds(1))
        }
    }
}
