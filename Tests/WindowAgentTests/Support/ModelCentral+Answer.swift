import SyncProtocol

extension ModelCentral {
    /// Sums, wanted cases and entries of the feed.
    func answer(
        _ request: ExchangeRequest, _ reached: [ReplicaID: UInt64], _ response: inout ExchangeResponse
    ) {
        guard let feed = feeds[request.hospital] else { return }
        response.head = feed.head
        response.fingerprint =
            request.cursor <= feed.head.position ? feed.sums[Int(request.cursor)] : .empty
        for sum in request.sums {
            let isKnown = feed.known.contains(sum.caseID)
            let state = isKnown ? state(of: sum.caseID) : CaseState()
            guard !isKnown || state.fingerprint != sum.fingerprint else { continue }
            response.differences.append(ExchangeResponse.Difference(caseID: sum.caseID, seen: state.seen))
        }
        response.suppliedCount = UInt64(request.wanted.count)
        for id in request.wanted where feed.scope.contains(id) {
            for change in changes[id, default: []] {
                response.entries.append(
                    .supplied(
                        replica: change.replica, sequence: change.sequence, body: change.body,
                        receipt: receipt(for: change.id, in: request.hospital)))
            }
        }
        guard !request.isRepair else { return response.hasMore = request.cursor < feed.head.position }
        var position = request.cursor
        var budget = Int(request.budget)
        for entry in feed.entries.dropFirst(Int(request.cursor)) {
            guard add(entry, request.hospital, reached, &budget, &response, position == request.cursor) else {
                break
            }
            position += 1
        }
        response.hasMore = position < feed.head.position
    }

    private func add(
        _ entry: Entry, _ hospital: HospitalID, _ reached: [ReplicaID: UInt64], _ budget: inout Int,
        _ response: inout ExchangeResponse, _ isFirst: Bool
    ) -> Bool {
        var cost = 32
        let told: FeedEntry
        switch entry {
        case .enters(let id): told = .enters(id)
        case .leaves(let id): told = .leaves(id)
        case .unknown(let item): told = .unknown(item)
        case .late(let change):
            told = .late(
                replica: change.replica, sequence: change.sequence, body: change.body,
                receipt: receipt(for: change.id, in: hospital))
        case .poison(let replica, let sequence, let body):
            let id = ContentID(replica: replica, sequence: sequence, body: body)
            told = .change(
                replica: replica, sequence: sequence, body: body, receipt: receipt(for: id, in: hospital))
        case .change(let change)
        where change.sequence <= reached[change.replica, default: 0] && isLinked(change):
            if case .own(change.replica, let first, change.sequence - 1) = response.entries.last {
                response.entries.removeLast()
                response.entries.append(.own(replica: change.replica, first: first, last: change.sequence))
                return true
            }
            told = .own(replica: change.replica, first: change.sequence, last: change.sequence)
        case .change(let change):
            cost += change.body.count
            told = .change(
                replica: change.replica, sequence: change.sequence, body: change.body,
                receipt: receipt(for: change.id, in: hospital))
        }
        guard isFirst || cost <= budget else { return false }
        budget -= cost
        response.entries.append(told)
        return true
    }

    private func isLinked(_ change: Change) -> Bool {
        let chain = chains[change.replica, default: []]
        return change.sequence <= chain.count && chain[Int(change.sequence) - 1] == change.id
    }
}
