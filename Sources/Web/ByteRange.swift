/// The bytes that a request for a resource wants (RFC 9110 section 14): all of them, or one range.
package struct ByteRange: Hashable, Sendable {
    package let range: Range<Int>
    /// No range was asked for, or one that is not understood, which is as none.
    package let isWhole: Bool

    /// Reads `Range` and `If-Range`; several ranges and other units count as none.
    ///
    /// - Parameters:
    ///   - count: bytes of the resource.
    ///   - tag: its `ETag`; a range for another one counts as none.
    /// - Returns: nil if the range cannot be had: 416.
    package static func wanted(by headers: Headers, of count: Int, tag: String) -> ByteRange? {
        let whole = ByteRange(range: 0..<count, isWhole: true)
        guard let text = headers["Range"], text.hasPrefix("bytes="), text.utf8.count <= 64 else {
            return whole
        }
        if let condition = headers["If-Range"], condition != tag { return whole }
        let sides = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard sides.count == 2, sides.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            !(sides[0].isEmpty && sides[1].isEmpty)
        else { return whole }
        // What is too large for a number lies beyond every resource.
        let (first, last) = (Int(sides[0]) ?? .max, Int(sides[1]) ?? .max)
        if sides[0].isEmpty {
            let start = count - min(last, count)
            return start < count ? ByteRange(range: start..<count, isWhole: false) : nil
        }
        if !sides[1].isEmpty, last < first { return whole }
        guard first < count else { return nil }
        let end = sides[1].isEmpty ? count : min(last, count - 1) + 1
        return ByteRange(range: first..<end, isWhole: false)
    }
}
