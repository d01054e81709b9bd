package import Cryptography

/// What an agent sends in the one round trip of an exchange: where it stands, then changes.
///
/// The bytes are a CBOR sequence (RFC 8742): the head, a map with ascending keys, then one item for each ``Push``.
package struct ExchangeRequest: Hashable, Sendable {
    /// What the fleet view shows of an agent.
    package struct Report: Hashable, Sendable {
        /// Changes that central has not confirmed.
        package let outboxCount: UInt64
        /// The age of the oldest of them in milliseconds; 0 if there is none.
        package let oldestMilliseconds: UInt64
        package let softwareVersion: String

        package init(outboxCount: UInt64, oldestMilliseconds: UInt64, softwareVersion: String) {
            self.outboxCount = outboxCount
            self.oldestMilliseconds = oldestMilliseconds
            self.softwareVersion = softwareVersion
        }
    }

    /// The versions of the protocol that this program speaks.
    package static let versions: ClosedRange<UInt64> = 1...1
    /// The newest of them.
    package static var protocolVersion: UInt64 { versions.upperBound }
    /// The media type of the compressed body in the newest version.
    package static let mediaType = SyncMessage.exchange.mediaType(version: protocolVersion)

    package var version = Self.protocolVersion
    package var hospital: HospitalID
    /// The epoch last heard of.
    package var epoch: Epoch?
    /// The replica now writing, those with unconfirmed changes, and those confirmed beyond the cursor; in a repair all own.
    package var heads: [ReplicaHead] = []
    /// How far the feed was taken in.
    package var cursor: UInt64 = 0
    /// The highest feed position that anything was ever used from.
    package var witness = FeedPoint.start
    /// The sum of the content IDs of the scope, for the feed up to the cursor.
    package var fingerprint = Fingerprint.empty
    /// Bytes of entries that the agent wants at most. One entry comes even if it is larger.
    package var budget: UInt64
    /// The agent's wall clock, milliseconds since 1970.
    package var milliseconds: UInt64
    /// The agent knows that central went back in time and brings everything again.
    package var isRepair = false
    /// For the fleet view; left out when nothing has changed.
    package var report: Report?
    /// A page of the agent's cases, ascending: central answers which of them differ.
    package var sums: [CaseSum] = []
    /// Cases whose changes the agent asks for again.
    package var wanted: [CaseID] = []
    /// Attachments for which the agent asks for the right to upload them.
    package var offers: [AttachmentOffer] = []
    /// Attachments of which the agent asks whether they are in a verified backup.
    package var backupQuestions: [Digest] = []
    /// For so many seconds central may hold the answer back while it would bring nothing; nil: not at all. At most
    /// ``Limits/waitSecondsMax``.
    package var waitSeconds: UInt64?
    /// In a repair: the feed's head in the last answer of this repair; nil before the first.
    package var repairHead: FeedPoint?
    /// How the agent stands beside its outbox; nil when nothing is told.
    package var condition: Condition?
    /// With a condition: the policies that it has of those that its hospital offers.
    package var policies: [HeldPolicy] = []
    /// Where the agent's audit log stands; nil when nothing is told.
    package var audit: AuditAnchor?
    /// The changes sent, in the order in which central takes them.
    package var pushes: [Push] = []

    package init(hospital: HospitalID, budget: UInt64, milliseconds: UInt64) {
        self.hospital = hospital
        self.budget = budget
        self.milliseconds = milliseconds
    }
}

extension ExchangeRequest {
    private enum Key: UInt64 {
        case version, hospital, epoch, heads, cursor, witness, fingerprint, budget, milliseconds
        case repair, report, sums, wanted, offers, wait
        case repairHead = 16
        case backupQuestions = 20
        case condition = 22
        case policies
        case audit
    }

