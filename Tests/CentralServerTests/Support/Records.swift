import Casework
import Foundation
import SyncProtocol

@testable import CentralServer

/// Why a test cannot go on: the test itself is broken.
struct Broken: Error { let what: String }

extension World {
    var recordDesk: RecordDesk { RecordDesk(store: store, books: books, now: environment.now) }
    var settingsDesk: SettingsDesk { SettingsDesk(store: store, books: books, now: environment.now) }
    var stockDesk: StockDesk { StockDesk(store: store, books: books, now: environment.now) }

    @discardableResult
    func publish(_ file: [UInt8], to addressees: RecordDesk.Addressees = .all) async throws
        -> RecordDesk.Publication
    {
        let read = try PolicyLibrary.publishable(file, file: "test")
        return try await recordDesk.publish(read.published, to: addressees, by: "staff")
    }

    func view(of ward: Ward) async throws -> HospitalRecordView {
        let id = ward.hospital.id.record
        return try await store.read { transaction throws(CentralError) in
            try transaction.recordView(of: id, .standard)
        }
    }

    /// Everything that is cached of records and numbers.
    func recordCaches() async throws -> [String] {
        try await store.read { transaction throws(CentralError) in
            var lines = try transaction.publishedPolicies().map { "\($0)" }
            lines += try transaction.ranges(after: nil, countMax: 1_000).map { "\($0)" }
            lines += try transaction.voids(after: nil, countMax: 1_000).map { "\($0)" }
            for kind in NumberRecord.Kind.allCases {
                lines += try transaction.sharedNumbers(of: kind, after: nil, countMax: 1_000).map {
                    "\(kind) \($0)"
                }
            }
            for summary in try transaction.summaries(before: nil, in: nil, countMax: 1_000) {
                lines.append("\(try transaction.numbers(of: summary.caseID))")
            }
            return lines
        }
    }
}

/// A shipped policy under another ID or version, in which the last item cannot be applied for.
func policyFile(_ id: String = "gx", version: Int, title: String = "试点") throws -> [UInt8] {
    let shipped = PolicyLibrary.standard
    guard let policy = shipped["gx"], var members = try JSON(parsing: shipped.file(of: policy)).members,
        case .list(let items)? = members["items"]
    else { throw Broken(what: "the shipped policy") }
    members["id"] = .text(id)
    members["version"] = .number(.init(version))
    members["title"] = .text(title)
    members["items"] = .list(
        items.map { item in
            guard var members = item.members, members["code"] == .text("parenting") else { return item }
            members["choice"] = .text("direct")
            return .object(members)
        })
    return [UInt8](try JSONEncoder().encode(JSON.object(members)))
}
