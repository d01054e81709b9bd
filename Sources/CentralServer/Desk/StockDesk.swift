import Casework
import SyncProtocol

/// Where central's people hand out birth certificates and find numbers that are used wrongly (DESIGN section 7).
package struct StockDesk: Sendable {
    /// Certificates that are looked at in one transaction.
    static let usesPerPage = 5_000

    let store: any CentralStore
    let books: Books
    let now: @Sendable () -> UInt64

    /// Gives a hospital a range of certificates.
    ///
    /// - Returns: false if it holds exactly this range already.
    /// - Throws: ``Refusal/rangeTaken(hospital:range:)`` if any hospital holds one of the numbers.
    func assign(
        _ range: CertificateRange, to code: String, by user: String
    ) async throws(CentralError) -> Bool {
        let (books, milliseconds) = (books, now())
        return try await store.write { transaction throws(CentralError) in
            guard let hospital = try transaction.hospital(code: code) else {
                throw CentralError.refused(.unknownHospital)
            }
            if let held = try transaction.ranges(overlapping: range).first {
                let isSame = held.range.first == range.first && held.range.last == range.last
                if held.record == hospital.id.record, isSame { return false }
                let holder = try transaction.hospital(HospitalID(record: held.record))
                throw CentralError.refused(.rangeTaken(hospital: holder?.code ?? "?", range: held.range))
            }
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            let group = try books.casebook.group("certificateRange")
            let value = try books.casebook.value(
                [
                    "certificateRangeFirst": .text(range.first.description),
                    "certificateRangeLast": .text(range.last.description),
                    "certificateRangeDate": range.date.map { .text($0.description) } ?? .null,
                ], of: group)
            let write = ChangeContent.Write(value: value, replaces: [])
            let author = Author(role: .central, unit: "", user: user)
            try ledger.write(
                Ledger.OwnChange(writes: [group: write], author: author), on: hospital.id.record,
                for: hospital.id)
            try ledger.finish()
            return true
        }
    }

    /// How a hospital's stock stands.
    struct Line: Hashable, Sendable {
        let hospital: HospitalRecord
        let stock: CertificateStock
        let isLow: Bool
    }

    /// One hospital's stock, or that of all which were given any, each as of a moment of its own.
    func lines(of code: String?) async throws(CentralError) -> [Line] {
        let hospitals = try await store.read { transaction throws(CentralError) in
            guard let code else { return try transaction.hospitals() }
            guard let hospital = try transaction.hospital(code: code) else {
                throw CentralError.refused(.unknownHospital)
            }
            return [hospital]
        }
        var lines: [Line] = []
        for hospital in hospitals {
            let line = try await line(of: hospital)
            if code != nil || line.stock.isAssigned { lines.append(line) }
        }
        return lines
    }

    private func line(of hospital: HospitalRecord) async throws(CentralError) -> Line {
        let dictionary = books.casebook.dictionary
        return try await store.read { transaction throws(CentralError) in
            let record = hospital.id.record
            let ranges = try transaction.ranges(of: record)
            guard !ranges.isEmpty else {
                return Line(
                    hospital: hospital, stock: CertificateStock(ranges: [], uses: [], voids: []),
                    isLow: false)
            }
            let view = try transaction.recordView(of: record, dictionary)
            var uses: [CertificateUse] = []
            for range in ranges {
                for use in try transaction.uses(from: range.first, through: range.last) {
                    guard let number = CertificateNumber(use.number) else { continue }
                    uses.append(CertificateUse(number: number, caseID: use.caseID, caseNumber: nil))
                }
            }
            let stock = CertificateStock(ranges: ranges, uses: uses, voids: view.voids)
            return Line(
                hospital: hospital, stock: stock,
                isLow: stock.isLow(at: view.settingSources.merged.lowStockCount))
        }
    }
}