    /// The request's bytes, before compression.
    package var encoded: [UInt8] {
        var head = KeyedWriter()
        head.write(Key.version.rawValue) { $0.write(version) }
        head.write(Key.hospital.rawValue) { $0.write(hospital.bytes) }
        if let epoch { head.write(Key.epoch.rawValue) { $0.write(epoch.rawValue.bigEndianBytes) } }
        head.write(Key.heads.rawValue) { $0.writeList(heads) { $0.write($1) } }
        head.write(Key.cursor.rawValue) { $0.write(cursor) }
        head.write(Key.witness.rawValue) { $0.write(witness) }
        head.write(Key.fingerprint.rawValue) { $0.write(fingerprint.bytes) }
        head.write(Key.budget.rawValue) { $0.write(budget) }
        head.write(Key.milliseconds.rawValue) { $0.write(milliseconds) }
        if isRepair { head.write(Key.repair.rawValue) { $0.write(true) } }
        if let report { head.write(Key.report.rawValue) { $0.write(report) } }
        if !sums.isEmpty { head.write(Key.sums.rawValue) { $0.writeList(sums) { $0.write($1) } } }
        if !wanted.isEmpty { head.write(Key.wanted.rawValue) { $0.writeList(wanted) { $0.write($1.bytes) } } }
        if !offers.isEmpty { head.write(Key.offers.rawValue) { $0.writeList(offers) { $0.write($1) } } }
        if let waitSeconds { head.write(Key.wait.rawValue) { $0.write(waitSeconds) } }
        if let repairHead { head.write(Key.repairHead.rawValue) { $0.write(repairHead) } }
        if !backupQuestions.isEmpty {
            head.write(Key.backupQuestions.rawValue) { $0.writeList(backupQuestions) { $0.write($1.bytes) } }
        }
        if let condition { head.write(Key.condition.rawValue) { $0.writeEncoded(condition.encoded) } }
        if !policies.isEmpty {
            head.write(Key.policies.rawValue) { $0.writeEncoded(HeldPolicy.encode(policies)) }
        }
        if let audit { head.write(Key.audit.rawValue) { audit.write(to: &$0) } }
        var writer = head.finished
        for push in pushes { push.write(to: &writer) }
        return writer.bytes
    }

    /// The version that a request or a response is of. It is the head's first member in every version, so that a later
    /// one can be answered with a reason.
    package static func version(of bytes: [UInt8]) throws(CBORError) -> UInt64 {
        var reader = CBORReader(bytes)
        guard try reader.readMap(countMax: Limits.membersMax) > 0,
            try reader.readUnsigned() == Key.version.rawValue
        else { throw reader.failure(.unexpectedType) }
        return try reader.readUnsigned()
    }

    /// Reads a request of this version: refused as a whole if any part of it is not as it must be.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        guard bytes.count <= Limits.exchangeBytesMax else { throw CBORError(reason: .tooLong, offset: 0) }
        var reader = CBORReader(bytes)
        self.init(
            hospital: HospitalID(record: CaseID(milliseconds: 0, random: (0, 0))), budget: 0, milliseconds: 0)
        var required: Set<UInt64> = [
            Key.version.rawValue, Key.hospital.rawValue, Key.heads.rawValue, Key.cursor.rawValue,
            Key.witness.rawValue, Key.fingerprint.rawValue, Key.budget.rawValue, Key.milliseconds.rawValue,
        ]
        try reader.readKeyed { reader, key throws(CBORError) in
            required.remove(key)
            try self.readMember(key, from: &reader)
        }
        guard required.isEmpty else { throw reader.failure(.unexpectedType) }
        while !reader.isAtEnd {
            guard pushes.count < Limits.itemsPerExchangeMax else { throw reader.failure(.tooLong) }
            pushes.append(try Push(from: &reader))
        }
    }

    private mutating func readMember(_ key: UInt64, from reader: inout CBORReader) throws(CBORError) {
        switch Key(rawValue: key) {
        case .version: version = try reader.readUnsigned()
        case .hospital: hospital = HospitalID(record: try reader.readCaseID())
        case .epoch: epoch = try reader.readEpoch()
        case .heads:
            heads = try reader.readList(countMax: Limits.headsMax, distinct: \.replica) {
                reader throws(CBORError) in
                try reader.readReplicaHead()
            }
        case .cursor: cursor = try reader.readCounter()
        case .witness: witness = try reader.readFeedPoint()
        case .fingerprint: fingerprint = Fingerprint(rawValue: try reader.readDigest())
        case .budget: budget = try reader.readCounter()
        case .milliseconds: milliseconds = try reader.readCounter()
        case .repair: isRepair = try reader.readTrue()
        case .report: report = try reader.readReport()
        case .sums:
            sums = try reader.readList(countMax: Limits.caseSumsMax, distinct: \.caseID) {
                reader throws(CBORError) in
                try reader.readArray(count: 2)
                return CaseSum(
                    caseID: try reader.readCaseID(),
                    fingerprint: Fingerprint(rawValue: try reader.readDigest()))
            }
        case .wanted:
            wanted = try reader.readList(countMax: Limits.caseSumsMax, distinct: \.self) {
                reader throws(CBORError) in
                try reader.readCaseID()
            }
        case .offers: offers = try reader.readOffers()
        case .wait:
            let seconds = try reader.readUnsigned()
            guard seconds <= Limits.waitSecondsMax else { throw reader.failure(.tooLong) }
            waitSeconds = seconds
        case .repairHead: repairHead = try reader.readFeedPoint()
        case .backupQuestions: backupQuestions = try reader.readHashes(countMax: Limits.backupQuestionsMax)
        case .condition: condition = try Condition(from: &reader)
        case .policies: policies = try HeldPolicy.list(from: &reader)
        case .audit: audit = try AuditAnchor(from: &reader)
        case nil: _ = try reader.readEncodedItem(depthMax: Limits.valueDepthMax)
        }
    }
}
