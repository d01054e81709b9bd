import Cryptography
import Web

extension WindowAPI {
    private struct RotationAnswer: Encodable {
        /// The new key, 64 hexadecimal digits.
        let publicKey: String
        /// Whether central has seen it: the old key is worthless from then on.
        let isSeen: Bool
        let exchange: SyncReport
    }

    /// `POST /api/v1/device/rotation`: gives this window another device key, and shows it to central.
    @Sendable func rotateKey(_ request: Request) async throws -> Response {
        guard let rotation, try await store.loadEnrolment() != nil else { throw StoreError.notEnrolled }
        let publicKey: [UInt8]
        do { publicKey = try await rotation.rotate() } catch let error as LinkError {
            throw Web.Problem(
                status: 502, title: "The device key was not changed",
                detail: "\(error.description) The present key stays good.",
                remedy: "Give the command again: it goes on where it was.")
        }
        let report = await exchanger.exchangeNow()
        return try .json(
            RotationAnswer(
                publicKey: publicKey.hexadecimal, isSeen: report.error == nil, exchange: report))
    }
}
