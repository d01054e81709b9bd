import Glibc

/// Why an attachment was not kept or read. It names no file and holds nothing of what is in one.
package enum AttachmentError: Error, Hashable, Sendable {
    /// There is no such attachment, or no such upload.
    case absent
    /// The disk or the quota is used up. What was told to be kept is kept.
    case full
    /// The directory may not be written.
    case readOnly
    /// What is stored cannot be opened: damaged, cut, exchanged, or under another key.
    case damaged
    /// The bytes are whole, but not those that the name promises; they are gone.
    case wrongContent
    /// More bytes than the attachment has.
    case tooLong
    /// Another process has gone on with the upload: what it committed holds.
    case overtaken
    /// The medium failed; the system's error number.
    case system(Int32)

    init(code: Int32) {
        switch code {
        case ENOSPC, EDQUOT, EFBIG: self = .full
        case EROFS, EACCES, EPERM: self = .readOnly
        case ENOENT: self = .absent
        default: self = .system(code)
        }
    }
}

extension AttachmentError: CustomStringConvertible {
    /// A sentence for the technician.
    package var description: String {
        switch self {
        case .absent: "there is no such attachment"
        case .full: "the disk is full"
        case .readOnly: "the directory of the attachments may not be written"
        case .damaged: "a stored attachment is damaged, or sealed with another key"
        case .wrongContent: "the bytes that came are not those that the name promises"
        case .tooLong: "more bytes came than the attachment has"
        case .overtaken: "another process goes on with the upload"
        case .system(let code): "the disk failed (system error \(code))"
        }
    }
}
