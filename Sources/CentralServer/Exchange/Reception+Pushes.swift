import Accounts
import Casework
import SyncProtocol

/// Taking changes: the device's own in runs, anybody's with a receipt.
extension Reception {
    private var transaction: any CentralTransaction { ledger.transaction }

    mutating func take(_ push: Push) throws(CentralError) {
        switch push {
        case .run(let replica, let first, let chain, let bodies):
            try takeRun(replica, first: first, chain: chain, bodies)
        case .foreign(let replica, let sequence, let body, let receipt):
            try takeForeign(replica, sequence, body, receipt)
        case .unknown: break  // not acknowledged, so the sender keeps it
        }
    }

    private mutating func takeRun(
        _ replica: ReplicaID, first: UInt64, chain: Chain, _ bodies: [[UInt8]]
    ) throws(CentralError) {
        mention(replica)
        // What comes after a fork may name dots of which nobody knows yet whose they are: it is sent again.
        guard !hasStopped else { return }
        let known = try transaction.replica(replica)
        var record = known ?? ReplicaRecord(id: replica, device: device.id)
        guard record.device == device.id else {
            hasStopped = true
            refuse(replica, first, "not-your-replica")
            return try alarm(.otherDevicesReplica, replica.description)
        }
        let last = first + UInt64(bodies.count) - 1
        guard first <= record.length + 1 else { return }  // a gap: the sender hears how far the chain reaches
        let holdings = try mendedHoldings(of: record, first: first, chain: chain, bodies, through: last)
        let unlinked = Dictionary(
            holdings.filter { $0.chain == nil }.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        switch try plan(replica, first: first, chain: chain, bodies, record, holdings) {
        case .gap: return
        case .fork: try fork(record)
        case .take(let index):
            try tellAgain(bodies.prefix(index), replica, first: first, holdings)
            for body in bodies[index...] { try takeOwn(body, &record, unlinked) }
            if index < bodies.count {
                try transaction.put(record)
                try noteWriter(replica, isNew: known == nil)
            }
            agree(on: replica, through: last)
        }
    }

    private func plan(
        _ replica: ReplicaID, first: UInt64, chain: Chain, _ bodies: [[UInt8]], _ record: ReplicaRecord,
        _ holdings: [Holding]
    ) throws(CentralError) -> RunPlan {
        let count = RunPlan.overlapCount(first: first, count: bodies.count, length: record.length)
        let sent = bodies.prefix(count).enumerated().map { index, body in
            ContentID(replica: replica, sequence: first + UInt64(index), body: body)
        }
        let linked = holdings.filter { $0.chain != nil && $0.sequence <= record.length }.map(\.id)
        return RunPlan(
            first: first, chain: chain, length: record.length,
            before: try self.chain(of: record, at: first - 1), overlap: (sent, linked))
    }

    /// The next link of the device's chain. The replica's record is stored by the caller.
    private mutating func takeOwn(
        _ body: [UInt8], _ record: inout ReplicaRecord, _ unlinked: [ContentID: Holding]
    ) throws(CentralError) {
        let sequence = record.length + 1
        let id = ContentID(replica: record.id, sequence: sequence, body: body)
        record.length = sequence
        record.chain = record.chain.appending(id)
        if let number = unlinked[id]?.number {
            try transaction.link(number, chain: record.chain)
            return try admitAuthor(of: body, number, record)
        }
        switch Self.reading(body, record.id, sequence) {
        case .change(let change): try judge(change, chain: record.chain)
        case .none(let reason): try keep(body, id, record, because: reason)
        }
    }

    /// Others have brought this change back before its author: its case is, or was, the author's all the same.
    private mutating func admitAuthor(
        of body: [UInt8], _ number: ChangeNumber, _ record: ReplicaRecord
    ) throws(CentralError) {
        // What came with a receipt has a head that decodes.
        guard let change = try? Change(replica: record.id, sequence: record.length, body: body) else {
            return
        }
        let verdicts = try ledger.state(of: change.caseID).asides[change.id]
        guard !(verdicts?.reasons.contains(Judgement.foreignCase) ?? false) else { return }
        try ledger.enter(change.caseID, request.hospital)
        try ledger.tellLate(change, number, from: request.hospital)
    }

    private mutating func judgement(
        of change: Change, _ access: Judgement.Access
    ) throws(CentralError) -> Judgement {
        let casebook = ledger.books.casebook
        return Judgement(
            change, access: access, rules: casebook.rules,
            centralGroups: casebook.centralGroups.union(try accountGroups(notFor: change)),
            isErased: casebook.shelf.erasures[change.caseID].map { !$0.changes.contains(change.dot) } ?? false
        )
    }

    private mutating func judge(_ change: Change, chain: Chain) throws(CentralError) {
        let access = try access(of: change)
        let hospital = access == .foreign ? nil : request.hospital
        if case .aside(let reason) = try judgement(of: change, access) {
            try ledger.setAside(change.id, on: change.caseID, reason: reason, for: hospital)
        }
        if access == .foreign { refuse(change.replica, change.sequence, Judgement.foreignCase) }
        try ledger.take(change, chain: chain, for: hospital)
    }

    private mutating func access(to caseID: CaseID) throws(CentralError) -> Judgement.Access {
        if try ledger.scopes(of: caseID).contains(where: { $0.hospital == request.hospital }) { return .own }
        return try transaction.isKnown(caseID) ? .foreign : .unknown
    }

    /// A case that others have brought back, but for its beginning, is no stranger's to who now brings that.
    private mutating func access(of change: Change) throws(CentralError) -> Judgement.Access {
        let access = try access(to: change.caseID)
        let casebook = ledger.books.casebook
        guard access == .foreign, casebook.registrar(by: change) == request.hospital,
            try !ledger.isRecord(change.caseID)
        else { return access }
        let asides = try ledger.state(of: change.caseID).asides
        let isBegun = try transaction.changes(of: change.caseID).map(\.change).contains { known in
            let isStrangers = asides[known.id]?.reasons.contains(Judgement.foreignCase) ?? false
            return casebook.registrar(by: known) != nil && !isStrangers
        }
        return isBegun ? .foreign : .unknown
    }

    /// What a body of a device's own is.
    private enum BodyReading {
        case change(Change)
        /// It enters no case, because of this.
        case none(reason: String)
    }

    /// A window's people write in the role of a window. What a device writes as a department or as central is made up, and gets no
    /// receipt, by which a restored central would take it for its own. Central's record is read by every hospital, and written by none.
    private static func reading(_ body: [UInt8], _ replica: ReplicaID, _ sequence: UInt64) -> BodyReading {
        if body.count > Limits.bodyBytesMax { return .none(reason: "too-large") }
        do throws(CBORError) {
            let change = try Change(replica: replica, sequence: sequence, body: body)
            if [.centralRecord, .staffRecord].contains(change.caseID) {
                return .none(reason: "central-record")
            }
            return change.content.map { $0.author.role != .window } ?? false
                ? .none(reason: "role") : .change(change)
        } catch {
            return .none(reason: "unreadable-head")
        }
    }

    private mutating func keep(
        _ body: [UInt8], _ id: ContentID, _ record: ReplicaRecord, because reason: String
    ) throws(CentralError) {
        try transaction.insert(
            UnreadableRecord(
                replica: record.id, sequence: record.length, id: id, chain: record.chain,
                hospital: request.hospital, reason: reason, milliseconds: ledger.milliseconds, body: body))
        _ = try ledger.state(of: request.hospital.record)  // where it waits for a person
        refuse(record.id, record.length, reason)
    }

    /// A repeat after a lost answer hears again what entered no case of its own.
    private mutating func tellAgain(
        _ bodies: ArraySlice<[UInt8]>, _ replica: ReplicaID, first: UInt64, _ holdings: [Holding]
    ) throws(CentralError) {
        let linked = Dictionary(
            holdings.filter { $0.chain != nil }.map { ($0.sequence, $0) },
            uniquingKeysWith: { first, _ in first })
        for (index, body) in bodies.enumerated() {
            let sequence = first + UInt64(index)
            guard linked[sequence] != nil else { continue }
            switch Self.reading(body, replica, sequence) {
            case .none(let reason): refuse(replica, sequence, reason)
            case .change(let change):
                if try access(to: change.caseID) == .foreign {
                    refuse(replica, sequence, Judgement.foreignCase)
                }
            }
        }
    }

    private mutating func takeForeign(
        _ replica: ReplicaID, _ sequence: UInt64, _ body: [UInt8], _ receipt: Receipt
    ) throws(CentralError) {
        let id = ContentID(replica: replica, sequence: sequence, body: body)
        guard ledger.books.receipts.isGenuine(receipt, for: id, in: request.hospital),
            // Nobody got a receipt for others.
            let change = try? Change(replica: replica, sequence: sequence, body: body)
        else {
            refuse(replica, sequence, "receipt")
            try alarm(.receipt, device.id.description)
            _ = try ledger.state(of: request.hospital.record)  // where it waits for a person
            return try transaction.insert(
                WaitingRecord(
                    replica: replica, sequence: sequence, id: id, hospital: request.hospital,
                    device: device.id,
                    milliseconds: ledger.milliseconds, body: body))
        }
        if try transaction.holdings(of: replica, from: sequence, through: sequence).contains(where: {
            $0.id == id
        }) {
            return try ledger.enter(change.caseID, request.hospital)
        }
        if try isRestored(change) { return }
        // Its verdict may be lost, or withheld by who pushes.
        if case .aside(let reason) = try judgement(of: change, .own),
            try ledger.state(of: change.caseID).asides[id] == nil
        {
            try ledger.setAside(id, on: change.caseID, reason: reason, for: request.hospital)
        }
        try ledger.take(change, chain: nil, for: request.hospital)
    }

    /// Central's own changes with receipts first: a verdict is to be there before its target.
    func verdictsFirst(_ pushes: [Push]) -> [Push] {
        let isCentrals = pushes.map { push in
            guard case .foreign(let replica, let sequence, let body, _) = push else { return false }
            // What does not decode is no verdict.
            return (try? Change(replica: replica, sequence: sequence, body: body))?.content?.author.role
                == .central
        }
        let parted = zip(pushes, isCentrals)
        return parted.filter(\.1).map(\.0) + parted.filter { !$0.1 }.map(\.0)
    }
}
