/// For how long lines are kept, and how often another machine is told where a log stands.
package enum AuditRetention {
    /// 网络安全法 第二十一条 asks for six months of logs; 个人信息保护法 第五十六条 for three years of what was recorded of processing.
    package static let days: UInt64 = 1100
    /// Lines that are cut off the front at a time.
    package static let cutMax = 1000
    /// Milliseconds between two tellings, as long as there are new lines.
    package static let tellMilliseconds: UInt64 = 3_600_000

    /// Lines from before this are cut off, milliseconds since 1970.
    package static func earliest(now: UInt64) -> UInt64 { now - min(now, days * 86_400_000) }
}

/// Which lines a list shows.
package struct AuditFilter: Hashable, Sendable {
    package var user: String?
    package var kind: AuditKind?
    package var action: Action?
    package var hospital: String?
    /// Milliseconds since 1970; the second is not included.
    package var (since, until): (UInt64?, UInt64?)

    package init() {}

    package func holds(_ line: AuditLine) -> Bool {
        (user.map { $0 == line.who || $0 == line.department } ?? true)
            && (kind.map { $0 == line.kind } ?? true)
            && (action.map { $0 == line.action } ?? true) && (hospital.map { $0 == line.hospital } ?? true)
            && (since.map { line.milliseconds >= $0 } ?? true)
            && (until.map { line.milliseconds < $0 } ?? true)
    }
}

/// A part of a list, the last line first.
package struct AuditPage: Hashable, Sendable {
    package var lines: [StoredAuditLine] = []
    /// Before which number to go on; nil at the end.
    package var next: UInt64?

    /// Lines that one call looks at.
    package static let lookedAtMax = 5_000

    package init() {}

    /// Fills a page.
    ///
    /// - Parameter read: up to so many lines before a number, the last first.
    package static func filled<Failure: Error>(
        before: UInt64?, countMax: Int, _ filter: AuditFilter,
        read: (UInt64, Int) throws(Failure) -> [StoredAuditLine]
    ) throws(Failure) -> AuditPage {
        var (page, place, looked) = (AuditPage(), before ?? UInt64(Int64.max), 0)
        while looked < lookedAtMax {
            let lines = try read(place, 200)
            for stored in lines {
                (place, looked) = (stored.sequence, looked + 1)
                // What does not open is shown to everybody: something is wrong with it.
                guard stored.line.map(filter.holds) ?? true else { continue }
                page.lines.append(stored)
                if page.lines.count == countMax {
                    page.next = place
                    return page
                }
            }
            if lines.count < 200 { return page }
        }
        page.next = place
        return page
    }
}
