import Accounts
import Bundles
import Contract

extension APIContract {
    /// The window's: a file for each resource, and those of the parts that both ends have.
    static let window: APIContract = {
        do throws(ContractError) {
            return try APIContract([
                ("openapi.json", PackageResources.openapi_json),
                ("cases.json", PackageResources.cases_json),
                ("drafts.json", PackageResources.drafts_json),
                ("losses.json", PackageResources.losses_json),
                ("materials.json", PackageResources.materials_json),
                ("records.json", PackageResources.records_json),
                ("sync.json", PackageResources.sync_json),
                ("upkeep.json", PackageResources.upkeep_json),
                BundleRoutes.contract, AccountRoutes.contract, AuditRoutes.contract,
            ])
        } catch {
            preconditionFailure("the window's OpenAPI document: \(error)")
        }
    }()
}
