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
                do throws(CentralError) {
                    try await settle()
                    try authoriseStaff(request)
                    try APIContract.central.check(request)
                } catch {
                    return CentralProblem(error).response
                }
                return try await action(request)
            }
        }
    }
}
