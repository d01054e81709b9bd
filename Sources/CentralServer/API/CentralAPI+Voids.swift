import Casework
import Web

extension CentralAPI {
    private struct VoidBody: Decodable {
        let hospital: String
        let first: String
        /// Nil for one certificate.
        let last: String?
        let reason: String
        let isDryRun: Bool?

        func range() throws(CentralError) -> CertificateRange {
            guard let from = CertificateNumber(first), let through = CertificateNumber(last ?? first) else {
                throw CentralError.refused(.malformed("A number is not one capital letter and nine digits."))
            }
            do throws(CertificateRangeError) { return try CertificateRange(first: from, last: through) } catch
            {
                throw CentralError.refused(.malformed(error.description))
            }
        }
    }

    private struct VoidShape: Encodable {
        let hospital: String
        let first: String
        let last: String
        /// How many were not voided before.
        let voided: Int
        let isDryRun: Bool
    }

    /// `POST /api/v1/stock/voids`: `{hospital, first, last?, reason, isDryRun?}`
    func voidCertificates(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: VoidBody.self)
        let range = try body.range()
        let voiding = StockDesk.Voiding(
            range: range, reason: body.reason.precomposedStringWithCanonicalMapping,
            isDryRun: body.isDryRun ?? false)
        let count = try await stockDesk.void(voiding, of: body.hospital, by: request.operatorName)
        return try json(
            VoidShape(
                hospital: body.hospital, first: range.first.description, last: range.last.description,
                voided: count, isDryRun: voiding.isDryRun))
    }
}
