import SyncProtocol
import Web

extension CentralAPI {
    /// `POST /sync/v1/verify`: signed like an exchange, a zstd frame of one CBOR map both ways. It writes nothing of the
    /// agent's.
    func verify(_ request: Request) async throws(CentralError) -> Response {
        let device = try await gate.device(of: request)
        guard request.headers["Content-Type"] == VerifyRequest.mediaType else {
            throw CentralError.refused(.malformed("The media type is not \(VerifyRequest.mediaType)."))
        }
        let asked = try question(in: request.body)
        let answer = try await verifyDesk.answer(
            asked, from: device, in: store, books, now: environment.now())
        do throws(ZstandardError) {
            let frame = try Zstandard.compress(answer.encoded, dictionary: dictionary)
            var response = Response.bytes(frame, type: VerifyRequest.mediaType)
            // As for an exchange: no cache keeps it.
            response.defaults = [:]
            return response
        } catch {
            throw CentralError.store(StoreFailure(kind: .other, description: error.description))
        }
    }

    private func question(in frame: [UInt8]) throws(CentralError) -> VerifyRequest {
        let bytes: [UInt8]
        do throws(ZstandardError) {
            bytes = try Zstandard.decompress(
                frame, dictionary: dictionary, bytesMax: SyncProtocol.Limits.verifyBytesMax)
        } catch {
            throw CentralError.refused(.malformed("The body cannot be decompressed: \(error.description)"))
        }
        do throws(CBORError) {
            let version = try ExchangeRequest.version(of: bytes)
            if version == ExchangeRequest.protocolVersion { return try VerifyRequest(decoding: bytes) }
        } catch {
            throw CentralError.refused(.malformed(error.description))
        }
        throw CentralError.refused(.unsupportedVersion)
    }
}
