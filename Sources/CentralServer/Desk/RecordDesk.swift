import Casework
import SyncProtocol

/// Where central's people hand down rules and certificates to hospitals, as changes of the hospitals' records.
///
/// Everything here may be repeated: what stands there already is not written again. A publication to many hospitals is one
/// transaction for each; one that was interrupted is completed by repeating it.
package struct RecordDesk: Sendable {
    /// Hospitals that one publication may name.
    static let hospitalsMax = 200

    let store: any CentralStore
    let books: Books
    let now: @Sendable () -> UInt64

    package init(store: any CentralStore, books: Books, now: @escaping @Sendable () -> UInt64) {
        self.store = store
        self.books = books
        self.now = now
    }

    /// To whom something is handed down.
    enum Addressees: Hashable, Sendable {
        /// Every hospital, also those that are added later.
        case all
        case hospitals(codes: [String])
    }

    /// What came of a publication: the codes of the hospitals.
    struct Publication: Hashable, Sendable {
        var written: [String] = []
        /// They had it already.
        var unchanged: [String] = []
    }

    /// Publishes a version of a policy.
    func publish(
        _ policy: PublishedPolicy, to addressees: Addressees, by user: String
    ) async throws(CentralError) -> Publication {
        let group = try books.casebook.group("publishedPolicy")
        let values = try policy.parts.map { part throws(CentralError) in
            try books.casebook.value(part, of: group)
        }
        let check = { @Sendable (casebook: Casebook) throws(CentralError) in
            let policies = casebook.policies
            guard let known = policies[policy.id, version: policy.version],
                policies.file(of: known) != policy.file
            else { return }
            throw CentralError.refused(
                .policyTaken(known.name))
        }
        let publication = try await hand(
            values, of: "publishedPolicy", to: addressees, by: user, checking: check)
        let back = try await reinstate(
            PolicyName(id: policy.id, version: policy.version), at: addressees, by: user)
        return publication.joined(with: back)
    }

    /// Publishes the days off of a year. The latest publication of a year holds.
    func publish(
        _ calendar: CalendarYear, to addressees: Addressees, by user: String
    ) async throws(CentralError) -> Publication {
        let value = try books.casebook.value(
            calendar.members, of: books.casebook.group("publishedCalendar"))
        return try await hand([value], of: "publishedCalendar", to: addressees, by: user)
    }

    /// Writes values to each record, all of them or none.
    ///
    /// - Parameter isDue: whether a value is to be written over central's latest of its kind; nil where there is none.
    func hand(
        _ values: [[CBOR]], of group: String, to addressees: Addressees, by user: String,
        isDue: @escaping @Sendable ([CBOR]?) -> Bool = { _ in true },
        checking check: @escaping @Sendable (Casebook) throws(CentralError) -> Void = { _ in }
    ) async throws(CentralError) -> Publication {
        let (books, milliseconds) = (books, now())
        let hospitals = try await self.hospitals(addressees)
        var records: [(id: CaseID, hospital: HospitalRecord?)] = hospitals.map { ($0.id.record, $0) }
        if addressees == .all { records.insert((.centralRecord, nil), at: 0) }
        var publication = Publication()
        for record in records {
            let isWritten = try await store.write { transaction throws(CentralError) in
                var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
                try check(books.casebook)
                let author = Author(role: .central, unit: "", user: user)
                var isNew = false
                for value in values {
                    let isAdded = try ledger.add(
                        value, of: group, to: record.id, for: record.hospital?.id, by: author, isDue: isDue)
                    isNew = isNew || isAdded
                }
                if isNew { try ledger.finish() }
                return isNew
            }
            guard let code = record.hospital?.code else { continue }
            if isWritten { publication.written.append(code) } else { publication.unchanged.append(code) }
        }
        return publication
    }

    func hospitals(_ addressees: Addressees) async throws(CentralError) -> [HospitalRecord] {
        try await store.read { transaction throws(CentralError) in
            guard case .hospitals(let codes) = addressees else { return try transaction.hospitals() }
            guard 1...Self.hospitalsMax ~= codes.count else {
                throw CentralError.refused(
                    .malformed("Name 1 to \(Self.hospitalsMax) hospitals, or all of them."))
            }
            var hospitals: [HospitalRecord] = []
            for code in codes {
                guard let hospital = try transaction.hospital(code: code) else {
                    throw CentralError.refused(.unknownHospital)
                }
                hospitals.append(hospital)
            }
            return hospitals
        }
    }

    /// A version of a policy at hand, and who has it.
    struct ListedPolicy: Hashable, Sendable {
        let policy: Policy
        let isShipped: Bool
        let isForAll: Bool
        /// Codes of the hospitals to which it was published, ascending.
        let hospitals: [String]
        /// No hospital may go by it any more.
        let isWithdrawn: Bool
        /// Codes of the hospitals that may not, ascending.
        let withdrawnAt: [String]
        /// Cases that were accepted under it.
        let caseCount: Int
    }

    /// All policies at hand, by ID, and of one ID the newest first; and what was published but cannot be used.
    func policies() async throws(CentralError) -> (policies: [ListedPolicy], faults: [PolicyError]) {
        let books = books
        return try await store.read { transaction throws(CentralError) in
            try books.settle(transaction)
            let shelf = books.casebook.shelf
            var codes: [CaseID: String] = [:]
            for hospital in try transaction.hospitals() { codes[hospital.id.record] = hospital.code }
            var listed: [ListedPolicy] = []
            for policy in shelf.library.policies {
                let records = try transaction.records(holding: policy.name)
                let withdrawn = try transaction.records(withdrawing: policy.name)
                listed.append(
                    ListedPolicy(
                        policy: policy, isShipped: shelf.isShipped(policy),
                        isForAll: records.contains(.centralRecord),
                        hospitals: records.compactMap { codes[$0] }.sorted(),
                        isWithdrawn: withdrawn.contains(.centralRecord),
                        withdrawnAt: withdrawn.compactMap { codes[$0] }.sorted(),
                        caseCount: try transaction.caseCount(under: policy.name)))
            }
            return (listed, shelf.faults)
        }
    }

    /// What a record says: a hospital's, or what is published to all.
    func record(of code: String?) async throws(CentralError) -> HospitalRecordView {
        let dictionary = books.casebook.dictionary
        return try await store.read { transaction throws(CentralError) in
            var id = CaseID.centralRecord
            if let code {
                guard let hospital = try transaction.hospital(code: code) else {
                    throw CentralError.refused(.unknownHospital)
                }
                id = hospital.id.record
            }
            return HospitalRecordView(
                CaseState(folding: try transaction.changes(of: id).map(\.change)), dictionary: dictionary)
        }
    }
}

