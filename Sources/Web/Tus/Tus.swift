import Foundation

/// tus 1.0.0, resumable uploads over HTTP (https://tus.io/protocols/resumable-upload), as a server speaks it.
package enum Tus {
    /// The one version that is spoken.
    package static let version = "1.0.0"
    /// What is spoken beyond the core.
    package static let extensions = "creation,creation-with-upload,checksum,expiration,termination"
    /// The media type of bytes of an upload.
    package static let mediaType = "application/offset+octet-stream"
    /// Bytes of `Upload-Metadata` at most, and pairs in it.
    package static let (metadataByteCountMax, metadataPairsMax) = (1024, 16)
    /// Bytes of `Upload-Checksum` at most.
    package static let checksumByteCountMax = 128

    /// A time as `Upload-Expires` writes it (RFC 9110 section 5.6.7).
    ///
    /// - Parameter milliseconds: since 1970.
    static func date(_ milliseconds: UInt64) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: Date(timeIntervalSince1970: Double(milliseconds / 1000)))
    }
}

/// How an upload stands.
package struct TusUpload: Hashable, Sendable {
    /// Bytes of the whole.
    package let length: UInt64
    /// Bytes that are kept, and will be.
    package var offset: UInt64
    /// When an unfinished one is dropped, milliseconds since 1970; nil for a finished one.
    package var expires: UInt64?
    /// `Upload-Metadata` as its maker sent it.
    package var metadata: String

    package init(length: UInt64, offset: UInt64, expires: UInt64?, metadata: String = "") {
        (self.length, self.offset, self.expires, self.metadata) = (length, offset, expires, metadata)
    }
}

/// Why a tus request was not carried out. It says nothing of what is stored to whom it is not meant for.
package enum TusRefusal: Error, Hashable, Sendable {
    /// The request names another version of tus.
    case version
    /// A header is absent or wrong; a sentence that quotes nothing.
    case malformed(String)
    /// A PATCH, or a POST with bytes, that is not `application/offset+octet-stream`.
    case mediaType
    /// The upload, or what would be added to it, is too large; the bytes that are taken at most.
    case tooLarge(UInt64)
    /// The PATCH begins elsewhere than the upload ends.
    case offset
    /// There is no such upload.
    case absent
    /// There was such an upload; it expired.
    case gone
    /// The bytes of this request do not bear its checksum; none of them is kept.
    case checksum
    /// Another request writes this upload by now.
    case superseded
    /// The bytes are all here, and not those that were promised; none of them is kept.
    case content
    /// Too many uploads are open.
    case tooMany
    /// The token is absent, wrong or expired.
    case unauthorised
    /// The token is for something else.
    case forbidden
    /// The disk is full, or may not be written.
    case noRoom
    /// The store failed.
    case failed
}

extension TusRefusal {
    /// The answer, with the headers that tus wants.
    var response: Response {
        var response = problem.response
        response.headers["Tus-Resumable"] = Tus.version
        if self == .version { response.headers["Tus-Version"] = Tus.version }
        if self == .unauthorised { response.headers["WWW-Authenticate"] = "Bearer" }
        return response
    }

    private var problem: Problem {
        switch self {
        case .version: Problem(status: 412, title: "This version of tus is not spoken here")
        case .malformed(let detail): .malformed(detail)
        case .mediaType: Problem(status: 415, title: "The media type must be \(Tus.mediaType)")
        case .tooLarge(let bytesMax):
            Problem(
                status: 413, title: "The upload is too large", detail: "At most \(bytesMax) bytes are taken.")
        case .offset:
            Problem(
                status: 409, title: "The upload ends elsewhere",
                remedy: "Ask where (HEAD) and go on from there.")
        case .absent: .notFound
        case .gone: Problem(status: 410, title: "The upload has expired", remedy: "Create it anew.")
        case .checksum:
            Problem(
                status: 460, title: "The bytes do not bear their checksum",
                remedy: "Send them again from the same offset.")
        case .superseded:
            Problem(
                status: 423, title: "Another request writes this upload", remedy: "Ask where it ends (HEAD).")
        case .content:
            Problem(
                status: 422, title: "The bytes are not those that were promised",
                remedy: "Create the upload anew.")
        case .tooMany:
            Problem(status: 429, title: "Too many uploads are open", remedy: "Finish or delete one first.")
        case .unauthorised:
            Problem(status: 401, title: "Not allowed", remedy: "Get a new token with an exchange.")
        case .forbidden: Problem(status: 403, title: "The token is not for this")
        case .noRoom:
            Problem(
                status: 507, title: "There is no room", remedy: "Keep the data; go on with the upload later.")
        case .failed: .internalError
        }
    }
}
