/// Something that happened in a running program, for its technician: one line of the log.
///
/// It carries no personal data: names of events, IDs of computers and bundles, codes, counts, paths and the types of errors only.
package struct LogEvent: Hashable, Sendable {
    /// How urgent it is: `warning` wants a look, `error` wants somebody to act.
    package enum Level: String, Hashable, Sendable, CaseIterable { case info, warning, error }

    /// What a field holds.
    package enum Value: Hashable, Sendable {
        case text(String)
        case number(UInt64)
    }

    package let level: Level
    /// By which lines of a kind are found, in every version the same: `device.revoked`.
    package let name: String
    /// The same for a person, in English.
    package let sentence: String
    /// By their names.
    package let fields: [String: Value]

    package init(_ level: Level, _ name: String, _ sentence: String, _ fields: [String: Value] = [:]) {
        (self.level, self.name, self.sentence, self.fields) = (level, name, sentence, fields)
    }
}

/// Takes events; it must not fail and not wait.
package typealias LogSink = @Sendable (LogEvent) -> Void

extension LogEvent.Value: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral {
    package init(stringLiteral text: String) { self = .text(text) }

    package init(integerLiteral number: UInt64) { self = .number(number) }

    /// A count; nothing is counted below zero.
    package static func count(_ count: Int) -> Self { .number(UInt64(clamping: count)) }
}

extension LogEvent {
    /// A request that failed inside, of which the other end is told nothing. Only the type of the error: what it holds may come from a
    /// case. And only the route, as the router knows it: an address may name a person's record.
    package static func failed(_ request: Request, _ error: any Error) -> LogEvent {
        let (method, type) = (request.method.rawValue, "\(type(of: error))")
        return LogEvent(
            .error, "request.failed", "\(method) failed inside: \(type)",
            ["method": .text(method), "route": .text(request.route), "error": .text(type)])
    }
}
