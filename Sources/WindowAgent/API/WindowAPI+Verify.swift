import SyncProtocol
import Web

extension WindowAPI {
    /// Compares with central, and has mended what differs: `POST /api/v1/resync` with `"kind": "verify"`.
    func verify(only: CaseID?, isDryRun: Bool) async throws -> VerifyReport {
        guard let verifier else { throw StoreError.notEnrolled }
        guard try await store.loadEnrolment() != nil else { throw StoreError.notEnrolled }
        do {
            return try await verifier.run(only: only, isDryRun: isDryRun)
        } catch let error as VerifyFailure {
            throw Self.unfinished(error.description)
        } catch let error as LinkError {
            throw Self.unfinished(error.description)
        } catch let error as VerifyError {
            throw Self.unfinished(error.description)
        }
    }

    private static func unfinished(_ reason: String) -> Web.Problem {
        Web.Problem(
            status: 503, title: "The verify did not come to its end", detail: reason,
            remedy: "Nothing is lost; a repair that had begun goes on by itself. Try again later.")
    }
}
