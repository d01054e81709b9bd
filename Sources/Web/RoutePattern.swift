/// The path of a route, such as `/api/v1/cases/{id}`.
struct RoutePattern: Hashable, Sendable, CustomStringConvertible {
    private enum Part: Hashable, Sendable {
        case literal(String)
        case parameter(String)
    }

    private let parts: [Part]
    let description: String

    /// Reads a pattern. A wrong one is a mistake in the program, so it stops the program.
    init(_ text: String) {
        precondition(text.hasPrefix("/"), "A pattern begins with a slash: \(text)")
        let segments =
            text == "/" ? [] : text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        parts = segments.map { segment in
            guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return .literal(String(segment)) }
            return .parameter(String(segment.dropFirst().dropLast()))
        }
        description = text
        let names = parts.compactMap { if case .parameter(let name) = $0 { name } else { nil } }
        precondition(Set(names).count == names.count, "A name occurs twice: \(text)")
    }

    /// The parameters, when the segments fit; nil when they do not. A parameter takes one segment that is
    /// not empty.
    func match(_ segments: [String]) -> [String: String]? {
        guard segments.count == parts.count else { return nil }
        var parameters: [String: String] = [:]
        for (part, segment) in zip(parts, segments) {
            switch part {
            case .literal(let text): guard text == segment else { return nil }
            case .parameter(let name):
                guard !segment.isEmpty else { return nil }
                parameters[name] = segment
            }
        }
        return parameters
    }

    /// Whether this pattern is asked before another: the shorter one, then, at the first difference in
    /// kind, the one that is literal.
    func precedes(_ other: RoutePattern) -> Bool {
        guard parts.count == other.parts.count else { return parts.count < other.parts.count }
        for (own, theirs) in zip(parts, other.parts) {
            switch (own, theirs) {
            case (.literal, .parameter): return true
            case (.parameter, .literal): return false
            default: continue
            }
        }
        return false
    }

    /// Whether two patterns match exactly the same paths.
    func overlaps(_ other: RoutePattern) -> Bool {
        parts.count == other.parts.count
            && zip(parts, other.parts).allSatisfy { own, theirs in
                switch (own, theirs) {
                case (.literal(let left), .literal(let right)): left == right
                case (.parameter, .parameter): true
                default: false
                }
            }
    }
}
