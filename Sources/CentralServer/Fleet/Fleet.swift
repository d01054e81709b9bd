import Casework
import SyncProtocol

/// The hospitals, and the right of their computers to take part.
package struct Fleet: Sendable {
    /// How long an enrolment token is good.
    package static let tokenMilliseconds: UInt64 = 24 * 60 * 60 * 1000
    static let codeBytesMax = 32
    static let nameBytesMax = 256
    static let policiesMax = 16

    let store: any CentralStore
    let books: Books
    let environment: Environment

    package init(store: any CentralStore, books: Books, environment: Environment) {
        self.store = store
        self.books = books
        self.environment = environment
    }

    /// What a hospital's record says of it.
    struct Particulars: Hashable, Sendable {
        let code: String
        let name: String
        let policies: [String]

        /// Refuses codes that could not stand in an address, and what is empty or too long.
        func check(_ casebook: Casebook) throws(CentralError) {
            let isCode =
                (1...Fleet.codeBytesMax).contains(code.utf8.count)
                && code.utf8.allSatisfy {
                    0x30...0x39 ~= $0 || 0x41...0x5A ~= $0 || 0x61...0x7A ~= $0 || $0 == 0x2D
                }
            guard isCode else {
                throw CentralError.refused(.malformed("A code is 1 to 32 letters, digits and hyphens."))
            }
            guard (1...Fleet.nameBytesMax).contains(name.utf8.count) else {
                throw CentralError.refused(.malformed("A name is 1 to 256 bytes."))
            }
            guard policies.count <= Fleet.policiesMax, policies.allSatisfy({ casebook.policies[$0] != nil })
            else {
                throw CentralError.refused(.malformed("A policy is not known, or there are too many."))
            }
        }
    }

    /// Adds a hospital; its code, name and policies are the first change of its record, and the first entry of its feed.
    /// Central's own record, with what is for all hospitals, follows.
    func add(_ particulars: Particulars, by user: String) async throws(CentralError) -> HospitalRecord {
        try particulars.check(books.casebook)
        let milliseconds = environment.now()
        let id = CaseID(
            milliseconds: milliseconds, random: (environment.randomNumber(), environment.randomNumber()))
        let hospital = HospitalRecord(
            id: HospitalID(record: id), code: particulars.code, name: particulars.name,
            addedMilliseconds: milliseconds)
        let books = books
        try await store.write { transaction throws(CentralError) in
            guard try transaction.hospital(code: particulars.code) == nil else {
                throw CentralError.refused(.taken)
            }
            try transaction.put(hospital)
            try Self.record(
                particulars, of: hospital.id, by: user, transaction, books, milliseconds, isNew: true)
        }
        return hospital
    }

    /// Gives a hospital another code, name or policies.
    func amend(
        _ code: String, to particulars: Particulars, by user: String
    ) async throws(CentralError) -> HospitalRecord {
        try particulars.check(books.casebook)
        let (books, milliseconds) = (books, environment.now())
        return try await store.write { transaction throws(CentralError) in
            guard let hospital = try transaction.hospital(code: code) else {
                throw CentralError.refused(.unknownHospital)
            }
            guard try particulars.code == code ? true : transaction.hospital(code: particulars.code) == nil
            else {
                throw CentralError.refused(.taken)
            }
            try Self.record(particulars, of: hospital.id, by: user, transaction, books, milliseconds)
            return try transaction.hospital(hospital.id) ?? hospital
        }
    }

    func hospitals() async throws(CentralError) -> [HospitalRecord] {
        try await store.read { transaction throws(CentralError) in try transaction.hospitals() }
    }

    private static func record(
        _ particulars: Particulars, of hospital: HospitalID, by user: String,
        _ transaction: any CentralTransaction, _ books: Books, _ milliseconds: UInt64, isNew: Bool = false
    ) throws(CentralError) {
        var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
        let writes = books.casebook.hospitalWrites(
            code: particulars.code, name: particulars.name, policies: particulars.policies,
            over: try ledger.state(of: hospital.record))
        guard !writes.isEmpty else { return }
        let author = Author(role: .central, unit: "", user: user)
        try ledger.write(Ledger.OwnChange(writes: writes, author: author), on: hospital.record, for: hospital)
        if isNew, try transaction.isKnown(.centralRecord) { try ledger.enter(.centralRecord, hospital) }
        try ledger.finish()
    }
}
