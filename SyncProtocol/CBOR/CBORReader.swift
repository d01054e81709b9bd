/// Reads deterministic CBOR and refuses everything else: longer forms than needed, indefinite lengths, tags,
/// keys out of order, invalid text, nesting and lengths over the limits.
///
/// No length that the bytes claim is trusted before the bytes are there, so a short input cannot ask for memory.
package struct CBORReader: Sendable {
    private let bytes: [UInt8]
    /// Room made for an array or a map at once; a claim of more, that the bytes may not keep, waits for its items.
    private static let reservedItemsMax = 64

    /// The next byte to read.
    package private(set) var offset: Int

    /// Begins at the first byte.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        offset = 0
    }

    /// True when all bytes are consumed.
    package var isAtEnd: Bool { offset == bytes.count }
    /// Whether a byte string comes next.
    var isAtBytes: Bool { offset < bytes.count && bytes[offset] >> 5 == 2 }

    /// Refuses bytes that follow.
    package func finish() throws(CBORError) {
        guard isAtEnd else { throw failure(.trailingBytes) }
    }

    /// An error at the present place.
    package func failure(_ reason: CBORError.Reason) -> CBORError {
        CBORError(reason: reason, offset: offset)
    }

    /// A number of major type 0; beyond `max` is ``CBORError/Reason/tooLong``.
    package mutating func readUnsigned(max: UInt64 = .max) throws(CBORError) -> UInt64 {
        let number = try readHead(major: 0)
        guard number <= max else { throw failure(.tooLong) }
        return number
    }

    /// An edition, a sequence, a position, a time or a count.
    package mutating func readCounter() throws(CBORError) -> UInt64 {
        try readUnsigned(max: Limits.counterMax)
    }

    /// A byte string of at most `countMax` bytes.
    package mutating func readBytes(countMax: Int) throws(CBORError) -> [UInt8] {
        let count = try readCount(major: 2, max: countMax, bytesPerItem: 1)
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }

    /// A byte string of exactly `count` bytes.
    package mutating func readBytes(count: Int) throws(CBORError) -> [UInt8] {
        let content = try readBytes(countMax: count)
        guard content.count == count else { throw failure(.unexpectedType) }
        return content
    }

    /// A text of at most `bytesMax` bytes of UTF-8.
    package mutating func readText(bytesMax: Int) throws(CBORError) -> String {
        let count = try readCount(major: 3, max: bytesMax, bytesPerItem: 1)
        guard let text = String(validating: bytes[offset..<offset + count], as: UTF8.self) else {
            throw failure(.invalidText)
        }
        offset += count
        return text
    }

    /// True or false.
    package mutating func readBool() throws(CBORError) -> Bool {
        switch try readByte() {
        case 0xF4: return false
        case 0xF5: return true
        default: throw failure(.unexpectedType)
        }
    }

    /// True, and the null is consumed, if one comes next.
    package mutating func readNullIfPresent() -> Bool {
        guard offset < bytes.count, bytes[offset] == 0xF6 else { return false }
        offset += 1
        return true
    }

    /// The number of items of an array that follow.
    package mutating func readArray(countMax: Int) throws(CBORError) -> Int {
        try readCount(major: 4, max: countMax, bytesPerItem: 1)
    }

    /// Refuses an array of any other count.
    package mutating func readArray(count: Int) throws(CBORError) {
        guard try readArray(countMax: count) == count else { throw failure(.unexpectedType) }
    }

    /// The number of pairs of a map that follow. The caller checks the order of keys.
    package mutating func readMap(countMax: Int) throws(CBORError) -> Int {
        try readCount(major: 5, max: countMax, bytesPerItem: 2)
    }

    /// The bytes of one data item of any kind, checked but not taken apart.
    package mutating func readEncodedItem(depthMax: Int) throws(CBORError) -> [UInt8] {
        let start = offset
        try skipValue(depthMax: depthMax)
        return Array(bytes[start..<offset])
    }

    /// One data item of any kind, with at most `depthMax` arrays and maps around its innermost part.
    package mutating func readValue(depthMax: Int) throws(CBORError) -> CBOR {
        guard offset < bytes.count else { throw failure(.truncated) }
        switch bytes[offset] >> 5 {
        case 0: return .unsigned(try readHead(major: 0))
        case 1: return .negative(try readHead(major: 1))
        case 2: return .bytes(try readBytes(countMax: .max))
        case 3: return .text(try readText(bytesMax: .max))
        case 4: return try readArrayValue(depthMax: depthMax)
        case 5: return try readMapValue(depthMax: depthMax)
        case 7: return try readSimple()
        default: throw failure(.unsupported)
        }
    }

    private mutating func readArrayValue(depthMax: Int) throws(CBORError) -> CBOR {
        guard depthMax > 0 else { throw failure(.tooDeep) }
        let count = try readArray(countMax: .max)
        var items: [CBOR] = []
        items.reserveCapacity(min(count, Self.reservedItemsMax))
        for _ in 0..<count { items.append(try readValue(depthMax: depthMax - 1)) }
        return .array(items)
    }

    private mutating func readMapValue(depthMax: Int) throws(CBORError) -> CBOR {
        guard depthMax > 0 else { throw failure(.tooDeep) }
        let count = try readMap(countMax: .max)
        var entries: [CBOR.Entry] = []
        entries.reserveCapacity(min(count, Self.reservedItemsMax))
        var previous: ArraySlice<UInt8> = []
        for index in 0..<count {
            let start = offset
            let key = try readValue(depthMax: depthMax - 1)
            guard index == 0 || previous.lexicographicallyPrecedes(bytes[start..<offset]) else {
                throw failure(.unordered)
            }
            previous = bytes[start..<offset]
            entries.append(CBOR.Entry(key: key, value: try readValue(depthMax: depthMax - 1)))
        }
        return .map(entries)
    }

    /// Checks one data item as ``readValue(depthMax:)`` does, and builds nothing.
    private mutating func skipValue(depthMax: Int) throws(CBORError) {
        guard offset < bytes.count else { throw failure(.truncated) }
        let major = bytes[offset] >> 5
        guard major == 4 || major == 5 else {
            if major == 2 {
                offset += try readCount(major: 2, max: .max, bytesPerItem: 1)
            } else {
                _ = try readValue(depthMax: 0)
            }
            return
        }
        guard depthMax > 0 else { throw failure(.tooDeep) }
        if major == 4 {
            for _ in 0..<(try readArray(countMax: .max)) { try skipValue(depthMax: depthMax - 1) }
        } else {
            try skipMap(depthMax: depthMax)
        }
    }

    private mutating func skipMap(depthMax: Int) throws(CBORError) {
        var previous: Range<Int>?
        for _ in 0..<(try readMap(countMax: .max)) {
            let start = offset
            try skipValue(depthMax: depthMax - 1)
            let key = start..<offset
            if let previous, !bytes[previous].lexicographicallyPrecedes(bytes[key]) {
                throw failure(.unordered)
            }
            previous = key
            try skipValue(depthMax: depthMax - 1)
        }
    }

    private mutating func readSimple() throws(CBORError) -> CBOR {
        switch try readByte() {
        case 0xF4: return .bool(false)
        case 0xF5: return .bool(true)
        case 0xF6: return .null
        case 0xF9:
            guard let number = HalfPrecision.number(of: UInt16(try readBigEndian(byteCount: 2))) else {
                throw failure(.notFinite)
            }
            return .float(number)
        case 0xFA: return try shortest(Double(Float(bitPattern: UInt32(try readBigEndian(byteCount: 4)))))
        case 0xFB: return try shortest(Double(bitPattern: try readBigEndian(byteCount: 8)), width: 9)
        default: throw failure(.unsupported)
        }
    }

    /// Refuses a number that a shorter width would have held.
    private func shortest(_ number: Double, width: Int = 5) throws(CBORError) -> CBOR {
        guard number.isFinite else { throw failure(.notFinite) }
        guard CBOR.float(number).encoded.count == width else { throw failure(.notShortest) }
        return .float(number)
    }

    private mutating func readCount(major: UInt8, max: Int, bytesPerItem: Int) throws(CBORError) -> Int {
        let count = try readHead(major: major)
        guard count <= UInt64(max) else { throw failure(.tooLong) }
        guard count <= UInt64((bytes.count - offset) / bytesPerItem) else { throw failure(.truncated) }
        return Int(count)
    }

    private mutating func readHead(major: UInt8) throws(CBORError) -> UInt64 {
        guard offset < bytes.count else { throw failure(.truncated) }
        guard bytes[offset] >> 5 == major else { throw failure(.unexpectedType) }
        let initial = try readByte() & 0x1F
        switch initial {
        case 0..<24: return UInt64(initial)
        case 24: return try readExtended(byteCount: 1, atLeast: 24)
        case 25: return try readExtended(byteCount: 2, atLeast: 0x100)
        case 26: return try readExtended(byteCount: 4, atLeast: 0x1_0000)
        case 27: return try readExtended(byteCount: 8, atLeast: 0x1_0000_0000)
        case 31: throw failure(.indefinite)
        default: throw failure(.unsupported)
        }
    }

    private mutating func readExtended(byteCount: Int, atLeast minimum: UInt64) throws(CBORError) -> UInt64 {
        let value = try readBigEndian(byteCount: byteCount)
        guard value >= minimum else { throw failure(.notShortest) }
        return value
    }

    private mutating func readBigEndian(byteCount: Int) throws(CBORError) -> UInt64 {
        var value: UInt64 = 0
        for _ in 0..<byteCount { value = value << 8 | UInt64(try readByte()) }
        return value
    }

    private mutating func readByte() throws(CBORError) -> UInt8 {
        guard offset < bytes.count else { throw failure(.truncated) }
        defer { offset += 1 }
        return bytes[offset]
    }
}
