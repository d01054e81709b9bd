import SyncProtocol
import Web

extension CentralAPI {
    /// What an agent sends, uncompressed, in a version that is spoken here: its media type and its head name the same one.
    func content(
        of request: Request, as message: SyncMessage, bytesMax: Int
    ) throws(CentralError) -> [UInt8] {
        guard let told = message.version(in: request.headers["Content-Type"] ?? "") else {
            let wanted = message.mediaType(version: books.versions.upperBound)
            throw CentralError.refused(.malformed("The media type is not \(wanted)."))
        }
        try books.check(told)
        let bytes: [UInt8]
        do throws(ZstandardError) {
            bytes = try Zstandard.decompress(request.body, dictionary: dictionary, bytesMax: bytesMax)
        } catch {
            throw CentralError.refused(.malformed("The body cannot be decompressed: \(error.description)"))
        }
        let version: UInt64
        do throws(CBORError) { version = try ExchangeRequest.version(of: bytes) } catch {
            throw CentralError.refused(.malformed(error.description))
        }
        try books.check(version)
        guard version == told else {
            throw CentralError.refused(
                .malformed("The head is not of the version that the media type names."))
        }
        return bytes
    }

    /// An answer to an agent, compressed. No cache keeps an answer to a POST, and no browser sees it: on a slow link every byte of a
    /// header counts.
    func answer(_ encoded: [UInt8], as message: SyncMessage, version: UInt64) throws(CentralError) -> Response
    {
        do throws(ZstandardError) {
            let frame = try Zstandard.compress(encoded, dictionary: dictionary)
            var response = Response.bytes(frame, type: message.mediaType(version: version))
            response.defaults = [:]
            return response
        } catch {
            throw CentralError.store(StoreFailure(kind: .other, description: error.description))
        }
    }
}

extension Books {
    /// Refuses a version of the protocol that central does not speak.
    func check(_ version: UInt64) throws(CentralError) {
        guard versions.contains(version) else {
            throw CentralError.refused(.unsupportedVersion(spoken: versions))
        }
    }
}
