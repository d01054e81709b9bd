import Glibc

/// Between UTF-8 and GB18030, by the C library: Foundation's own conversion ends the program on some longer texts.
enum Recoding {
    /// Nil if the bytes are none of that coding, or hold a character that the other one does not have.
    static func utf8(ofGB18030 bytes: [UInt8]) -> [UInt8]? { converted(bytes, from: "GB18030", to: "UTF-8") }

    static func gb18030(ofUTF8 bytes: [UInt8]) -> [UInt8]? { converted(bytes, from: "UTF-8", to: "GB18030") }

    /// Bytes that one byte becomes at most.
    private static let growthMax = 4

    private static func converted(_ bytes: [UInt8], from source: String, to target: String) -> [UInt8]? {
        guard let converter = unsafe iconv_open(target, source), unsafe converter != iconv_t(bitPattern: -1)
        else { return nil }
        defer { unsafe iconv_close(converter) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: bytes.count * growthMax + 1)
        let room = unsafe input.withUnsafeMutableBytes { input -> Int? in
            unsafe output.withUnsafeMutableBytes { output -> Int? in
                var from = unsafe input.baseAddress?.assumingMemoryBound(to: CChar.self)
                var to = unsafe output.baseAddress?.assumingMemoryBound(to: CChar.self)
                var (left, room) = (input.count, output.count)
                // It answers how many characters it made something else of.
                let changed = unsafe iconv(converter, &from, &left, &to, &room)
                return changed == 0 && left == 0 ? room : nil
            }
        }
        return room.map { Array(output.dropLast($0)) }
    }
}
