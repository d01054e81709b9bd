import Cryptography
import SyncProtocol

/// Central as the rules of an exchange have it, in memory, for tests of agents. It answers one device of one hospital each;
/// several devices may share a hospital.
///
/// A copy of the value is a backup: putting it back is a restore.
struct ModelCentral {
    struct Feed {
        var entries: [Entry] = []
        var points: [FeedPoint] = [.start]
        var sums: [Fingerprint] = [.empty]
        var scope: Set<CaseID> = []
        /// Cases that are or once were in the scope.
        var known: Set<CaseID> = []
        var head: FeedPoint { points[points.count - 1] }
    }

    enum Entry {
        case change(Change)
        case enters(CaseID)
        case leaves(CaseID)
        case late(Change)
        case unknown([UInt8])
        /// A change whose frozen head does not decode: central of this version never sends one.
        case poison(ReplicaID, UInt64, [UInt8])
    }

    var epoch = Epoch(rawValue: 1)
    var milliseconds = TestMachine.start
    var feeds: [HospitalID: Feed] = [:]
    /// Each replica's chain: content IDs in sequence.
    private(set) var chains: [ReplicaID: [ContentID]] = [:]
    private var devices: [ReplicaID: String] = [:]
    private(set) var changes: [CaseID: [Change]] = [:]
    private(set) var held: Set<ContentID> = []
    /// Content IDs of what was pushed with a wrong receipt.
    private(set) var waiting: [ContentID] = []
    private var own = (replica: ReplicaID(rawValue: 0xC0), sequence: UInt64(0))
    private let key = MessageAuthentication(key: SecretBytes([UInt8](repeating: 7, count: 32)))

    mutating func open(_ hospital: HospitalID) { if feeds[hospital] == nil { feeds[hospital] = Feed() } }

    /// Every opening writes as another replica.
    mutating func restart(replica: UInt64) { own = (ReplicaID(rawValue: replica), 0) }

    // MARK: The exchange

    mutating func exchange(_ request: ExchangeRequest, from device: String) throws -> ExchangeResponse {
        guard let feed = feeds[request.hospital] else { throw Broken(what: "unknown hospital") }
        var response = ExchangeResponse(
            epoch: epoch, head: feed.head, from: request.cursor, milliseconds: milliseconds,
            fingerprint: .empty)
        let isTheSame =
            request.isRepair
            ? request.repairHead.map { fits($0, 0, feed) } ?? true
            : fits(request.witness, request.cursor, feed)
        guard isTheSame else {
            response.isRepairNeeded = true
            response.from = 0
            return response
        }
        var told: Set<ReplicaID> = []
        var reached: [ReplicaID: UInt64] = [:]
        for head in request.heads {
            told.insert(head.replica)
            guard devices[head.replica, default: device] == device else { continue }
            let chain = chains[head.replica, default: []]
            guard head.sequence <= chain.count else { continue }
            if Self.value(chain, head.sequence) == head.chain {
                reached[head.replica] = head.sequence
            } else {
                fork(head.replica, &response)
            }
        }
        for push in request.pushes { take(push, request.hospital, device, &told, &response) }
        for head in request.heads where !response.forks.contains(where: { $0.replica == head.replica }) {
            let chain = chains[head.replica, default: []]
            if head.sequence <= chain.count, devices[head.replica] == device,
                Self.value(chain, head.sequence) == head.chain
            {
                reached[head.replica] = head.sequence
            }
        }
        let silent = Set(response.forks.map(\.replica)).union(
            told.filter { devices[$0, default: device] != device })
        response.stored = told.subtracting(silent).sorted().map {
            Watermark(replica: $0, sequence: UInt64(chains[$0, default: []].count))
        }
        answer(request, reached, &response)
        return response
    }

    private func fits(_ witness: FeedPoint, _ cursor: UInt64, _ feed: Feed) -> Bool {
        cursor <= feed.head.position && witness.position <= feed.head.position
            && feed.points[Int(witness.position)] == witness
    }

    private static func value(_ chain: [ContentID], _ sequence: UInt64) -> Chain {
        chain.prefix(Int(sequence)).reduce(Chain.start) { $0.appending($1) }
    }

    private func fork(_ replica: ReplicaID, _ response: inout ExchangeResponse) {
        guard !response.forks.contains(where: { $0.replica == replica }) else { return }
        let chain = chains[replica, default: []]
        var sequences: Set<UInt64> = [1, UInt64(chain.count)]
        var step: UInt64 = 1
        while step < chain.count {
            sequences.insert(UInt64(chain.count) - step)
            step *= 2
        }
        response.forks.append(
            ExchangeResponse.Fork(
                replica: replica,
                checkpoints: sequences.sorted().map {
                    ReplicaHead(replica: replica, sequence: $0, chain: Self.value(chain, $0))
                }))
    }

    // MARK: Taking

