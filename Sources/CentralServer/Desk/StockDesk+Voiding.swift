import Casework
import SyncProtocol

/// Voiding certificates that were lost or spoiled before any window used them: a parcel that never came, a box that got wet. A window voids
/// what is spoiled at its printer itself.
extension StockDesk {
    /// Certificates that one order voids at most: each is a change of the hospital's record, which its windows read.
    static let voidedAtOnceMax = 1_000
    /// Characters of the reason.
    static let voidReasonMax = 200

    /// What is to be voided, and why.
    struct Voiding: Sendable {
        let range: CertificateRange
        let reason: String
        /// Nothing is written.
        var isDryRun = false
    }

    /// Voids all certificates of a range that are not voided yet, or none of them.
    ///
    /// A window that is offline may still use one: then the number stands among the collisions.
    /// - Returns: how many are new.
    /// - Throws: ``Refusal/notHeld(_:)`` and ``Refusal/certificateUsed(_:)``.
    func void(_ voiding: Voiding, of code: String, by user: String) async throws(CentralError) -> Int {
        let (books, milliseconds) = (books, now())
        let range = voiding.range
        guard range.count <= Self.voidedAtOnceMax else {
            throw CentralError.refused(
                .malformed(
                    "At most \(Self.voidedAtOnceMax) certificates at once; void the rest by another order."))
        }
        guard 1...Self.voidReasonMax ~= voiding.reason.count else {
            throw CentralError.refused(.malformed("A reason has 1 to \(Self.voidReasonMax) characters."))
        }
        return try await store.write { transaction throws(CentralError) in
            guard let hospital = try transaction.hospital(code: code) else {
                throw CentralError.refused(.unknownHospital)
            }
            let numbers = range.numbers
            let ranges = try transaction.ranges(of: hospital.id.record)
            if let number = numbers.first(where: { number in !ranges.contains { $0.contains(number) } }) {
                throw CentralError.refused(.notHeld(number))
            }
            let view = try transaction.recordView(of: hospital.id.record, books.casebook.dictionary)
            let voided = Set(view.voids.map(\.number))
            let new = numbers.filter { !voided.contains($0) }
            let uses = Set(try transaction.uses(from: range.first, through: range.last).map(\.number))
            if let number = new.first(where: { uses.contains($0.description) }) {
                throw CentralError.refused(.certificateUsed(number))
            }
            if voiding.isDryRun || new.isEmpty { return new.count }
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            for number in new {
                let write = try Self.write(number, voiding.reason, milliseconds, books.casebook)
                let author = Author(role: .central, unit: "", user: user)
                try ledger.write(
                    Ledger.OwnChange(writes: write, author: author), on: hospital.id.record, for: hospital.id)
            }
            try ledger.finish()
            return new.count
        }
    }

    private static func write(
        _ number: CertificateNumber, _ reason: String, _ milliseconds: UInt64, _ casebook: Casebook
    ) throws(CentralError) -> [GroupID: ChangeContent.Write] {
        let group = try casebook.group("voidedCertificate")
        let value = try casebook.value(
            [
                "voidedCertificateNumber": .text(number.description),
                "voidedCertificateReason": .text(reason),
                "voidedCertificateDate": .text(CalendarDate(milliseconds: milliseconds).description),
            ], of: group)
        return [group: ChangeContent.Write(value: value, replaces: [])]
    }
}

extension CertificateRange {
    /// All of them, ascending.
    fileprivate var numbers: [CertificateNumber] { (0..<count).compactMap { first.advanced(by: $0) } }
}
