/// What an agent asks in one round trip of a verify: whether the scope is equal, or some ranges of it. One CBOR map.
package struct VerifyRequest: Hashable, Sendable {
    package enum Question: Hashable, Sendable {
        /// The sum of the whole scope.
        case scope(Fingerprint)
        /// Ranges with their sums, ascending.
        case ranges([Stretch])
    }

    /// Ranges that lie side by side: a bound, then for each range its mark and its upper bound.
    package struct Stretch: Hashable, Sendable {
        package let lower: ScopeBound
        package private(set) var parts: [Part]

        package init(lower: ScopeBound, parts: [Part]) {
            self.lower = lower
            self.parts = parts
        }

        mutating func append(_ part: Part) { parts.append(part) }
    }

    /// A range that begins where the one before it ends.
    package struct Part: Hashable, Sendable {
        package let mark: SumMark
        package let upper: ScopeBound

        package init(mark: SumMark, upper: ScopeBound) {
            self.mark = mark
            self.upper = upper
        }
    }

    package var version = ExchangeRequest.protocolVersion
    package var hospital: HospitalID
    /// The place in the feed for which the scope is compared.
    package var point: FeedPoint
    package var question: Question
    /// Cases that the sums of this message and of its answer leave out: they are known to differ.
    package var except: [CaseID]

    package init(hospital: HospitalID, point: FeedPoint, question: Question, except: [CaseID] = []) {
        self.hospital = hospital
        self.point = point
        self.question = question
        self.except = except
    }

    /// The ranges asked about, in the order by which the answer names them.
    package var ranges: [VerifyRange] {
        switch question {
        case .scope(let sum): return [VerifyRange(lower: .start, upper: .end, mark: SumMark(sum))]
        case .ranges(let stretches):
            return stretches.flatMap { stretch in
                var lower = stretch.lower
                return stretch.parts.map { part in
                    defer { lower = part.upper }
                    return VerifyRange(lower: lower, upper: part.upper, mark: part.mark)
                }
            }
        }
    }
}

/// A half-open range of places, and the sum of its cases at the side that tells it.
package struct VerifyRange: Hashable, Sendable {
    package let lower: ScopeBound
    package let upper: ScopeBound
    package let mark: SumMark

    package init(lower: ScopeBound, upper: ScopeBound, mark: SumMark) {
        (self.lower, self.upper, self.mark) = (lower, upper, mark)
    }
}

extension VerifyRequest {
    private enum Key: UInt64 {
        case version, hospital, point, scope, ranges, except
    }

    /// The request's bytes, before compression.
    package var encoded: [UInt8] {
        var head = KeyedWriter()
        head.write(Key.version.rawValue) { $0.write(version) }
        head.write(Key.hospital.rawValue) { $0.write(hospital.bytes) }
        head.write(Key.point.rawValue) { $0.write(point) }
        switch question {
        case .scope(let sum): head.write(Key.scope.rawValue) { $0.write(sum.bytes) }
        case .ranges(let stretches):
            head.write(Key.ranges.rawValue) { $0.writeList(stretches) { $0.write($1) } }
        }
        if !except.isEmpty { head.write(Key.except.rawValue) { $0.writeList(except) { $0.write($1.bytes) } } }
        return head.finished.bytes
    }

    /// Reads a request of this version: refused as a whole if any part of it is not as it must be.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        guard bytes.count <= Limits.verifyBytesMax else { throw CBORError(reason: .tooLong, offset: 0) }
        var reader = CBORReader(bytes)
        var (version, except): (UInt64?, [CaseID]) = (nil, [])
        var (hospital, point, question): (HospitalID?, FeedPoint?, Question?) = (nil, nil, nil)
        try reader.readKeyed { reader, key throws(CBORError) in
            switch Key(rawValue: key) {
            case .version: version = try reader.readUnsigned()
            case .hospital: hospital = HospitalID(record: try reader.readCaseID())
            case .point: point = try reader.readFeedPoint()
            case .scope, .ranges:
                guard question == nil else { throw reader.failure(.repeated) }
                question =
                    key == Key.scope.rawValue
                    ? .scope(Fingerprint(rawValue: try reader.readDigest()))
                    : .ranges(try reader.readStretches())
            case .except:
                except = try reader.readList(countMax: Limits.verifyExceptMax, distinct: \.self) {
                    reader throws(CBORError) in try reader.readCaseID()
                }
            case nil: _ = try reader.readEncodedItem(depthMax: Limits.valueDepthMax)
            }
        }
        guard let version, let hospital, let point, let question else {
            throw reader.failure(.unexpectedType)
        }
        try reader.finish()
        self.init(hospital: hospital, point: point, question: question, except: except)
        self.version = version
    }
}
