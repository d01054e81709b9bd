/// Central's side of a verify: answers each message from the sums alone, and remembers nothing between two.
package struct VerifyResponder: Sendable {
    private let sums: SortedSums
    private let point: FeedPoint

    /// Bytes after which an answer leaves the remaining ranges to the next message. One range is always answered.
    static let bytesAim = 64 * 1024

    /// - Parameter point: the place in the feed that the sums are about.
    package init(_ sums: SortedSums, at point: FeedPoint) {
        self.sums = sums
        self.point = point
    }

    package func answer(_ request: VerifyRequest) -> VerifyResponse {
        var response = VerifyResponse(point: point)
        guard request.point == point else { return response }
        let netted = NettedSums(sums, without: request.except)
        let held = netted.marksLeftOut
        response.excepted = request.except.map { held[$0] }
        if case .scope(sums.total) = request.question, request.except.isEmpty { return response }
        let ranges = request.ranges
        var bytes = 0
        for (index, range) in ranges.enumerated() {
            guard let content = content(range, netted, isScope: request.isScope) else { continue }
            let answer = VerifyResponse.Answer(index: index, content: content)
            bytes += answer.byteCountMax
            if bytes > Self.bytesAim, !response.answers.isEmpty {
                response.lookedAtCount = UInt64(index)
                break
            }
            response.answers.append(answer)
        }
        return response
    }

    /// Nil if the range is equal. The whole scope is compared by its whole sum, before this is asked.
    private func content(
        _ range: VerifyRange, _ netted: NettedSums, isScope: Bool
    ) -> VerifyResponse.Content? {
        let indices = sums.indices(from: range.lower, to: range.upper)
        guard isScope || netted.mark(indices) != range.mark else { return nil }
        guard indices.count > Limits.verifyListMax else {
            return .list(netted.list(indices).map { VerifyResponse.ListedCase(caseID: $0, mark: $1) })
        }
        var parts: [VerifyRequest.Part] = []
        var first = indices.lowerBound
        for cut in sums.cuts(indices, from: range.lower, to: range.upper) {
            parts.append(
                VerifyRequest.Part(mark: netted.mark(first..<cut), upper: sums.bound(before: cut)))
            first = cut
        }
        return .parts(parts, last: netted.mark(first..<indices.upperBound))
    }
}

extension VerifyRequest {
    fileprivate var isScope: Bool {
        if case .scope = question { true } else { false }
    }
}

extension VerifyResponse.Answer {
    fileprivate var byteCountMax: Int {
        switch content {
        case .list(let cases): 8 + 24 * cases.count
        case .parts(let parts, _): 17 + parts.reduce(0) { $0 + 10 + $1.upper.bytes.count }
        }
    }
}
