import Casework
import SyncProtocol
import Testing

@testable import WindowAgent

extension ModelCentral {
    /// Central with the feed of one hospital.
    static func with(_ hospitals: HospitalID...) -> ModelCentral {
        var central = ModelCentral()
        for hospital in hospitals { central.open(hospital) }
        return central
    }

    /// One exchange over the real encodings.
    @discardableResult
    mutating func exchange(
        with store: WindowStore, device: String = "device-1", bytesMax: Int = 16 * 1024,
        budget: UInt64 = 1 << 20
    ) async throws -> Taken {
        let outgoing = try await store.compose(bytesMax: bytesMax, budget: budget)
        return try await store.take(try answer(outgoing, from: device), for: outgoing)
    }

    /// Central's answer to a request, over the real encodings; what it carries is committed.
    mutating func answer(_ outgoing: Outgoing, from device: String = "device-1") throws -> ExchangeResponse {
        let response = try exchange(try ExchangeRequest(decoding: outgoing.request.encoded), from: device)
        return try ExchangeResponse(decoding: response.encoded)
    }

    /// Exchanges until nothing is left to do.
    @discardableResult
    mutating func settle(
        with store: WindowStore, device: String = "device-1", bytesMax: Int = 16 * 1024,
        budget: UInt64 = 1 << 20
    ) async throws -> Int {
        for round in 1...400 {
            guard try await exchange(with: store, device: device, bytesMax: bytesMax, budget: budget).hasMore
            else {
                return round
            }
        }
        throw Broken(what: "the exchanges do not come to rest")
    }

    /// A window that has settled, and central, hold the same.
    func expectSettled(
        with store: WindowStore, in hospital: HospitalID = .test, _ comment: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await faults(with: store, in: hospital)
        #expect(found == [], "\(comment)", sourceLocation: sourceLocation)
    }

    /// What is wrong between a window that has settled and central. Empty if nothing is.
    func faults(
        with store: WindowStore, in hospital: HospitalID = .test
    ) async throws -> [String] {
        var faults = try await store.faults()
        let figures = try await store.figures()
        guard let feed = feeds[hospital] else { return ["no feed"] }
        if figures.sync.repair != nil { faults.append("a repair does not end") }
        if figures.sync.place.point != feed.head { faults.append("the cursor is not the head") }
        if figures.sync.witness != feed.head { faults.append("the witness is not the head") }
        if figures.sync.place.fingerprint != feed.sums.last { faults.append("the fingerprints differ") }
        if figures.outbox != 0 { faults.append("\(figures.outbox) changes are not sent") }
        for change in try await store.log() where !held.contains(change.id) {
            faults.append(
                "central lacks \(change.replica).\(change.sequence) of \(change.content?.author.role.name ?? "?")"
            )
        }
        for id in feed.scope {
            let here = try await store.state(of: id)
            if here != state(of: id) { faults.append("the folds of \(id) differ") }
        }
        return faults
    }
}

extension WindowStore {
    /// Nothing is wrong inside.
    func expectSound(_ comment: String = "", sourceLocation: SourceLocation = #_sourceLocation) throws {
        let found = try faults()
        #expect(found == [], "\(comment)", sourceLocation: sourceLocation)
    }
}
