import CZstd

/// Why bytes were not compressed or decompressed.
package enum ZstandardError: Error, Hashable, Sendable, CustomStringConvertible {
    /// More would come out than is taken, or the frame asks for more memory than a window may have.
    case tooLarge
    /// The frame ends before its end.
    case truncated
    /// Something follows the frame.
    case trailingBytes
    /// The frame was made with another dictionary, and says so.
    case wrongDictionary
    /// Not a frame, or damaged, or made with another dictionary that has no name.
    case malformed
    /// The library failed, with its own number: memory is short.
    case other(code: Int)

    /// A sentence for a log or a technician.
    package var description: String {
        switch self {
        case .tooLarge: "The compressed data is larger than is accepted."
        case .truncated: "The compressed data is incomplete."
        case .trailingBytes: "The compressed data is followed by something else."
        case .wrongDictionary: "The data was compressed with another dictionary."
        case .malformed: "The compressed data is damaged."
        case .other(let code): "The compression failed (zstd error \(code))."
        }
    }

    /// What a function result that is an error means.
    init(result: Int) {
        switch ZSTD_getErrorCode(result) {
        case ZSTD_error_dictionary_wrong: self = .wrongDictionary
        case ZSTD_error_frameParameter_windowTooLarge: self = .tooLarge
        case ZSTD_error_prefix_unknown, ZSTD_error_version_unsupported, ZSTD_error_frameParameter_unsupported,
            ZSTD_error_corruption_detected, ZSTD_error_checksum_wrong, ZSTD_error_dictionary_corrupted:
            self = .malformed
        case let code: self = .other(code: Int(code.rawValue))
        }
    }

    /// Passes a result on, unless it is an error.
    static func check(_ result: Int) throws(ZstandardError) -> Int {
        if ZSTD_isError(result) != 0 { throw ZstandardError(result: result) }
        return result
    }
}
