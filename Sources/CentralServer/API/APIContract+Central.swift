import Accounts
import Bundles
import Contract
import Web

extension APIContract {
    /// Central's: a file for each resource, and those of the parts that both ends have.
    static let central: APIContract = {
        do throws(ContractError) {
            return try APIContract([
                ("openapi.json", PackageResources.openapi_json),
                ("administration.json", PackageResources.administration_json),
                ("cases.json", PackageResources.cases_json),
                ("departments.json", PackageResources.departments_json),
                ("desk.json", PackageResources.desk_json),
                ("duplicates.json", PackageResources.duplicates_json),
                ("fleet.json", PackageResources.fleet_json),
                ("hospitals.json", PackageResources.hospitals_json),
                ("orders.json", PackageResources.orders_json),
                ("records.json", PackageResources.records_json),
                ("settings.json", PackageResources.settings_json),
                ("statistics.json", PackageResources.statistics_json),
                ("strays.json", PackageResources.strays_json),
                ("tasks.json", PackageResources.tasks_json),
                ("upkeep.json", PackageResources.upkeep_json),
                BundleRoutes.contract, AccountRoutes.contract, AuditRoutes.contract,
            ])
        } catch {
            preconditionFailure("central's OpenAPI document: \(error)")
        }
    }()

    /// Refuses what the document does not allow.
    func check(_ request: Request) throws(CentralError) {
        if let problem = refusal(of: request) { throw CentralError.refused(.notByContract(problem)) }
    }
}
