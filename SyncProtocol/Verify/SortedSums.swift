/// The cases of a scope in the order of their last change, with sums of which any range costs two binary searches.
///
/// Ranges are compared by the last 8 bytes of their sums, so 8 bytes of a prefix sum are kept for each case, with the whole sum
/// of the scope: 32 bytes a case.
package struct SortedSums: Sendable {
    /// One case with its place and the sum of the changes that are compared.
    package struct Item: Hashable, Sendable {
        package let place: ScopePlace
        package let sum: Fingerprint

        package init(place: ScopePlace, sum: Fingerprint) {
            self.place = place
            self.sum = sum
        }

        package init(_ caseID: CaseID, lastTime: HybridTime, sum: Fingerprint) {
            self.init(place: ScopePlace(lastTime: lastTime, caseID: caseID), sum: sum)
        }
    }

    private struct Entry: Sendable {
        let words: ScopeBound.Words
        /// Of all before it; while building, its own mark.
        var sum: UInt64

        var place: ScopePlace {
            ScopePlace(
                lastTime: HybridTime(rawValue: words.0), caseID: CaseID(high: words.1, low: words.2))
        }
    }

    private var entries: [Entry]
    /// The sum over all cases.
    package private(set) var total: Fingerprint

    /// - Parameter items: in any order, each case once.
    package init(_ items: some Sequence<Item>) {
        var entries: [Entry] = []
        entries.reserveCapacity(items.underestimatedCount)
        var total = Fingerprint.empty
        for item in items {
            entries.append(Entry(words: item.place.words, sum: SumMark(item.sum).rawValue))
            total.add(item.sum)
        }
        entries.sort { $0.words < $1.words }
        var sum: UInt64 = 0
        for index in entries.indices {
            let own = entries[index].sum
            entries[index].sum = sum
            sum &+= own
        }
        self.entries = entries
        self.total = total
    }

    package var count: Int { entries.count }

    /// The cases from a bound up to another, as indices.
    func indices(from lower: ScopeBound, to upper: ScopeBound) -> Range<Int> {
        let first = index(of: lower)
        return first..<max(first, index(of: upper))
    }

    /// The first case that is not before the bound.
    private func index(of bound: ScopeBound) -> Int {
        let words = bound.words
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].words < words { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Modulo 2⁶⁴.
    func sum(_ range: Range<Int>) -> UInt64 { sum(before: range.upperBound) &- sum(before: range.lowerBound) }

    private func sum(before index: Int) -> UInt64 {
        index < entries.count ? entries[index].sum : SumMark(total).rawValue
    }

    func caseID(at index: Int) -> CaseID { CaseID(high: entries[index].words.1, low: entries[index].words.2) }

    func mark(at index: Int) -> SumMark { SumMark(rawValue: sum(index..<index + 1)) }

    /// The shortest bound between a case and the one before it; the case is not the first.
    func bound(before index: Int) -> ScopeBound {
        ScopeBound(between: entries[index - 1].place, and: entries[index].place)
    }

    /// The places of some cases. Looks at every case once.
    func indices(of cases: Set<CaseID>) -> [Int] {
        guard !cases.isEmpty else { return [] }
        // The last bits of a name are random: few of the others need a closer look.
        var isNear = [Bool](repeating: false, count: 1 << 16)
        for id in cases { isNear[Int(id.low & 0xFFFF)] = true }
        return entries.indices.filter {
            isNear[Int(entries[$0].words.2 & 0xFFFF)] && cases.contains(caseID(at: $0))
        }
    }

    /// Puts a case where it now belongs, with its new sum.
    ///
    /// It costs a move of all cases that were changed after the old place: little, as those that change are the recent ones.
    ///
    /// - Parameters:
    ///   - old: as the case stands here; nil for a new one.
    ///   - new: nil takes the case out.
    package mutating func replace(_ old: Item?, with new: Item?) {
        if let old {
            let index = index(of: ScopeBound(before: old.place))
            precondition(
                index < count && entries[index].place == old.place && mark(at: index) == SumMark(old.sum),
                "the case stands here as it is said to")
            let mark = SumMark(old.sum).rawValue
            entries.remove(at: index)
            for later in index..<entries.count { entries[later].sum &-= mark }
            total.subtract(old.sum)
        }
        if let new {
            let index = index(of: ScopeBound(before: new.place))
            let before = sum(before: index)
            let mark = SumMark(new.sum).rawValue
            for later in index..<entries.count { entries[later].sum &+= mark }
            entries.insert(Entry(words: new.place.words, sum: before), at: index)
            total.add(new.sum)
        }
    }
}

/// A scope's sums without some cases that are known to differ.
struct NettedSums {
    let sums: SortedSums
    private let left: [(index: Int, caseID: CaseID, mark: SumMark)]

    init(_ sums: SortedSums, without cases: some Sequence<CaseID>) {
        self.sums = sums
        left = sums.indices(of: Set(cases)).map { ($0, sums.caseID(at: $0), sums.mark(at: $0)) }
    }

    func mark(_ range: Range<Int>) -> SumMark {
        var sum = sums.sum(range)
        for one in left where range.contains(one.index) { sum &-= one.mark.rawValue }
        return SumMark(rawValue: sum)
    }

    /// The cases of a range.
    func list(_ range: Range<Int>) -> [(caseID: CaseID, mark: SumMark)] {
        range.filter { index in !left.contains { $0.index == index } }
            .map { (sums.caseID(at: $0), sums.mark(at: $0)) }
    }

    /// What is held of the cases that are left out.
    var marksLeftOut: [CaseID: SumMark] {
        Dictionary(left.map { ($0.caseID, $0.mark) }, uniquingKeysWith: { first, _ in first })
    }
}

extension SortedSums {
    /// Parts into which a range is split.
    static let fan = 16
    /// Parts into which the whole scope is split.
    static let wholeFan = 64
    /// The size of the part at the recent end; each further one there is as large as all after it, and ``recentGrowth`` times.
    static let recentCount = 16
    static let recentGrowth = 4

    /// Where a range is split: evenly, and towards the recent end ever finer.
    func cuts(_ range: Range<Int>, from lower: ScopeBound, to upper: ScopeBound) -> [Int] {
        let isRecent = upper == .end
        let fan = isRecent && lower == .start ? Self.wholeFan : Self.fan
        let step = max(1, (range.count + fan - 1) / fan)
        var cuts: [Int] = Array(
            stride(from: range.upperBound - step, to: range.lowerBound, by: -step).reversed())
        var recent = Self.recentCount
        while isRecent, recent < step, recent < range.count {
            cuts.append(range.upperBound - recent)
            recent *= Self.recentGrowth
        }
        return cuts.sorted()
    }
}
