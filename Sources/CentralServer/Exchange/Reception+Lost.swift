import SyncProtocol

/// Changes that central's log has lost, though its chains and feeds say that it had them: they are taken back to where they were.
extension Reception {
    private var transaction: any CentralTransaction { ledger.transaction }

    /// Central's chain of a replica after a sequence; its end is known also where the last change was lost.
    func chain(of record: ReplicaRecord, at sequence: UInt64) throws(CentralError) -> Chain? {
        sequence == record.length ? record.chain : try transaction.chain(of: record.id, at: sequence)
    }

    /// What is held where a run lies, after the run has filled the gaps that its chain proves to be its own.
    mutating func mendedHoldings(
        of record: ReplicaRecord, first: UInt64, chain: Chain, _ bodies: [[UInt8]], through last: UInt64
    ) throws(CentralError) -> [Holding] {
        let holdings = try transaction.holdings(of: record.id, from: first, through: last)
        let count = RunPlan.overlapCount(first: first, count: bodies.count, length: record.length)
        let linked = Dictionary(
            holdings.filter { $0.chain != nil }.map { ($0.sequence, $0) },
            uniquingKeysWith: { first, _ in first })
        guard linked.keys.count(where: { $0 <= record.length }) < count,
            try self.chain(of: record, at: first - 1) == chain
        else { return holdings }
        var links: [(id: ContentID, chain: Chain)] = []
        for (index, body) in bodies.prefix(count).enumerated() {
            let id = ContentID(replica: record.id, sequence: first + UInt64(index), body: body)
            links.append((id, (links.last?.chain ?? chain).appending(id)))
        }
        let end = first + UInt64(count) - 1
        let known = end == record.length ? record.chain : linked[end]?.chain
        guard let known, links.last?.chain == known else { return holdings }
        for (index, link) in links.enumerated() where linked[first + UInt64(index)] == nil {
            // A body whose head does not decode is kept elsewhere, and was not lost with the log.
            guard
                let change = try? Change(
                    replica: record.id, sequence: first + UInt64(index), body: bodies[index])
            else { continue }
            if try !ledger.restore(change, chain: link.chain, of: request.hospital) {
                try ledger.take(change, chain: link.chain, for: nil)
            }
        }
        return try transaction.holdings(of: record.id, from: first, through: last)
    }

    /// Puts somebody else's change back, if central's chain of its replica says that it was here.
    mutating func isRestored(_ change: Change) throws(CentralError) -> Bool {
        guard let record = try transaction.replica(change.replica), change.sequence <= record.length else {
            return false
        }
        let chain = try self.chain(of: record, at: change.sequence - 1)?.appending(change.id)
        let isLinked = try isProven(chain, of: record, at: change.sequence)
        return try ledger.restore(change, chain: isLinked ? chain : nil, of: request.hospital)
    }

    /// Whether what follows in central's chain follows on this value.
    private func isProven(
        _ chain: Chain?, of record: ReplicaRecord, at sequence: UInt64
    ) throws(CentralError) -> Bool {
        if sequence == record.length { return chain == record.chain }
        let next = try transaction.holdings(of: record.id, from: sequence + 1, through: sequence + 1)
            .first { $0.chain != nil }
        guard let chain, let next else { return false }
        return chain.appending(next.id) == next.chain
    }
}
