import SyncProtocol

/// Carries out one exchange within a transaction: takes what is pushed, then composes the answer.
///
/// If it throws, its savepoint is undone, and nothing of the exchange has happened.
struct Reception {
    var ledger: Ledger
    let request: ExchangeRequest
    let device: DeviceRecord
    var response: ExchangeResponse
    /// Replicas that two writers used; nothing of theirs is taken.
    var forked: Set<ReplicaID> = []
    /// A run of this exchange was not taken because its changes will be written anew: none that follows is taken either, as it may
    /// name them.
    var hasStopped = false
    /// Per replica, up to where the agent says that it holds the chain, and it is known to be central's.
    private(set) var held: [ReplicaID: UInt64] = [:]
    /// Per replica, up to where the agent says that it holds the chain.
    private let told: [ReplicaID: UInt64]
    /// Replicas whose place the agent is told.
    private var mentioned: [ReplicaID] = []

    /// Which message of a bundle this is; nil for an exchange over the network.
    var bundle: BundlePlace?

    /// Forks that are told in one answer; any others come next time.
    static let forksPerExchangeMax = 16

    /// - Throws: a refusal if the version or the hospital does not fit; nothing was written then.
    init(_ request: ExchangeRequest, from device: DeviceRecord, ledger: Ledger) throws(CentralError) {
        try ledger.books.check(request.version)
        guard request.hospital == device.hospital else { throw CentralError.refused(.otherHospital) }
        self.ledger = ledger
        self.request = request
        told = Dictionary(request.heads.map { ($0.replica, $0.sequence) }, uniquingKeysWith: min)
        self.device = device
        response = ExchangeResponse(
            epoch: try ledger.transaction.epoch(), head: .start, from: request.cursor,
            milliseconds: ledger.milliseconds, fingerprint: .empty)
        response.version = request.version
    }

    private var transaction: any CentralTransaction { ledger.transaction }

    mutating func perform() throws(CentralError) -> ExchangeResponse {
        try carryOut(isNews: true)
        return response
    }

    /// - Parameter isNews: nothing later was heard of the device before.
    mutating func carryOut(isNews: Bool) throws(CentralError) {
        let head = try ledger.head(of: request.hospital)
        response.head = head.point
        let isWelcome = request.isRepair ? try isRepairTheSame(head) : try isFeedTheSame(head)
        guard isWelcome else {
            if isNews { try alarm(.wentBack, request.hospital.description) }
            response.isRepairNeeded = true
            return
        }
        // A stick's way counts, too; what a repair brings was here before.
        ledger.sentMilliseconds =
            request.isRepair ? nil : bundle == nil ? request.milliseconds : ledger.milliseconds
        for head in request.heads { try compare(head) }
        for push in verdictsFirst(request.pushes) { try take(push) }
        try ledger.finish()
        try compose()
    }

    /// Whether all that the agent ever used of its feed is still there.
    private func isFeedTheSame(_ head: FeedHead) throws(CentralError) -> Bool {
        guard request.cursor <= head.position, request.witness.position <= head.position else { return false }
        let place = try transaction.feedHead(of: request.hospital, at: request.witness.position)
        return place?.chain == request.witness.chain
    }

    /// Whether this is still the central that answered in this repair before.
    private func isRepairTheSame(_ head: FeedHead) throws(CentralError) -> Bool {
        guard let told = request.repairHead else { return true }
        guard told.position <= head.position else { return false }
        return try transaction.feedHead(of: request.hospital, at: told.position)?.chain == told.chain
    }

    /// Compares what the agent says of one replica's chain with central's.
    private mutating func compare(_ head: ReplicaHead) throws(CentralError) {
        mention(head.replica)
        guard let record = try transaction.replica(head.replica), record.device == device.id else { return }
        // A head above central's says nothing of the chain below it: the run that brings the rest does.
        guard head.sequence <= record.length else { return }
        if try chain(of: record, at: head.sequence) == head.chain {
            agree(on: head.replica, through: head.sequence)
        } else {
            try fork(record)
        }
    }

    /// Notes that the agent's chain of a replica is central's.
    mutating func agree(on replica: ReplicaID, through sequence: UInt64) {
        held[replica] = min(told[replica, default: 0], max(held[replica, default: 0], sequence))
    }

    mutating func mention(_ replica: ReplicaID) {
        if !mentioned.contains(replica) { mentioned.append(replica) }
    }

    /// Notes a fork, once in an exchange, and tells checkpoints of central's chain.
    mutating func fork(_ record: ReplicaRecord) throws(CentralError) {
        held[record.id] = 0
        hasStopped = true
        guard forked.insert(record.id).inserted else { return }
        try alarm(.fork, record.id.description)
        guard response.forks.count < Self.forksPerExchangeMax else { return }
        var checkpoints: [ReplicaHead] = []
        let sequences =
            bundle == nil
            ? checkpointSequences(length: record.length) : lastSequences(length: record.length)
        for sequence in sequences {
            guard let chain = try transaction.chain(of: record.id, at: sequence) else { continue }
            checkpoints.append(ReplicaHead(replica: record.id, sequence: sequence, chain: chain))
        }
        response.forks.append(ExchangeResponse.Fork(replica: record.id, checkpoints: checkpoints))
    }

    mutating func refuse(_ replica: ReplicaID, _ sequence: UInt64, _ reason: String) {
        guard response.unreadable.count < Limits.itemsPerExchangeMax else { return }
        response.unreadable.append(
            ExchangeResponse.Unreadable(replica: replica, sequence: sequence, reason: reason))
    }

    func alarm(_ kind: Alarm.Kind, _ subject: String) throws(CentralError) {
        try transaction.raise(Alarm(kind: kind, subject: subject), milliseconds: ledger.milliseconds)
    }

    /// How far each replica of the request is stored, as it stands in this transaction, and how far it is in a verified backup. Of
    /// one that forked, or that is another device's, the length says nothing about the agent's own changes: it is not told.
    mutating func tellStored() throws(CentralError) {
        for replica in mentioned where !forked.contains(replica) {
            let record = try transaction.replica(replica)
            guard record == nil || record?.device == device.id else { continue }
            response.stored.append(Watermark(replica: replica, sequence: record?.length ?? 0))
            let backedUp = try transaction.backedUp(replica)
            guard backedUp > 0 else { continue }
            response.backedUp.append(Watermark(replica: replica, sequence: backedUp))
        }
    }

    /// Notes when the device came over the network and what it reported.
    func noteContact() throws(CentralError) {
        try noteContact(
            clockErrorMilliseconds: Int64(clamping: request.milliseconds)
                - Int64(clamping: ledger.milliseconds))
    }

    /// Clocks may be wrong by anything: the difference is cut to what fits.
    func noteContact(clockErrorMilliseconds: Int64) throws(CentralError) {
        var contact = Contact(
            device: device.id, milliseconds: ledger.milliseconds,
            clockErrorMilliseconds: clockErrorMilliseconds,
            cursor: request.cursor, isRepair: request.isRepair, report: request.report)
        contact.sentMilliseconds = request.milliseconds
        contact.bundle = bundle?.bundle
        try transaction.put(contact)
        if let anchor = request.audit {
            try transaction.put(anchor, of: device.id, milliseconds: ledger.milliseconds)
        }
        guard let condition = request.condition else { return }
        try transaction.put(
            DeviceCondition(
                device: device.id, milliseconds: ledger.milliseconds, version: request.version,
                condition: condition, policies: request.policies))
    }
}
