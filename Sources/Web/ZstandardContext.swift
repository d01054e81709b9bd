import CZstd

/// The state of one compression, freed with its scope.
struct CompressionContext: ~Copyable {
    private let handle: OpaquePointer

    init() throws(ZstandardError) {
        guard let handle = ZSTD_createCCtx() else {
            throw .other(code: Int(ZSTD_error_memory_allocation.rawValue))
        }
        self.handle = handle
    }

    deinit { ZSTD_freeCCtx(handle) }

    borrowing func set(_ parameter: ZSTD_cParameter, _ value: Int32) throws(ZstandardError) {
        _ = try ZstandardError.check(ZSTD_CCtx_setParameter(handle, parameter, value))
    }

    /// The dictionary must outlive the context.
    borrowing func refer(to dictionary: ZstandardDictionary) throws(ZstandardError) {
        _ = try ZstandardError.check(ZSTD_CCtx_refCDict(handle, dictionary.compressing))
    }

    borrowing func compress(_ bytes: [UInt8]) throws(ZstandardError) -> [UInt8] {
        let bound = ZSTD_compressBound(bytes.count)
        var result = 0
        let frame = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            result = bytes.withUnsafeBytes { raw in
                ZSTD_compress2(handle, buffer.baseAddress, bound, raw.baseAddress, raw.count)
            }
            count = ZSTD_isError(result) == 0 ? result : 0
        }
        _ = try ZstandardError.check(result)
        return frame
    }
}

/// The state of one decompression, freed with its scope.
struct DecompressionContext: ~Copyable {
    /// How far one step came.
    struct Step {
        let consumed: Int
        let produced: Int
        let isAtEnd: Bool
    }

    private let handle: OpaquePointer

    init() throws(ZstandardError) {
        guard let handle = ZSTD_createDCtx() else {
            throw .other(code: Int(ZSTD_error_memory_allocation.rawValue))
        }
        self.handle = handle
    }

    deinit { ZSTD_freeDCtx(handle) }

    borrowing func set(_ parameter: ZSTD_dParameter, _ value: Int32) throws(ZstandardError) {
        _ = try ZstandardError.check(ZSTD_DCtx_setParameter(handle, parameter, value))
    }

    /// The dictionary must outlive the context.
    borrowing func refer(to dictionary: ZstandardDictionary) throws(ZstandardError) {
        _ = try ZstandardError.check(ZSTD_DCtx_refDDict(handle, dictionary.decompressing))
    }

    /// Decompresses as much as the chunk takes.
    borrowing func step(
        _ frame: [UInt8], from position: Int, into chunk: inout [UInt8]
    ) throws(ZstandardError) -> Step {
        var input = ZSTD_inBuffer()
        var output = ZSTD_outBuffer()
        let result = frame.withUnsafeBytes { source in
            chunk.withUnsafeMutableBytes { target in
                input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: position)
                output = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                return ZSTD_decompressStream(handle, &output, &input)
            }
        }
        let isAtEnd = try ZstandardError.check(result) == 0
        return Step(consumed: input.pos - position, produced: output.pos, isAtEnd: isAtEnd)
    }
}
