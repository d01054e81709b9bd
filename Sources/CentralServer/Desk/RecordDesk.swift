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

    /// Writes values to the hospitals' records, each whole or not at all; those for all to central's own, which every hospital reads.
    ///
    /// - Parameter isDue: whether a value is to be written over central's latest of its kind; nil where there is none.
    func hand(
        _ values: [[CBOR]], of group: String, to addressees: Addressees, by user: String,
        isDue: @escaping @Sendable ([CBOR]?) -> Bool = { _ in true },
        checking check: @escaping @Sendable (Casebook) throws(CentralError) -> Void = { _ in }
    ) async throws(CentralError) -> Publication {
        let hospitals = try await self.hospitals(addressees)
        var publication = Publication()
        for record in addressees == .all ? [nil] : hospitals.map(Optional.some) {
            let isWritten = try await write(
                values, of: group, to: record?.id, by: user, isDue: isDue, checking: check)
            let codes = record.map { [$0.code] } ?? hospitals.map(\.code)
            if isWritten { publication.written += codes } else { publication.unchanged += codes }
        }
        return publication
    }

    /// - Parameter hospital: nil for what is for all.
    /// - Returns: false if all of it stands there already.
    private func write(
        _ values: [[CBOR]], of group: String, to hospital: HospitalID?, by user: String,
        isDue: @escaping @Sendable ([CBOR]?) -> Bool,
        checking check: @escaping @Sendable (Casebook) throws(CentralError) -> Void
    ) async throws(CentralError) -> Bool {
        let (books, milliseconds) = (books, now())
        return try await store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            try check(books.casebook)
            let author = Author(role: .central, unit: "", user: user)
            var isNew = false
            for value in values
            where try ledger.add(value, of: group, to: hospital, by: author, isDue: isDue) { isNew = true }
            if isNew { try ledger.finish() }
            return isNew
        }
    }

    /// Sees to it that central's own record is in the scope of hospitals that an earlier program added.
    func shareCentralRecord() async throws(CentralError) {
        let (books, milliseconds) = (books, now())
        let isLacking = try await store.read { transaction throws(CentralError) in
            guard try transaction.isKnown(.centralRecord) else { return false }
            for hospital in try transaction.hospitals()
            where try transaction.scope(of: .centralRecord, in: hospital.id) == nil { return true }
            return false
        }
        guard isLacking else { return }
        try await store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            try ledger.shareCentralRecord()
            try ledger.finish()
        }
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
        /// Codes of the hospitals that have it so, ascending.
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
                let isForAll = records.contains(.centralRecord)
                let holders = isForAll ? Array(codes.values) : records.compactMap { codes[$0] }
                listed.append(
                    ListedPolicy(
                        policy: policy, isShipped: shelf.isShipped(policy), isForAll: isForAll,
                        hospitals: holders.sorted(), isWithdrawn: withdrawn.contains(.centralRecord),
                        withdrawnAt: withdrawn.compactMap { codes[$0] }.sorted(),
                        caseCount: try transaction.caseCount(under: policy.name)))
            }
            return (listed, shelf.faults)
        }
    }

    /// What a hospital goes by; without a code what is published to all.
    func record(of code: String?) async throws(CentralError) -> HospitalRecordView {
        let dictionary = books.casebook.dictionary
        return try await store.read { transaction throws(CentralError) in
            guard let code else { return try transaction.recordView(of: nil, dictionary) }
            guard let hospital = try transaction.hospital(code: code) else {
                throw CentralError.refused(.unknownHospital)
            }
            return try transaction.recordView(of: hospital.id.record, dictionary)
        }
    }
}

extension CentralTransaction {
    /// What a hospital's record and central's own say together; nil for central's alone.
    func recordView(
        of record: CaseID?, _ dictionary: FieldDictionary
    ) throws(CentralError) -> HospitalRecordView {
        let own = try record.map { id throws(CentralError) in try changes(of: id).map(\.change) } ?? []
        let central = try changes(of: .centralRecord).map(\.change)
        return HospitalRecordView(
            CaseState(folding: own), central: CaseState(folding: central), dictionary: dictionary)
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
    /// Adds a value of a union group to a hospital's record, or to central's own, beside those that stand there.
    ///
    /// - Parameter hospital: nil for what is for all.
    /// - Parameter isDue: whether it is to be written over central's latest value of its kind; nil where there is none.
    /// - Returns: false if central's latest value of this kind says the same for whom it is: then nothing is written. Of one kind are
    ///   values with the same first member, and for policies also the same second.
    mutating func add(
        _ value: [CBOR], of name: String, to hospital: HospitalID?, by author: Author,
        isDue: ([CBOR]?) -> Bool = { _ in true }
    ) throws(CentralError) -> Bool {
        let group = try books.casebook.group(name)
        // Who was told something else of its own than what is for all: a version of a policy has one content.
        let others =
            hospital == nil && name != "publishedPolicy" ? try transaction.hospitals().map(\.id) : []
        let key = value.prefix(name == "publishedCalendar" ? 1 : 2)
        var isNew = false
        for hospital in [hospital] + others {
            let latest = try latest(of: key, in: group, for: hospital)
            if latest != value, isDue(latest) { isNew = true }
        }
        guard isNew else { return false }
        let write = ChangeContent.Write(value: value, replaces: [])
        try self.write(
            OwnChange(writes: [group: write], author: author), on: hospital?.record ?? .centralRecord,
            for: hospital)
        return true
    }

    /// What central said last to a hospital that begins so, be it to this one or to all.
    private mutating func latest(
        of key: ArraySlice<CBOR>, in group: GroupID, for hospital: HospitalID?
    ) throws(CentralError) -> [CBOR]? {
        var standing: [Standing] = []
        for record in [.centralRecord, hospital?.record].compactMap(\.self) {
            standing += try state(of: record).registers[group]?.standing ?? []
        }
        return standing.filter { $0.author.role == .central && $0.value.starts(with: key) }
            .max(by: Standing.precedes)?.value
    }
}