extension Casebook {
    /// A group of hospitals' records; that the dictionary has it is tested.
    func group(_ name: String) throws(CentralError) -> GroupID {
        guard let group = dictionary.group(named: name) else {
            throw CentralError.refused(.malformed("The dictionary has no group \(name)."))
        }
        return group.id
    }
}

extension Ledger {
    /// Adds a value of a union group to a record, beside those that stand there.
    ///
    /// - Returns: false if central's latest value of this kind says the same: then nothing is written. Of one kind are values
    ///   with the same first member, and for policies also the same second.
    mutating func add(
        _ value: [CBOR], of name: String, to record: CaseID, for hospital: HospitalID?, by author: Author,
        isDue: ([CBOR]?) -> Bool = { _ in true }
    ) throws(CentralError) -> Bool {
        let group = try books.casebook.group(name)
        let keyCount = name == "publishedCalendar" ? 1 : 2
        let latest = try state(of: record).registers[group]?.standing.last {
            $0.author.role == .central && $0.value.prefix(keyCount) == value.prefix(keyCount)
        }
        guard latest?.value != value, isDue(latest?.value) else { return false }
        let write = ChangeContent.Write(value: value, replaces: [])
        try self.write(OwnChange(writes: [group: write], author: author), on: record, for: hospital)
        return true
    }

    /// Gives a new hospital all that is published to every hospital.
    mutating func handDown(to hospital: HospitalID, by author: Author) throws(CentralError) {
        let published = try state(of: .centralRecord)
        for name in ["publishedPolicy", "publishedCalendar", "policyStanding"] {
            let group = try books.casebook.group(name)
            for standing in published.registers[group]?.standing ?? [] {
                _ = try add(standing.value, of: name, to: hospital.record, for: hospital, by: author)
            }
        }
    }
}
