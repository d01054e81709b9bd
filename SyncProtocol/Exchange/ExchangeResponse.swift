package import Cryptography

/// What central answers: what is durable, then the next entries of the hospital's feed.
///
/// The bytes are a CBOR sequence: the head, a map with ascending keys, then one item for each ``FeedEntry``.
package struct ExchangeResponse: Hashable, Sendable {
    /// Where two writers used one replica: central's chain at some sequences, from which the agent finds the last common one.
    package struct Fork: Hashable, Sendable {
        package let replica: ReplicaID
        /// Ascending by sequence.
        package let checkpoints: [ReplicaHead]

        package init(replica: ReplicaID, checkpoints: [ReplicaHead]) {
            self.replica = replica
            self.checkpoints = checkpoints
        }
    }

    /// A case of which central holds other changes than the agent, and what central has seen of it.
    package struct Difference: Hashable, Sendable {
        package let caseID: CaseID
        package let seen: VersionVector

        package init(caseID: CaseID, seen: VersionVector) {
            self.caseID = caseID
            self.seen = seen
        }
    }

    /// A change that enters no case, because its frozen head does not decode or its receipt does not fit.
    package struct Unreadable: Hashable, Sendable {
        package let replica: ReplicaID
        package let sequence: UInt64
        package let reason: String

        package init(replica: ReplicaID, sequence: UInt64, reason: String) {
            self.replica = replica
            self.sequence = sequence
            self.reason = reason
        }
    }

    package var version = ExchangeRequest.protocolVersion
    /// The life of central's feeds.
    package var epoch: Epoch
    /// The feed's head; after a last batch the agent's own chain must agree with it.
    package var head: FeedPoint
    /// For each replica of the request's heads, and each pushed: how far its chain is committed and synced.
    package var stored: [Watermark] = []
    /// How far of it is in a verified backup.
    package var backedUp: [Watermark] = []
    /// The position after which the entries begin.
    package var from: UInt64
    /// More entries wait.
    package var hasMore = false
    /// Central's wall clock, milliseconds since 1970.
    package var milliseconds: UInt64
    /// Central's sum for the scope up to the request's cursor.
    package var fingerprint: Fingerprint
    /// The witness or the cursor does not fit: central is not what it was. Nothing else in this answer may be used.
    package var isRepairNeeded = false
    /// Replicas of which nothing was taken, because another wrote under their names.
    package var forks: [Fork] = []
    /// Of the cases in `sums`, those that are not the same at central.
    package var differences: [Difference] = []
    /// Pushes that entered no case, each with its reason.
    package var unreadable: [Unreadable] = []
    /// Of the attachments offered, those that central lacks.
    package var grants: [AttachmentGrant] = []
    /// Those that it has, whole and synced.
    package var held: [Digest] = []
    /// Attachments that cases in the hospital's scope name and that central lacks.
    package var wants: [Digest] = []
    /// Up to where the hospital's feed is in a verified backup; 0 if none of it is.
    package var backedUpPosition: UInt64 = 0
    /// Of the attachments asked about, those that central holds and that are in its last verified backup.
    package var backedUpAttachments: [Digest] = []
    /// How many of the cases in `wanted`, from the first on, were supplied whole.
    package var suppliedCount: UInt64 = 0
    /// What was asked for, then the next of the feed in order of position.
    package var entries: [FeedEntry] = []

    package init(epoch: Epoch, head: FeedPoint, from: UInt64, milliseconds: UInt64, fingerprint: Fingerprint)
    {
        self.epoch = epoch
        self.head = head
        self.from = from
        self.milliseconds = milliseconds
        self.fingerprint = fingerprint
    }
}

extension ExchangeResponse {
    private enum Key: UInt64 {
        case version, epoch, head, stored, backedUp, from, more, milliseconds, fingerprint
        case repair, forks, differences, unreadable, grants, held
        case wants = 17
        case supplied = 18
        case backedUpPosition = 20
        case backedUpAttachments = 21
    }

