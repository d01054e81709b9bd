import CZstd

/// Zstandard (RFC 8878): one frame in, one frame out, with a checksum, always within bounds.
package enum Zstandard {
    /// The levels that exist. Those above take windows that the other end refuses.
    package static let levels = 1...19
    /// The library's own choice.
    package static let levelDefault = 3
    /// The largest window of a frame, as a power of two: 8 MiB is what level 19 uses at most, and what
    /// RFC 8878 recommends that every decoder accept.
    static let windowLogMax: Int32 = 23
    /// How much is decompressed at a time.
    private static let chunkBytes = 128 << 10

    /// Compresses into one frame. With a dictionary its level holds, not this one.
    package static func compress(
        _ bytes: [UInt8], level: Int = levelDefault, dictionary: ZstandardDictionary? = nil
    ) throws(ZstandardError) -> [UInt8] {
        precondition(levels.contains(level), "There is no level \(level)")
        let context = try CompressionContext()
        try context.set(ZSTD_c_compressionLevel, Int32(level))
        // Four bytes that tell a wrong dictionary and a damaged frame from a sound one.
        try context.set(ZSTD_c_checksumFlag, 1)
        if let dictionary { try context.refer(to: dictionary) }
        return try context.compress(bytes)
    }

    /// Decompresses exactly one frame that fills the input, and gives up before more than `bytesMax` come
    /// out, whatever the frame says of itself.
    package static func decompress(
        _ frame: [UInt8], dictionary: ZstandardDictionary? = nil, bytesMax: Int
    ) throws(ZstandardError) -> [UInt8] {
        try checkStart(of: frame, bytesMax: bytesMax)
        let context = try DecompressionContext()
        try context.set(ZSTD_d_windowLogMax, windowLogMax)
        if let dictionary { try context.refer(to: dictionary) }
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: chunkBytes)
        var position = 0
        while true {
            let step = try context.step(frame, from: position, into: &chunk)
            guard result.count + step.produced <= bytesMax else { throw .tooLarge }
            result.append(contentsOf: chunk.prefix(step.produced))
            position += step.consumed
            if step.isAtEnd { break }
            // Nothing more goes in and nothing more comes out: the rest is missing.
            if position == frame.count, step.produced < chunkBytes { throw .truncated }
        }
        guard position == frame.count else { throw .trailingBytes }
        return result
    }

    /// Refuses without work what is no frame, and what says itself that it is too large.
    private static func checkStart(of frame: [UInt8], bytesMax: Int) throws(ZstandardError) {
        let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
        guard frame.starts(with: magic) else {
            throw magic.starts(with: frame) ? .truncated : .malformed
        }
        let size = frame.withUnsafeBytes { ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
        let unknown = UInt64.max  // ZSTD_CONTENTSIZE_UNKNOWN
        let notRead = UInt64.max - 1  // ZSTD_CONTENTSIZE_ERROR: the header is cut off, or damaged
        if size != unknown, size != notRead, size > UInt64(bytesMax) { throw .tooLarge }
    }
}
