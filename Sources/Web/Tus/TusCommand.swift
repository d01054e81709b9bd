import Foundation

/// What a request asks for, by its head alone. It does no I/O.
package enum TusCommand: Hashable, Sendable {
    /// What can be done here?
    case options
    /// Make an upload; with bytes, append them too.
    case create(length: UInt64, metadata: String, bytes: Part?)
    /// How far is it?
    case offset
    case append(Part)
    case terminate

    /// Bytes that come with a request.
    package struct Part: Hashable, Sendable {
        /// Where they belong.
        package let offset: UInt64
        /// As `Content-Length` says; nil if that does not.
        package let count: UInt64?
        package let checksum: TusChecksum?
    }

    /// Reads a head.
    ///
    /// - Parameters:
    ///   - isCollection: whether the address is the one where uploads are made, and not an upload's own.
    ///   - lengthMax: bytes of an upload at most.
    package init(_ request: Request, isCollection: Bool, lengthMax: UInt64) throws(TusRefusal) {
        let method = try Self.method(of: request)
        if method == .options {
            self = .options  // the one request that need not name the version
            return
        }
        guard request.headers["Tus-Resumable"] == Tus.version else { throw .version }
        switch (method, isCollection) {
        case (.post, true): self = try Self.creation(request, lengthMax)
        case (.head, false): self = .offset
        case (.patch, false):
            guard Self.isBytes(request) else { throw .mediaType }
            let offset = try Self.number("Upload-Offset", request)
            guard let offset else { throw .malformed("Upload-Offset is missing.") }
            self = .append(try Self.part(request, at: offset))
        case (.delete, false): self = .terminate
        default: throw .malformed("This method means nothing here.")
        }
    }

    /// The method, or what a client that cannot say it has put into `X-HTTP-Method-Override`.
    private static func method(of request: Request) throws(TusRefusal) -> Method {
        guard let name = request.headers["X-HTTP-Method-Override"] else { return request.method }
        guard let method = Method(rawValue: name) else { throw .malformed("The method is not known.") }
        return method
    }

    private static func creation(_ request: Request, _ lengthMax: UInt64) throws(TusRefusal) -> TusCommand {
        for name in ["Upload-Defer-Length", "Upload-Concat"] where request.headers[name] != nil {
            throw .malformed("\(name) is not understood here.")
        }
        guard let length = try number("Upload-Length", request) else {
            throw .malformed("Upload-Length is missing.")
        }
        guard length <= lengthMax else { throw .tooLarge(lengthMax) }
        let metadata = request.headers["Upload-Metadata"] ?? ""
        try check(metadata: metadata)
        let isWithBytes = isBytes(request)
        let count = try count(of: request)
        guard isWithBytes || count == nil || count == 0 else { throw .mediaType }
        return .create(
            length: length, metadata: metadata, bytes: isWithBytes ? try part(request, at: 0) : nil)
    }

    private static func isBytes(_ request: Request) -> Bool {
        request.headers["Content-Type"]?.lowercased() == Tus.mediaType
    }

    private static func part(_ request: Request, at offset: UInt64) throws(TusRefusal) -> Part {
        var checksum: TusChecksum?
        if let text = request.headers["Upload-Checksum"] { checksum = try TusChecksum(text) }
        return Part(offset: offset, count: try count(of: request), checksum: checksum)
    }

    private static func count(of request: Request) throws(TusRefusal) -> UInt64? {
        try number("Content-Length", request)
    }

    /// A whole number that is not negative, in digits only; nil if the header is absent.
    private static func number(_ name: String, _ request: Request) throws(TusRefusal) -> UInt64? {
        guard let text = request.headers[name] else { return nil }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt64(text),
            number <= UInt64(Int64.max)
        else { throw .malformed("\(name) is no number that is taken here.") }
        return number
    }

    /// Pairs with commas between them: a name, and if need be a space and Base64.
    private static func check(metadata: String) throws(TusRefusal) {
        let line: Headers = ["Upload-Metadata": metadata]
        guard metadata.utf8.count <= Tus.metadataByteCountMax, line.isSendable else {
            throw .malformed("Upload-Metadata is too long, or not printable.")
        }
        if metadata.isEmpty { return }
        var names: Set<Substring> = []
        for pair in metadata.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = pair.drop { $0 == " " }.split(separator: " ", omittingEmptySubsequences: false)
            guard (1...2).contains(parts.count), !parts[0].isEmpty, names.insert(parts[0]).inserted,
                parts.count == 1 || Data(base64Encoded: String(parts[1])) != nil,
                names.count <= Tus.metadataPairsMax, parts[0].utf8.allSatisfy({ $0 < 0x80 })
            else { throw .malformed("Upload-Metadata is not pairs of a name and Base64.") }
        }
    }
}
