/// The agent's side of a verify: tell it each answer, do what it says. It does no I/O, and ends after a bounded number of
/// rounds whatever the other side answers.
///
/// It asks about the whole scope first, then about ever smaller parts of what differs, the recent ones before the others. A
/// case that was changed stands in two places, one of them often old; so the recent parts are resolved first, and what they
/// explain is left out when the old ones are asked about again.
package struct VerifyInitiator: Sendable {
    /// What to do next.
    package enum Step: Hashable, Sendable {
        case send(VerifyRequest)
        /// Central's feed has another head than this scope was taken at: exchange, and begin anew.
        case elsewhere(FeedPoint)
        case finished(VerifyResult)
    }

    /// A range that is known, or supposed, to differ.
    private struct Open: Hashable, Sendable {
        let lower: ScopeBound
        let upper: ScopeBound
    }

    private let sums: SortedSums
    private let hospital: HospitalID
    private let point: FeedPoint
    private let isWhole: Bool
    /// From the most recent one on.
    private var open: [Open] = []
    private var asked: VerifyRequest
    private var rounds = 0
    /// Cases that differ, with what central holds of each, as far as it was told.
    private var found: [CaseID: SumMark?] = [:]
    /// Central's sum of the whole scope is another one.
    private var isScopeDifferent = false
    private var hasDeferred = false
    private var hasAskedAgain = false

    /// Ranges with at most so many cases are resolved by one more message.
    static let nearCount = SortedSums.fan * Limits.verifyListMax
    /// Bytes after which a message leaves the remaining ranges to the next one.
    static let bytesAim = 64 * 1024

    /// Compares the whole scope as it is at a place in the feed.
    package init(_ sums: SortedSums, of hospital: HospitalID, at point: FeedPoint) {
        (self.sums, self.hospital, self.point, isWhole) = (sums, hospital, point, true)
        asked = VerifyRequest(hospital: hospital, point: point, question: .scope(sums.total))
    }

    /// Compares one case. That central holds it elsewhere in the order, or not at all, shows as a difference.
    package init(only place: ScopePlace, in sums: SortedSums, of hospital: HospitalID, at point: FeedPoint) {
        (self.sums, self.hospital, self.point, isWhole) = (sums, hospital, point, false)
        let range = Open(lower: ScopeBound(before: place), upper: ScopeBound(after: place))
        let mark = SumMark(rawValue: sums.sum(sums.indices(from: range.lower, to: range.upper)))
        asked = VerifyRequest(
            hospital: hospital, point: point,
            question: .ranges([
                VerifyRequest.Stretch(
                    lower: range.lower, parts: [VerifyRequest.Part(mark: mark, upper: range.upper)])
            ]))
    }

    /// The first message.
    package var first: VerifyRequest { asked }

    /// - Throws: if the answer does not belong to what was asked: nothing of it is used, and the verify is over.
    package mutating func receive(_ response: VerifyResponse) throws(VerifyError) -> Step {
        guard response.point == point else { return .elsewhere(response.point) }
        rounds += 1
        let ranges = asked.ranges
        try check(response, against: ranges)
        if rounds == 1, isWhole { isScopeDifferent = !response.answers.isEmpty }
        for (caseID, mark) in zip(asked.except, response.excepted) { found[caseID] = .some(mark) }
        let netted = NettedSums(sums, without: asked.except)
        for answer in response.answers {
            let range = ranges[answer.index]
            switch answer.content {
            case .list(let cases): compare(cases, in: range, netted)
            case .parts(let parts, let last): compare(parts, last, in: range, netted)
            }
        }
        let lookedAt = response.lookedAtCount.map { Int($0) } ?? ranges.count
        open += ranges[lookedAt...].map { Open(lower: $0.lower, upper: $0.upper) }
        return next()
    }

    private func check(_ response: VerifyResponse, against ranges: [VerifyRange]) throws(VerifyError) {
        let lookedAt = response.lookedAtCount ?? UInt64(ranges.count)
        guard lookedAt > 0, lookedAt <= UInt64(ranges.count),
            response.excepted.count == asked.except.count
        else { throw .unasked }
        for answer in response.answers {
            guard answer.index < lookedAt else { throw .unasked }
            guard case .parts(let parts, _) = answer.content else { continue }
            let range = ranges[answer.index]
            guard let first = parts.first, let last = parts.last, first.upper > range.lower,
                last.upper < range.upper
            else { throw .unasked }
        }
    }

    private mutating func compare(
        _ cases: [VerifyResponse.ListedCase], in range: VerifyRange, _ netted: NettedSums
    ) {
        var there = Dictionary(cases.map { ($0.caseID, $0.mark) }, uniquingKeysWith: { first, _ in first })
        for (caseID, mark) in netted.list(sums.indices(from: range.lower, to: range.upper)) {
            if let told = there.removeValue(forKey: caseID) {
                if told != mark { found[caseID] = .some(told) }
            } else if found[caseID] == nil {
                found[caseID] = .some(nil)
            }
        }
        for (caseID, mark) in there { found[caseID] = .some(mark) }
    }

    private mutating func compare(
        _ parts: [VerifyRequest.Part], _ last: SumMark, in range: VerifyRange, _ netted: NettedSums
    ) {
        var lower = range.lower
        for part in parts + [VerifyRequest.Part(mark: last, upper: range.upper)] {
            let indices = sums.indices(from: lower, to: part.upper)
            if netted.mark(indices) != part.mark { open.append(Open(lower: lower, upper: part.upper)) }
            lower = part.upper
        }
    }
}

