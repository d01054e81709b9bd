import Cryptography
import Persistence
import SyncProtocol

/// Two writers used one replica: a running machine was cloned. Or the replica belongs to another device by now: this one was
/// enrolled anew. Either way what central has not got from here is written anew under another name, and nothing is lost.
extension WindowStore {
    /// Goes one step on with every fork that is told or being searched.
    ///
    /// - Returns: whether anything came of it, so that another exchange is worth its while.
    func settleForks(_ response: ExchangeResponse, _ outgoing: Outgoing) throws -> Bool {
        var hasAdvanced = false
        let heads = Dictionary(
            outgoing.request.heads.map { ($0.replica, $0.sequence) }, uniquingKeysWith: max)
        for fork in response.forks {
            guard let own = try ownReplica(fork.replica) else { continue }
            try settle(own, try learn(fork, own, told: heads[own.id]))
            hasAdvanced = true
        }
        let told = Set(response.forks.map(\.replica))
        for (id, known) in memory.forks where !told.contains(id) && heads[id] == known.middle {
            guard let own = try ownReplica(id), response.stored.contains(where: { $0.replica == id }) else {
                continue
            }
            var search = known
            search.learn(known.middle, isEqual: true)
            try settle(own, search)
            hasAdvanced = true
        }
        for refused in response.unreadable where refused.reason == Self.notYourReplica {
            guard let own = try ownReplica(refused.replica) else { continue }
            try renameTail(of: own, after: own.confirmed)
            hasAdvanced = true
        }
        return hasAdvanced
    }

    private func learn(
        _ fork: ExchangeResponse.Fork, _ own: OwnReplica, told: UInt64?
    ) throws -> ForkSearch {
        var search = memory.forks[own.id] ?? ForkSearch(length: own.sequence)
        for checkpoint in fork.checkpoints where checkpoint.sequence <= own.sequence {
            let isEqual = try chain(of: own, at: checkpoint.sequence) == checkpoint.chain
            search.learn(checkpoint.sequence, isEqual: isEqual)
        }
        // A head within central's chain was compared itself; of one beyond, the checkpoints tell.
        if let told, let last = fork.checkpoints.last, told <= last.sequence {
            search.learn(told, isEqual: false)
        }
        return search
    }

    private func settle(_ own: OwnReplica, _ search: ForkSearch) throws {
        if memory.replica?.id == own.id { memory.replica = nil }
        memory.forks[own.id] = search.isFound ? nil : search
        if search.isFound { try renameTail(of: own, after: search.equal) }
    }

    /// Seals a replica and writes what comes after one of its changes anew, as another replica whose name all clones of this
    /// tail agree on (PROTOCOL section 12, rule 4). What later replicas of this window wrote on top of it, and central has not
    /// confirmed, is written anew with it: it names dots that nobody else will ever know. The old tails are kept apart, and
    /// not sent.
    func renameTail(of own: OwnReplica, after sequence: UInt64) throws {
        var renamed = RenamedDots()
        let unsent = try unsentReplicas(after: own.number)
        try renameTail(of: own, after: sequence, &renamed)
        try follow(&renamed, in: unsent)
    }

    private func renameTail(
        of own: OwnReplica, after sequence: UInt64, _ renamed: inout RenamedDots
    ) throws {
        let tail = try tail(of: own, after: sequence)
        let sealed = try chain(of: own, at: sequence) ?? .start
        if memory.replica?.id == own.id { memory.replica = nil }
        memory.forks[own.id] = nil
        try rename(tail, of: own.id, &renamed)
        try database.execute(
            """
            UPDATE replica SET sequence = ?1, chain = ?2, confirmed = min(confirmed, ?1), backed_up = min(backed_up, ?1)
            WHERE number = ?3
            """, .integer(Int64(sequence)), .digest(sealed.bytes), .integer(own.number))
    }

    /// Puts changes of a replica aside, and writes them anew as another one.
    func rename(_ tail: [TailChange], of id: ReplicaID, _ renamed: inout RenamedDots) throws {
        guard let first = tail.first else { return }
        var renaming = TailRenaming(of: id, first: first.change.id)
        var replica =
            try ownReplica(renaming.replica).map(OpenReplica.init) ?? addReplica(renaming.replica)
        for old in tail {
            try putAside(old, renamedTo: renaming.replica)
            renamed.cases.insert(old.change.caseID)
            guard let new = try renaming.next(old.change, &renamed) else { continue }
            try adopt(new, by: &replica, savedAt: old.savedAt)
        }
    }

    /// Writes anew what these replicas hold that names renamed dots and central has not confirmed, and folds the cases.
    func follow(_ renamed: inout RenamedDots, in replicas: [OwnReplica]) throws {
        for later in replicas {
            let tail = try tail(of: later, after: later.confirmed)
            guard let first = tail.first(where: { renamed.isNamed(in: $0.change) }) else { continue }
            try renameTail(of: later, after: first.change.sequence - 1, &renamed)
        }
        memory.tally = nil
        for id in renamed.cases.sorted() { try refreshOrDrop(id) }
    }

