/// A calendar's working days added up, so that a period is counted in one step however long it is.
package struct WorkdayTable: Sendable {
    /// The number of the first day that is added up.
    private let first: Int
    /// For each day, the working days from the first through it.
    private let counts: [Int32]
    /// For each day, the days through it of which nothing is known.
    private let gaps: [Int32]

    package init(_ calendar: WorkCalendar) {
        let years = calendar.years.keys.sorted()
        first = years.first.flatMap { CalendarDate(year: $0, month: 1, day: 1)?.dayNumber } ?? 0
        let end = years.last.flatMap { CalendarDate(year: $0, month: 12, day: 31)?.dayNumber } ?? -1
        var (counts, gaps): ([Int32], [Int32]) = ([], [])
        var (count, gap): (Int32, Int32) = (0, 0)
        for number in stride(from: first, through: end, by: 1) {
            // A year between two known ones may be unknown.
            let isWorked = CalendarDate(dayNumber: number).flatMap { try? calendar.isWorkday($0) }
            if isWorked == nil { gap += 1 }
            if isWorked == true { count += 1 }
            counts.append(count)
            gaps.append(gap)
        }
        (self.counts, self.gaps) = (counts, gaps)
    }

    /// The same as ``WorkCalendar/workingDays(from:to:)`` of two days' numbers; nil if a year is not known.
    package func workingDays(from start: Int, to end: Int) -> Int? {
        if start > end { return workingDays(from: end, to: start).map { -$0 } }
        if start == end { return 0 }
        let (low, high) = (start - first, end - first)
        // The first day itself is not counted, so that it may be the one before those that are known.
        guard low >= -1, high < counts.count else { return nil }
        guard gaps[high] == (low < 0 ? 0 : gaps[low]) else { return nil }
        return Int(counts[high] - (low < 0 ? 0 : counts[low]))
    }
}
