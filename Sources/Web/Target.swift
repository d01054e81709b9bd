/// A request target taken apart: decoded path segments and query.
///
/// A segment may hold a slash that was written `%2F`; whoever makes a file name of one must look.
struct Target: Hashable, Sendable {
    /// Pairs of a query, and segments of a path.
    static let (pairsMax, segmentsMax) = (100, 32)

    /// The decoded segments of the path; the root has none, and a slash at the end makes an empty last one.
    let segments: [String]
    /// The decoded query; of a repeated name the first counts.
    let query: [String: String]

    /// Nil when the target does not begin with a slash, is wrongly encoded, has too many parts, or climbs with `.` or `..`.
    init?(_ text: String) {
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var segments: [String] = []
        for part in parts[0].split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            guard segments.count < Target.segmentsMax, let segment = PercentCoding.decode(part),
                segment != ".", segment != ".."
            else { return nil }
            segments.append(segment)
        }
        guard let query = Target.query(parts.count > 1 ? parts[1] : "") else { return nil }
        self.segments = segments == [""] ? [] : segments
        self.query = query
    }

    private static func query(_ text: Substring) -> [String: String]? {
        var query: [String: String] = [:]
        for (count, pair) in text.split(separator: "&").enumerated() {
            guard count < Target.pairsMax else { return nil }
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentCoding.decode(sides[0], plusIsSpace: true) else { return nil }
            let value = PercentCoding.decode(sides.count > 1 ? sides[1] : "", plusIsSpace: true)
            guard let value else { return nil }
            if query[name] == nil { query[name] = value }
        }
        return query
    }
}