    /// The replicas that this window wrote with after the one with this number, and of which central lacks something, in the order of
    /// their openings.
    func unsentReplicas(after number: Int64) throws -> [OwnReplica] {
        try database.rows(
            "SELECT id FROM replica WHERE number > ? AND sequence > confirmed ORDER BY number",
            .integer(number)
        ) { row throws(DatabaseError) in try row.replicaID(0) }.compactMap { try ownReplica($0) }
    }

    struct TailChange {
        let number: Int64
        let change: Change
        let savedAt: Int64
    }

    private func tail(of own: OwnReplica, after sequence: UInt64) throws -> [TailChange] {
        try database.rows(
            """
            SELECT number, replica, sequence, body, content, saved_at FROM change
            WHERE replica = ? AND sequence > ? AND own_replica = ? ORDER BY sequence
            """, .blob(own.id.bytes), .integer(Int64(sequence)), .integer(own.number)
        ) { row throws(DatabaseError) in
            (number: try row.integer(0), savedAt: try row.integer(5), stored: try StoredChange(row, from: 1))
        }.map { TailChange(number: $0.number, change: try $0.stored.change, savedAt: $0.savedAt) }
    }

    private func putAside(_ old: TailChange, renamedTo replica: ReplicaID) throws {
        try database.execute(
            """
            INSERT OR REPLACE INTO renamed_change (content, replica, sequence, body, renamed_to, saved_at)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            .digest(old.change.id.bytes), .blob(old.change.replica.bytes),
            .integer(Int64(old.change.sequence)),
            .sealed(old.change.body, .of(old.change.caseID.bytes, StoredChange.place)), .blob(replica.bytes),
            .integer(old.savedAt))
        try database.execute("DELETE FROM outbox WHERE change = ?", .integer(old.number))
        try database.execute("DELETE FROM offer WHERE change = ?", .integer(old.number))
        try database.execute("DELETE FROM change WHERE number = ?", .integer(old.number))
    }

    /// Adds a renamed change to its replica; it may have come back from another clone already.
    private func adopt(_ change: Change, by replica: inout OpenReplica, savedAt: Int64) throws {
        guard change.sequence > replica.sequence else { return }
        replica.sequence = change.sequence
        replica.chain = replica.chain.appending(change.id)
        let number: Int64
        if let known = try self.number(of: change.id) {
            number = known
            try database.execute(
                "UPDATE change SET own_replica = ?, chain = ? WHERE number = ?", .integer(replica.number),
                .digest(replica.chain.bytes), .integer(known))
        } else {
            number = try insert(
                change, own: (replica.number, replica.chain), receipt: nil, savedAt: UInt64(savedAt))
        }
        try database.execute(
            "UPDATE replica SET sequence = ?, chain = ? WHERE number = ?", .integer(Int64(replica.sequence)),
            .digest(replica.chain.bytes), .integer(replica.number))
        try database.execute(
            "INSERT OR IGNORE INTO outbox (change, queued_at) VALUES (?, ?)", .integer(number),
            .integer(savedAt))
    }
}

extension WindowStore.OpenReplica {
    fileprivate init(_ own: OwnReplica) {
        self.init(id: own.id, number: own.number, sequence: own.sequence, chain: own.chain)
    }
}

/// The dots of changes that were written anew, in each case.
struct RenamedDots {
    var cases: Set<CaseID> = []
    private var dots: [CaseID: [Dot: Dot]] = [:]

    mutating func note(_ old: Dot, as new: Dot, in caseID: CaseID) { dots[caseID, default: [:]][old] = new }

    /// Whether a change refers to one of them.
    func isNamed(in change: Change) -> Bool {
        guard let renamed = dots[change.caseID], let content = change.content else { return false }
        return content.writes.values.contains { $0.replaces.contains { renamed[$0] != nil } }
            || content.basis.values.contains { $0.contains { renamed[$0] != nil } }
    }

    /// Ascending, as a change has them.
    func renamed(_ list: [Dot], in caseID: CaseID) -> [Dot] {
        guard let renamed = dots[caseID] else { return list }
        return list.map { renamed[$0] ?? $0 }.sorted()
    }
}

/// Names the changes of a tail anew, one by one, with the dots by which they refer to each other.
struct TailRenaming {
    let replica: ReplicaID
    private var sequence: UInt64 = 0
    private var editions: [CaseID: UInt64] = [:]

    init(of old: ReplicaID, first: ContentID) {
        let digest = SHA256.hash(old.bytes, first.bytes)
        replica = ReplicaID(rawValue: digest.words.0)
    }

    /// Nil for a change that this version cannot read: it stays with the old tail.
    mutating func next(_ change: Change, _ renamed: inout RenamedDots) throws -> Change? {
        guard var content = change.content else { return nil }
        let caseID = change.caseID
        sequence += 1
        let edition = editions[caseID, default: 0] + 1
        editions[caseID] = edition
        content.writes = content.writes.mapValues { write in
            ChangeContent.Write(value: write.value, replaces: renamed.renamed(write.replaces, in: caseID))
        }
        content.basis = content.basis.mapValues { renamed.renamed($0, in: caseID) }
        renamed.note(change.dot, as: Dot(replica: replica, edition: edition), in: caseID)
        do throws(CBORError) {
            return try Change(
                replica: replica, sequence: sequence, caseID: caseID, edition: edition, content: content)
        } catch {
            throw StoreError.damaged("change \(change.replica).\(change.sequence)")
        }
    }
}
