import Casework
import SyncProtocol

/// A hospital that closes: its computers take part no more, and it gets no new ones. Its record and its history stay.
extension Fleet {
    /// What closing came to, or would.
    struct Closing: Hashable, Sendable {
        let day: String
        /// Computers whose right was taken away now.
        let revokedCount: Int
    }

    /// - Throws: ``Refusal/casesLeft`` while the hospital has cases; ``Refusal/closed(_:)`` if it is closed already.
    func close(
        _ code: String, reason: String, by user: String, isDryRun: Bool
    ) async throws(CentralError) -> Closing {
        guard 1...SyncProtocol.Limits.reasonBytesMax ~= reason.utf8.count else {
            throw CentralError.refused(
                .malformed("Closing needs a reason of at most \(SyncProtocol.Limits.reasonBytesMax) bytes."))
        }
        let (books, milliseconds) = (books, environment.now())
        guard !isDryRun else {
            return try await store.read { transaction throws(CentralError) in
                try Self.plan(code, in: transaction, books, milliseconds).closing
            }
        }
        return try await store.write { transaction throws(CentralError) in
            let (hospital, devices, closing) = try Self.plan(code, in: transaction, books, milliseconds)
            for var device in devices {
                device.isRevoked = true
                try transaction.put(device)
            }
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            let group = try books.casebook.group("hospitalClosing")
            let replaced = try ledger.state(of: hospital.id.record).registers[group]?.dots ?? []
            let write = ChangeContent.Write(value: [.text(closing.day)], replaces: replaced)
            let author = Author(role: .central, unit: "", user: user)
            try ledger.write(
                Ledger.OwnChange(writes: [group: write], author: author, reason: reason),
                on: hospital.id.record, for: hospital.id)
            try ledger.finish()
            return closing
        }
    }

    private static func plan(
        _ code: String, in transaction: any CentralTransaction, _ books: Books, _ milliseconds: UInt64
    ) throws(CentralError) -> (hospital: HospitalRecord, devices: [DeviceRecord], closing: Closing) {
        guard let hospital = try transaction.hospital(code: code) else {
            throw CentralError.refused(.unknownHospital)
        }
        // Its own record and central's are none.
        let cases = try transaction.cases(of: hospital.id, after: nil, countMax: 3)
            .filter { $0 != hospital.id.record && $0 != .centralRecord }
        guard cases.isEmpty else { throw CentralError.refused(.casesLeft) }
        guard try Self.closedOn(hospital, in: transaction, books) == nil else {
            throw CentralError.refused(.closed(code))
        }
        let devices = try transaction.devices(of: hospital.id).filter { !$0.isRevoked }
        let day = CalendarDate(milliseconds: milliseconds).description
        return (hospital, devices, Closing(day: day, revokedCount: devices.count))
    }

    /// A hospital with what its record and central's own say.
    struct Portrait: Sendable {
        let hospital: HospitalRecord
        let view: HospitalRecordView
        /// The day on which it was closed; nil if it was not.
        let closedOn: String?
        let activeDeviceCount: Int
    }

    func portrait(of code: String) async throws(CentralError) -> Portrait {
        let books = books
        return try await store.read { transaction throws(CentralError) in
            guard let hospital = try transaction.hospital(code: code) else {
                throw CentralError.refused(.unknownHospital)
            }
            return Portrait(
                hospital: hospital,
                view: try transaction.recordView(of: hospital.id.record, books.casebook.dictionary),
                closedOn: try Self.closedOn(hospital, in: transaction, books),
                activeDeviceCount: try transaction.devices(of: hospital.id).count { !$0.isRevoked })
        }
    }

    /// The day on which a hospital was closed; nil if it was not.
    static func closedOn(
        _ hospital: HospitalRecord, in transaction: any CentralTransaction, _ books: Books
    ) throws(CentralError) -> String? {
        CaseState(folding: try transaction.changes(of: hospital.id.record).map(\.change))
            .text("hospitalClosedOn", in: books.casebook.dictionary)
    }
}
