/// How the parts of a verify stand in the bytes.
extension CBORWriter {
    /// `[bound, + (mark, bound)]`.
    mutating func write(_ stretch: VerifyRequest.Stretch) {
        writeArray(1 + 2 * stretch.parts.count)
        write(stretch.lower.bytes)
        for part in stretch.parts {
            write(part.mark.bytes)
            write(part.upper.bytes)
        }
    }

    /// `[index, list]`, or `[index, [* (mark, bound), mark]]`.
    mutating func write(_ answer: VerifyResponse.Answer) {
        writeArray(2)
        write(UInt64(answer.index))
        switch answer.content {
        case .list(let cases): write(cases.flatMap { $0.caseID.bytes + $0.mark.bytes })
        case .parts(let parts, let last):
            writeArray(2 * parts.count + 1)
            for part in parts {
                write(part.mark.bytes)
                write(part.upper.bytes)
            }
            write(last.bytes)
        }
    }
}

extension CBORReader {
    /// Eight bytes.
    mutating func readMark() throws(CBORError) -> SumMark {
        guard let value = UInt64(bigEndianBytes: try readBytes(count: 8)) else {
            throw failure(.unexpectedType)
        }
        return SumMark(rawValue: value)
    }

    /// At most 24 bytes without a zero at the end.
    mutating func readBound() throws(CBORError) -> ScopeBound {
        guard let bound = ScopeBound(bytes: try readBytes(countMax: ScopeBound.byteCountMax)) else {
            throw failure(.unexpectedType)
        }
        return bound
    }

    /// Stretches that do not overlap, ascending, with no more ranges together than a message may ask about.
    mutating func readStretches() throws(CBORError) -> [VerifyRequest.Stretch] {
        var rangeCount = 0
        var end = ScopeBound.start
        let stretches = try readList(countMax: Limits.verifyRangesMax) { reader throws(CBORError) in
            let count = try reader.readArray(countMax: 2 * Limits.verifyRangesMax + 1)
            guard count >= 3, count % 2 == 1 else { throw reader.failure(.unexpectedType) }
            rangeCount += count / 2
            guard rangeCount <= Limits.verifyRangesMax else { throw reader.failure(.tooLong) }
            let lower = try reader.readBound()
            guard lower >= end else { throw reader.failure(.unordered) }
            end = lower
            var stretch = VerifyRequest.Stretch(lower: lower, parts: [])
            for _ in 0..<count / 2 {
                let part = VerifyRequest.Part(mark: try reader.readMark(), upper: try reader.readBound())
                guard part.upper > end else { throw reader.failure(.unordered) }
                end = part.upper
                stretch.append(part)
            }
            return stretch
        }
        guard !stretches.isEmpty else { throw failure(.unexpectedType) }
        return stretches
    }

    mutating func readAnswer() throws(CBORError) -> VerifyResponse.Answer {
        try readArray(count: 2)
        let index = Int(try readUnsigned(max: UInt64(Limits.verifyRangesMax)))
        if let cases = try readListedCases() {
            return VerifyResponse.Answer(index: index, content: .list(cases))
        }
        return VerifyResponse.Answer(index: index, content: try readParts())
    }

    /// Nil, with nothing read, if no byte string comes next.
    private mutating func readListedCases() throws(CBORError) -> [VerifyResponse.ListedCase]? {
        guard isAtBytes else { return nil }
        let step = CaseID.byteCount + 8
        let bytes = try readBytes(countMax: step * Limits.verifyListMax)
        guard bytes.count % step == 0 else { throw failure(.unexpectedType) }
        var names: Set<CaseID> = []
        var cases: [VerifyResponse.ListedCase] = []
        for offset in stride(from: 0, to: bytes.count, by: step) {
            let middle = offset + CaseID.byteCount
            guard let id = CaseID(bytes: Array(bytes[offset..<middle])),
                let mark = UInt64(bigEndianBytes: bytes[middle..<offset + step])
            else { throw failure(.unexpectedType) }
            guard names.insert(id).inserted else { throw failure(.repeated) }
            cases.append(VerifyResponse.ListedCase(caseID: id, mark: SumMark(rawValue: mark)))
        }
        return cases
    }

    private mutating func readParts() throws(CBORError) -> VerifyResponse.Content {
        let count = try readArray(countMax: 2 * Limits.verifyPartsMax - 1)
        guard count >= 3, count % 2 == 1 else { throw failure(.unexpectedType) }
        var order = AscendingOrder<ScopeBound>()
        var parts: [VerifyRequest.Part] = []
        for _ in 0..<count / 2 {
            let part = VerifyRequest.Part(mark: try readMark(), upper: try readBound())
            try order.check(part.upper, at: self)
            parts.append(part)
        }
        return .parts(parts, last: try readMark())
    }
}
