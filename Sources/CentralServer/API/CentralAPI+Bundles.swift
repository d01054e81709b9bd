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
                try await answered { try await answer(try await admitted(request, permit, .everything).0) }
            }
        }
    }
}
