import Foundation
import SyncProtocol
import Web

extension CentralAPI {
    /// `POST /sync/v1/exchange`: signed, a zstd frame of a CBOR sequence both ways.
    func exchange(_ request: Request) async throws(CentralError) -> Response {
        let admission = try await gate.admit(request)
        let asked = try decode(request)
        var arrival = Intake.Arrival(
            request: asked, device: admission.device, milliseconds: environment.now())
        arrival.admission = admission
        let began = ContinuousClock.now
        let carriedOut = try await intake.exchange(arrival)
        metrics.observe("birthcentral_exchange_seconds", seconds: (ContinuousClock.now - began) / .seconds(1))
        metrics.count(
            "birthcentral_changes_pushed_total", by: UInt64(asked.pushes.reduce(0) { $0 + $1.changeCount }))
        var answer = try await hold(carriedOut, to: arrival)
        if let attachments, !asked.offers.isEmpty, !answer.isRepairNeeded {
            let device = admission.device.id
            (answer.grants, answer.held) = await attachments.grants(for: asked.offers, device: device)
        }
        if let attachments, !answer.wants.isEmpty {
            // What has come since it was found lacking is not asked for.
            answer.wants = await attachments.lacking(among: answer.wants)
        }
        if !answer.backedUpAttachments.isEmpty {
            let lacking = Set(await attachments?.lacking(among: answer.backedUpAttachments) ?? [])
            answer.backedUpAttachments.removeAll(where: lacking.contains)
        }
        return try self.answer(answer.encoded, as: .exchange, version: answer.version)
    }

    private func decode(_ request: Request) throws(CentralError) -> ExchangeRequest {
        let bytes = try content(
            of: request, as: .exchange, bytesMax: SyncProtocol.Limits.exchangeBytesMax)
        do throws(CBORError) { return try ExchangeRequest(decoding: bytes) } catch {
            throw CentralError.refused(.malformed(error.description))
        }
    }

    private struct EnrolmentBody: Decodable {
        let token: String
        let publicKey: Data
        let software: String
    }

    private struct EnrolmentAnswer: Encodable {
        let hospital: String
        let code: String
        let name: String
        let device: String
        let milliseconds: UInt64
        let centralKey: Data
        let recoveryKey: Data
    }

    /// `POST /sync/v1/enrolment`: `{token, publicKey, software}`, the key in Base64.
    func enrol(_ request: Request) async throws(CentralError) -> Response {
        let address = request.remoteAddress
        guard attempts.withLock({ $0.begin(from: address, now: environment.now()) }) else {
            environment.log(
                LogEvent(
                    .warning, "enrolment.refused", "an enrolment was refused: too many failed lately",
                    ["reason": "too-many-attempts"]))
            throw CentralError.refused(.tooManyAttempts)
        }
        let body = try request.decoded(as: EnrolmentBody.self)
        let enrolled = try await fleet.enrol(token: body.token, publicKey: [UInt8](body.publicKey))
        attempts.withLock { $0.succeed(from: address) }
        return try json(
            EnrolmentAnswer(
                hospital: enrolled.hospital.id.description, code: enrolled.hospital.code,
                name: enrolled.hospital.name, device: enrolled.device.id.description,
                milliseconds: environment.now(), centralKey: Data(identity.signing.publicKey.bytes),
                recoveryKey: Data(identity.recovery.bytes)))
    }
}