    /// The response's bytes, before compression.
    package var encoded: [UInt8] {
        var map = KeyedWriter()
        map.write(Key.version.rawValue) { $0.write(version) }
        map.write(Key.epoch.rawValue) { $0.write(epoch.rawValue.bigEndianBytes) }
        map.write(Key.head.rawValue) { $0.write(head) }
        map.write(Key.stored.rawValue) { $0.writeList(stored) { $0.write($1) } }
        if !backedUp.isEmpty { map.write(Key.backedUp.rawValue) { $0.writeList(backedUp) { $0.write($1) } } }
        map.write(Key.from.rawValue) { $0.write(from) }
        if hasMore { map.write(Key.more.rawValue) { $0.write(true) } }
        map.write(Key.milliseconds.rawValue) { $0.write(milliseconds) }
        map.write(Key.fingerprint.rawValue) { $0.write(fingerprint.bytes) }
        if isRepairNeeded { map.write(Key.repair.rawValue) { $0.write(true) } }
        if !forks.isEmpty { map.write(Key.forks.rawValue) { $0.writeList(forks) { $0.write($1) } } }
        if !differences.isEmpty {
            map.write(Key.differences.rawValue) { $0.writeList(differences) { $0.write($1) } }
        }
        if !unreadable.isEmpty {
            map.write(Key.unreadable.rawValue) { $0.writeList(unreadable) { $0.write($1) } }
        }
        if !grants.isEmpty { map.write(Key.grants.rawValue) { $0.writeList(grants) { $0.write($1) } } }
        if !held.isEmpty { map.write(Key.held.rawValue) { $0.writeList(held) { $0.write($1.bytes) } } }
        if !wants.isEmpty { map.write(Key.wants.rawValue) { $0.writeList(wants) { $0.write($1.bytes) } } }
        if suppliedCount > 0 { map.write(Key.supplied.rawValue) { $0.write(suppliedCount) } }
        if backedUpPosition > 0 { map.write(Key.backedUpPosition.rawValue) { $0.write(backedUpPosition) } }
        if !backedUpAttachments.isEmpty {
            map.write(Key.backedUpAttachments.rawValue) {
                $0.writeList(backedUpAttachments) { $0.write($1.bytes) }
            }
        }
        var writer = map.finished
        for entry in entries { entry.write(to: &writer) }
        return writer.bytes
    }

    /// Reads a response of this version: refused as a whole if any part of it is not as it must be.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        guard bytes.count <= Limits.exchangeBytesMax else { throw CBORError(reason: .tooLong, offset: 0) }
        var reader = CBORReader(bytes)
        self.init(epoch: Epoch(rawValue: 0), head: .start, from: 0, milliseconds: 0, fingerprint: .empty)
        var required: Set<UInt64> = [
            Key.version.rawValue, Key.epoch.rawValue, Key.head.rawValue, Key.stored.rawValue,
            Key.from.rawValue,
            Key.milliseconds.rawValue, Key.fingerprint.rawValue,
        ]
        try reader.readKeyed { reader, key throws(CBORError) in
            required.remove(key)
            try self.readMember(key, from: &reader)
        }
        guard required.isEmpty else { throw reader.failure(.unexpectedType) }
        while !reader.isAtEnd {
            guard entries.count < Limits.itemsPerExchangeMax else { throw reader.failure(.tooLong) }
            entries.append(try FeedEntry(from: &reader))
        }
    }

    private mutating func readMember(_ key: UInt64, from reader: inout CBORReader) throws(CBORError) {
        switch Key(rawValue: key) {
        case .version: version = try reader.readUnsigned()
        case .epoch: epoch = try reader.readEpoch()
        case .head: head = try reader.readFeedPoint()
        case .stored: stored = try reader.readWatermarks()
        case .backedUp: backedUp = try reader.readWatermarks()
        case .from: from = try reader.readCounter()
        case .more: hasMore = try reader.readTrue()
        case .milliseconds: milliseconds = try reader.readCounter()
        case .fingerprint: fingerprint = Fingerprint(rawValue: try reader.readDigest())
        case .repair: isRepairNeeded = try reader.readTrue()
        case .forks:
            forks = try reader.readList(countMax: Limits.headsMax, distinct: \.replica) {
                reader throws(CBORError) in
                try reader.readFork()
            }
        case .differences:
            differences = try reader.readList(countMax: Limits.caseSumsMax, distinct: \.caseID) {
                reader throws(CBORError) in
                try reader.readArray(count: 2)
                return Difference(caseID: try reader.readCaseID(), seen: try reader.readVersionVector())
            }
        case .unreadable:
            unreadable = try reader.readList(countMax: Limits.itemsPerExchangeMax) {
                reader throws(CBORError) in
                try reader.readArray(count: 3)
                return Unreadable(
                    replica: try reader.readReplica(), sequence: try reader.readCounter(),
                    reason: try reader.readText(bytesMax: Limits.reasonBytesMax))
            }
        case .grants: grants = try reader.readGrants()
        case .held: held = try reader.readHashes(countMax: Limits.offersMax)
        case .wants: wants = try reader.readHashes(countMax: Limits.wantsMax)
        case .supplied: suppliedCount = try reader.readCounter()
        case .backedUpPosition: backedUpPosition = try reader.readCounter()
        case .backedUpAttachments:
            backedUpAttachments = try reader.readHashes(countMax: Limits.backupQuestionsMax)
        case nil: _ = try reader.readEncodedItem(depthMax: Limits.valueDepthMax)
        }
    }
}
