import CentralServer
import Cryptography
import Foundation
import SyncProtocol
import Web

/// Central's store and intake, without a server around it.
final class BareCentral {
    static let seal = SecretBytes([UInt8](repeating: 9, count: 32))

    private let store: any CentralStore
    private let intake: Intake

    /// - Parameter directory: where its file is made.
    init(directory: String) throws {
        let random = Guarded(SystemRandomNumberGenerator())
        store = try SQLiteCentralStore(path: directory + "/central.sqlite", seal: SealKey(Self.seal)) {
            random.withLock { $0.next() }
        }
        intake = Intake(
            store: store,
            books: Books(
                casebook: Casebook(),
                receipts: Receipts(key: SecretBytes([UInt8](repeating: 7, count: 32)))))
    }

    func enrol(_ desk: Desk) async throws {
        let device = desk.device
        try await store.write { transaction throws(CentralError) in
            try transaction.put(
                HospitalRecord(
                    id: device.hospital, code: device.id.description, name: "测试医院", addedMilliseconds: 1))
            try transaction.put(device)
        }
    }

    func answer(_ request: ExchangeRequest, to desk: Desk) async throws -> ExchangeResponse {
        try await intake.exchange(
            Intake.Arrival(
                request: request, device: desk.device, milliseconds: desk.time.withLock { $0 }))
    }
}