    private mutating func take(
        _ push: Push, _ hospital: HospitalID, _ device: String, _ told: inout Set<ReplicaID>,
        _ response: inout ExchangeResponse
    ) {
        switch push {
        case .run(let replica, let first, let before, let bodies):
            told.insert(replica)
            guard response.forks.isEmpty, response.unreadable.allSatisfy({ $0.reason != "not-your-replica" })
            else { return }
            guard devices[replica, default: device] == device else {
                response.unreadable.append(
                    ExchangeResponse.Unreadable(replica: replica, sequence: first, reason: "not-your-replica")
                )
                return
            }
            let chain = chains[replica, default: []]
            guard first <= chain.count + 1 else { return }
            let ids = bodies.enumerated().map { index, body in
                ContentID(replica: replica, sequence: first + UInt64(index), body: body)
            }
            let overlap = chain.dropFirst(Int(first) - 1).prefix(ids.count)
            guard Self.value(chain, first - 1) == before, Array(overlap) == Array(ids.prefix(overlap.count))
            else {
                return fork(replica, &response)
            }
            devices[replica] = device
            for (index, body) in bodies.enumerated().dropFirst(overlap.count) {
                chains[replica, default: []].append(ids[index])
                guard
                    let change = try? Change(
                        replica: replica, sequence: first + UInt64(index), body: body)
                else {
                    response.unreadable.append(
                        ExchangeResponse.Unreadable(
                            replica: replica, sequence: first + UInt64(index), reason: "unreadable-head"))
                    continue
                }
                accept(change, for: hospital)
            }
        case .foreign(let replica, let sequence, let body, let receipt):
            let id = ContentID(replica: replica, sequence: sequence, body: body)
            guard key.isShortCode(receipt.bytes, of: Receipt.input(id, for: hospital)),
                let change = try? Change(replica: replica, sequence: sequence, body: body)
            else {
                waiting.append(id)
                response.unreadable.append(
                    ExchangeResponse.Unreadable(replica: replica, sequence: sequence, reason: "receipt"))
                return
            }
            accept(change, for: hospital)
        case .unknown: break
        }
    }

    mutating func accept(_ change: Change, for hospital: HospitalID?) {
        if let hospital { enter(change.caseID, hospital) }
        guard held.insert(change.id).inserted else { return }
        changes[change.caseID, default: []].append(change)
        for id in feeds.keys.sorted() {
            if feeds[id]?.scope.contains(change.caseID) ?? false {
                append(.change(change), to: id)
            } else if id == hospital {
                append(.late(change), to: id)
            }
        }
    }

    /// A change that central had is not there any more; its feed and its chains say nothing of that.
    mutating func lose(_ id: ContentID) {
        held.remove(id)
        changes = changes.mapValues { $0.filter { $0.id != id } }.filter { !$0.value.isEmpty }
    }

    mutating func enter(_ caseID: CaseID, _ hospital: HospitalID) {
        guard feeds[hospital]?.known.insert(caseID).inserted ?? false else { return }
        feeds[hospital]?.scope.insert(caseID)
        guard let history = changes[caseID] else { return }
        append(.enters(caseID), to: hospital)
        for change in history { append(.change(change), to: hospital) }
    }

    /// Gives a case that had left back.
    mutating func enterAgain(_ caseID: CaseID, _ hospital: HospitalID) {
        feeds[hospital]?.known.remove(caseID)
        enter(caseID, hospital)
    }

    mutating func leave(_ caseID: CaseID, _ hospital: HospitalID) {
        guard feeds[hospital]?.scope.remove(caseID) != nil else { return }
        append(.leaves(caseID), to: hospital)
    }

    mutating func append(_ entry: Entry, to hospital: HospitalID) {
        guard var feed = feeds[hospital], var sum = feed.sums.last else { return }
        let link: Digest
        switch entry {
        case .change(let change):
            link = FeedEntry.link(change: change.id)
            sum.add(change.id)
        case .enters(let id): link = FeedEntry.link(enters: id)
        case .leaves(let id):
            link = FeedEntry.link(leaves: id)
            for change in changes[id, default: []] {
                var one = Fingerprint.empty
                one.add(change.id)
                sum.subtract(one)
            }
        case .late(let change):
            link = FeedEntry.link(late: change.id)
        case .unknown(let item): link = FeedEntry.link(unknown: item)
        case .poison(let replica, let sequence, let body):
            let id = ContentID(replica: replica, sequence: sequence, body: body)
            link = FeedEntry.link(change: id)
            sum.add(id)
        }
        feed.entries.append(entry)
        feed.points.append(
            FeedPoint(position: feed.head.position + 1, chain: feed.head.chain.appending(link)))
        feed.sums.append(sum)
        feeds[hospital] = feed
    }

    // MARK: Central's own changes

    /// A change of central or a department on a case, put into every feed that holds the case.
    @discardableResult
    mutating func write(
        _ writes: [GroupID: ChangeContent.Write] = [:], asides: [ContentID: ChangeContent.Aside] = [:],
        on caseID: CaseID, by author: Author = Author(role: .central, unit: "", user: "desk"),
        reason: String? = nil
    ) throws -> Change {
        own.sequence += 1
        let edition = changes[caseID, default: []].count { $0.replica == own.replica } + 1
        let change = try Change(
            replica: own.replica, sequence: own.sequence, caseID: caseID, edition: UInt64(edition),
            content: ChangeContent(
                writes: writes, time: HybridTime(milliseconds: milliseconds), author: author, reason: reason,
                asides: asides))
        accept(change, for: nil)
        return change
    }

    func state(of caseID: CaseID) -> CaseState { CaseState(folding: changes[caseID, default: []]) }

    func receipt(for id: ContentID, in hospital: HospitalID) -> Receipt {
        guard let receipt = Receipt(bytes: key.shortCode(Receipt.input(id, for: hospital))) else {
            preconditionFailure("a short code has the size of a receipt")
        }
        return receipt
    }
}
