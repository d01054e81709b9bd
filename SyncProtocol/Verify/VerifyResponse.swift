/// What central answers in a verify: which of the ranges asked about differ, and what it holds there. One CBOR map.
package struct VerifyResponse: Hashable, Sendable {
    /// A range that differs.
    package struct Answer: Hashable, Sendable {
        /// Which of the request's ranges.
        package let index: Int
        package let content: Content

        package init(index: Int, content: Content) {
            self.index = index
            self.content = content
        }
    }

    package enum Content: Hashable, Sendable {
        /// All of central's cases in it, few.
        case list([ListedCase])
        /// The sums of its parts: of the first up to a bound, of the next up to another, and of the last up to the range's end.
        case parts([VerifyRequest.Part], last: SumMark)
    }

    /// A case with the end of its sum.
    package struct ListedCase: Hashable, Sendable {
        package let caseID: CaseID
        package let mark: SumMark

        package init(caseID: CaseID, mark: SumMark) {
            self.caseID = caseID
            self.mark = mark
        }
    }

    package var version = ExchangeRequest.protocolVersion
    /// The place in the feed that the answer is about. Another one than was asked for: nothing else was answered.
    package var point: FeedPoint
    /// How many of the ranges, from the first on, were looked at; nil: all. Those without an answer are equal.
    package var lookedAtCount: UInt64?
    /// Ascending by index.
    package var answers: [Answer] = []
    /// For each case that the request left out, in its order, the end of its sum; nil where there is no such case.
    package var excepted: [SumMark?] = []

    package init(point: FeedPoint) { self.point = point }
}

extension VerifyResponse {
    private enum Key: UInt64 {
        case version, point, lookedAt, answers, excepted
    }

    /// The response's bytes, before compression.
    package var encoded: [UInt8] {
        var head = KeyedWriter()
        head.write(Key.version.rawValue) { $0.write(version) }
        head.write(Key.point.rawValue) { $0.write(point) }
        if let lookedAtCount { head.write(Key.lookedAt.rawValue) { $0.write(lookedAtCount) } }
        if !answers.isEmpty { head.write(Key.answers.rawValue) { $0.writeList(answers) { $0.write($1) } } }
        if !excepted.isEmpty {
            head.write(Key.excepted.rawValue) {
                $0.writeList(excepted) { writer, mark in
                    if let mark { writer.write(mark.bytes) } else { writer.writeNull() }
                }
            }
        }
        return head.finished.bytes
    }

    /// Reads a response of this version: refused as a whole if any part of it is not as it must be.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        guard bytes.count <= Limits.verifyBytesMax else { throw CBORError(reason: .tooLong, offset: 0) }
        var reader = CBORReader(bytes)
        self.init(point: .start)
        var required: Set<UInt64> = [Key.version.rawValue, Key.point.rawValue]
        try reader.readKeyed { reader, key throws(CBORError) in
            required.remove(key)
            try self.readMember(key, from: &reader)
        }
        guard required.isEmpty else { throw reader.failure(.unexpectedType) }
        try reader.finish()
    }

    private mutating func readMember(_ key: UInt64, from reader: inout CBORReader) throws(CBORError) {
        switch Key(rawValue: key) {
        case .version: version = try reader.readUnsigned()
        case .point: point = try reader.readFeedPoint()
        case .lookedAt: lookedAtCount = try reader.readCounter()
        case .answers:
            var order = AscendingOrder<Int>()
            answers = try reader.readList(countMax: Limits.verifyRangesMax) { reader throws(CBORError) in
                let answer = try reader.readAnswer()
                try order.check(answer.index, at: reader)
                return answer
            }
        case .excepted:
            excepted = try reader.readList(countMax: Limits.verifyExceptMax) { reader throws(CBORError) in
                reader.readNullIfPresent() ? nil : try reader.readMark()
            }
        case nil: _ = try reader.readEncodedItem(depthMax: Limits.valueDepthMax)
        }
    }
}
