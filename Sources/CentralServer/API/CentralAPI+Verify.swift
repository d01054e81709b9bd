import SyncProtocol
import Web

extension CentralAPI {
    /// `POST /sync/v1/verify`: signed like an exchange, a zstd frame of one CBOR map both ways. It writes nothing of the
    /// agent's.
    func verify(_ request: Request) async throws(CentralError) -> Response {
        let device = try await gate.device(of: request)
        let asked = try question(in: request)
        var answer = try await restraint.perform(by: device.id.description) {
            () async throws(CentralError) in
            try await verifyDesk.answer(asked, from: device, in: store, books, now: environment.now())
        }
        answer.version = asked.version
        return try self.answer(answer.encoded, as: .verify, version: answer.version)
    }

    private func question(in request: Request) throws(CentralError) -> VerifyRequest {
        let bytes = try content(of: request, as: .verify, bytesMax: SyncProtocol.Limits.verifyBytesMax)
        do throws(CBORError) { return try VerifyRequest(decoding: bytes) } catch {
            throw CentralError.refused(.malformed(error.description))
        }
    }
}
