import Persistence
import SyncProtocol
import Testing

@testable import CentralServer
@testable import WindowAgent

extension Town {
    /// The names of all changes in a hospital's feed.
    func feed(of hospital: HospitalRecord) async throws -> (ids: Set<ContentID>, head: FeedPoint) {
        try await central.read { transaction throws(CentralError) in
            var ids: Set<ContentID> = []
            for item in try transaction.feed(of: hospital.id, after: 0, countMax: 1_000_000) {
                guard case .change(let replica, let sequence, let body, _, _) = item.subject else { continue }
                ids.insert(ContentID(replica: replica, sequence: sequence, body: body))
            }
            return (ids, try transaction.feedHead(of: hospital.id)?.point ?? .start)
        }
    }

    /// What is wrong between central and a window that has come to rest.
    func faults(_ desk: Desk, _ hospital: HospitalRecord) async throws -> [String] {
        var faults: [String] = []
        let (ids, head) = try await feed(of: hospital)
        let figures = try await desk.store.figures()
        let held = Set(try await desk.store.allChanges().map(\.id))
        if held != ids {
            faults.append(
                "\(held.subtracting(ids).count) only here, \(ids.subtracting(held).count) only there")
        }
        if figures.outbox != 0 { faults.append("\(figures.outbox) wait") }
        if figures.sync.repair != nil { faults.append("a repair is under way") }
        if figures.sync.place.point != head { faults.append("the feed was not read to its head") }
        if figures.sync.witness != head { faults.append("the witness is not the head") }
        if figures.confirmed != figures.ownChanges { faults.append("not all is confirmed") }
        return faults
    }

    /// The place that a window has read to, and what it believes of central.
    func sync(_ desk: Desk) async throws -> SyncState { try await desk.store.figures().sync }
}

extension WindowStore {
    func allChanges() throws -> [Change] {
        try database.rows("SELECT replica, sequence, body FROM change") { row throws(DatabaseError) in
            (try row.replicaID(0), UInt64(try row.integer(1)), try row.sealed(2, StoredChange.place))
        }.map { try Change(replica: $0, sequence: $1, body: $2) }
    }
}
