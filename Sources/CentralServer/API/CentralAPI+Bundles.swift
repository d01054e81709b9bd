import Accounts
import Bundles
import Contract
import Web

extension CentralAPI {
    /// The addresses by which the staff's commands bring and fetch bundles.
    func addBundles(to router: inout Router) {
        guard let bundleShelf else { return }
        let routes = BundleRoutes(party: bundles, shelf: bundleShelf)
        let permit = Permit.allowed(.carryBundle)
        routes.add { method, pattern, answer in
            router.on(method, pattern, access: permit.label) { request in
                try await answered {
                    let (request, viewer) = try await admitted(request, permit, .everything)
                    // Making a bundle and taking one in.
                    guard method == .post else { return try await answer(request) }
                    return try await costly(answer, request, viewer).get()
                }
            }
        }
    }

    private func costly(
        _ answer: BundleRoutes.Action, _ request: Request, _ viewer: Viewer
    ) async throws(CentralError) -> Result<Response, any Error> {
        try await restraint.perform(by: Restraint.caller(viewer)) {
            do { return .success(try await answer(request)) } catch { return .failure(error) }
        }
    }
}
