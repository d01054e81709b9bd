package import SyncProtocol
package import Web

/// The messages of an exchange as they stand in bundles: compressed with the exchange's dictionary, within its limits.
package struct BundleCodec: Sendable {
    private let dictionary: ZstandardDictionary?

    /// - Parameter dictionary: that of ``ExchangeDictionary``; nil compresses without.
    package init(dictionary: ZstandardDictionary?) { self.dictionary = dictionary }

    package func frame(_ message: [UInt8]) throws(BundleError) -> [UInt8] {
        do throws(ZstandardError) {
            return try Zstandard.compress(message, dictionary: dictionary)
        } catch { throw .disk }
    }

    package func request(_ frame: [UInt8]) throws(BundleError) -> ExchangeRequest {
        let message = try bytes(of: frame)
        do throws(CBORError) { return try ExchangeRequest(decoding: message) } catch { throw .malformed }
    }

    package func response(_ frame: [UInt8]) throws(BundleError) -> ExchangeResponse {
        let message = try bytes(of: frame)
        do throws(CBORError) { return try ExchangeResponse(decoding: message) } catch { throw .malformed }
    }

    private func bytes(of frame: [UInt8]) throws(BundleError) -> [UInt8] {
        do throws(ZstandardError) {
            return try Zstandard.decompress(
                frame, dictionary: dictionary, bytesMax: SyncProtocol.Limits.exchangeBytesMax)
        } catch { throw .malformed }
    }
}