extension VerifyInitiator {
    private mutating func next() -> Step {
        guard !open.isEmpty else { return .finished(result(isComplete: true)) }
        guard rounds < Limits.verifyRoundsMax, found.count <= Limits.verifyDifferencesMax,
            open.count <= Limits.verifyOpenMax
        else { return .finished(result(isComplete: false)) }
        open.sort { $0.upper > $1.upper }
        let except = found.count <= Limits.verifyExceptMax ? found.keys.sorted() : []
        let netted = NettedSums(sums, without: except)
        asked = VerifyRequest(
            hospital: hospital, point: point, question: .ranges(takeStretches(netted)), except: except)
        return .send(asked)
    }

    /// Takes from the open ranges what one message asks about, ascending.
    private mutating func takeStretches(_ netted: NettedSums) -> [VerifyRequest.Stretch] {
        let isNear = open.map { count($0) <= Self.nearCount }
        // Once, the recent ones alone are resolved, and the others asked about again as they are, without what was found.
        let isDeferring = !hasDeferred && isNear.contains(true) && isNear.contains(false)
        let isAskingAgain = hasDeferred && !found.isEmpty && !hasAskedAgain
        if isAskingAgain { hasAskedAgain = true }
        var stretches: [VerifyRequest.Stretch] = []
        var (bytes, rangeCount) = (0, 0)
        var rest: [Open] = []
        for (range, isNear) in zip(open, isNear) {
            guard !isDeferring || isNear, bytes < Self.bytesAim,
                rangeCount + SortedSums.wholeFan * 2 < Limits.verifyRangesMax
            else {
                rest.append(range)
                continue
            }
            let stretch = stretch(range, netted, isSplit: !isAskingAgain)
            bytes += stretch.parts.reduce(16) { $0 + 10 + $1.upper.bytes.count }
            rangeCount += stretch.parts.count
            stretches.append(stretch)
        }
        open = rest
        if isDeferring { hasDeferred = true }
        return stretches.reversed()
    }

    private func count(_ range: Open) -> Int { sums.indices(from: range.lower, to: range.upper).count }

    private func stretch(_ range: Open, _ netted: NettedSums, isSplit: Bool) -> VerifyRequest.Stretch {
        let indices = sums.indices(from: range.lower, to: range.upper)
        var stretch = VerifyRequest.Stretch(lower: range.lower, parts: [])
        var first = indices.lowerBound
        if isSplit, indices.count > Limits.verifyListMax {
            for cut in sums.cuts(indices, from: range.lower, to: range.upper) {
                stretch.append(
                    VerifyRequest.Part(mark: netted.mark(first..<cut), upper: sums.bound(before: cut)))
                first = cut
            }
        }
        stretch.append(VerifyRequest.Part(mark: netted.mark(first..<indices.upperBound), upper: range.upper))
        return stretch
    }

    private func result(isComplete: Bool) -> VerifyResult {
        let here = NettedSums(sums, without: found.keys).marksLeftOut
        // Sums that differ, and no case that does: the answers contradict each other.
        let isExplained = !isScopeDifferent || !found.isEmpty
        let isNamed = found.count <= Limits.verifyDifferencesMax
        var result = VerifyResult(
            count: sums.count, rounds: rounds, isComplete: isComplete && isExplained && isNamed)
        for (caseID, there) in found.sorted(by: { $0.key < $1.key }) {
            switch (here[caseID], there) {
            case (let own?, let other?): if own != other { result.differing.append(caseID) }
            // One case was asked about at one place only: central may hold it elsewhere in the order.
            case (_?, nil): isWhole ? result.onlyHere.append(caseID) : result.differing.append(caseID)
            case (nil, _?): result.onlyThere.append(caseID)
            case (nil, nil): break
            }
        }
        return result
    }
}

/// What a verify found.
package struct VerifyResult: Hashable, Sendable {
    /// Cases of the agent's scope.
    package let count: Int
    /// Round trips.
    package let rounds: Int
    /// Nothing was left undecided. If not, there are more differences than a verify can name.
    package let isComplete: Bool
    /// Cases that central does not have in the scope. Ascending, as the others.
    package var onlyHere: [CaseID] = []
    package var onlyThere: [CaseID] = []
    /// Cases of which the sides hold different changes.
    package var differing: [CaseID] = []

    package init(count: Int, rounds: Int, isComplete: Bool) {
        self.count = count
        self.rounds = rounds
        self.isComplete = isComplete
    }

    package var isEqual: Bool { isComplete && cases.isEmpty }

    /// All cases that differ, ascending.
    package var cases: [CaseID] { (onlyHere + onlyThere + differing).sorted() }
}

/// Why a verify cannot go on.
package enum VerifyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The answer speaks of ranges that were not asked about.
    case unasked

    package var description: String { "central answered what was not asked" }
}
