import Accounts
import Web

extension WindowPages {
    /// Who asks.
    ///
    /// - Throws: ``Web/SeeOther`` to where one signs in.
    func viewer(of request: Request) async throws -> Viewer { try await api.viewer(of: request) }
}
