import CZstd

/// A dictionary, prepared once for as many frames as one likes, from as many threads as one likes.
///
/// It wraps C handles, which is why its word is taken for `Sendable`: "ZSTD_CDict can be created once and
/// shared by multiple threads concurrently, since its usage is read-only", and so can ZSTD_DDict.
package final class ZstandardDictionary: @unchecked Sendable {
    let compressing: OpaquePointer
    let decompressing: OpaquePointer
    /// The level that everything made with this dictionary has.
    package let level: Int

    /// Prepares a trained dictionary, or any bytes that are like those to come. Frames name a trained one, so
    /// that a wrong one is recognised; with other bytes the frame's checksum finds it out.
    package init(_ bytes: [UInt8], level: Int = Zstandard.levelDefault) throws(ZstandardError) {
        precondition(Zstandard.levels.contains(level), "There is no level \(level)")
        let handles = bytes.withUnsafeBytes { raw in
            (
                ZSTD_createCDict(raw.baseAddress, raw.count, Int32(level)),
                ZSTD_createDDict(raw.baseAddress, raw.count)
            )
        }
        guard let compressing = handles.0, let decompressing = handles.1 else {
            ZSTD_freeCDict(handles.0)
            ZSTD_freeDDict(handles.1)
            throw .malformed
        }
        self.level = level
        self.compressing = compressing
        self.decompressing = decompressing
    }

    deinit {
        ZSTD_freeCDict(compressing)
        ZSTD_freeDDict(decompressing)
    }
}
