import Bundles
import Contract
import Web

extension CentralAPI {
    /// The addresses by which the staff's commands bring and fetch bundles.
    func addBundles(to router: inout Router) {
        guard let bundleShelf else { return }
        let routes = BundleRoutes(party: bundles, shelf: bundleShelf)
        routes.add { method, pattern, action in
            router.on(method, pattern) { request in
                do {
                    try await settle()
                    try authoriseStaff(request)
                    try restraint.check(Restraint.staff, now: environment.now())
                    try APIContract.central.check(request)
                    // Making a bundle and taking one in.
                    if method == .post { return try await costly(action, request).get() }
                } catch let error as CentralError {
                    return CentralProblem(error).response
                }
                return try await action(request)
            }
        }
    }

    private func costly(
        _ action: BundleRoutes.Action, _ request: Request
    ) async throws(CentralError) -> Result<Response, any Error> {
        try await restraint.perform(by: Restraint.staff) {
            do { return .success(try await action(request)) } catch { return .failure(error) }
        }
    }
}
