/// What an agent tells of itself now and then, for the fleet view: when it has changed, and every hour.
extension ExchangeRequest {
    /// How the agent stands beside its outbox. A member that is left out is 0, or false.
    package struct Condition: Hashable, Sendable {
        /// How the copy on another medium stands.
        package enum SecondCopy: UInt64, Hashable, Sendable, CaseIterable {
            case none, whole, late, stale, failing
        }

        /// Attachments that wait to be uploaded, and their bytes.
        package var photos: UInt64 = 0
        package var photoBytes: UInt64 = 0
        /// Nil for a state of a later version.
        package var secondCopy: SecondCopy? {
            get { SecondCopy(rawValue: secondCopyCode) }
            set { secondCopyCode = newValue?.rawValue ?? 0 }
        }
        /// As it was told: what a later version says is kept.
        private(set) var secondCopyCode: UInt64 = 0
        /// For how long the second copy has lacked something, in seconds.
        package var behindSeconds: UInt64 = 0
        /// Own changes that central could not read or take.
        package var refused: UInt64 = 0
        /// Changes of its cases that are set aside.
        package var setAside: UInt64 = 0
        /// The link is paid by the byte.
        package var isMetered = false
        /// What may be spent on the link today is spent.
        package var isSpent = false

        package init() {}
    }

    /// The newest version of a policy that an agent has.
    package struct HeldPolicy: Hashable, Sendable {
        package let id: String
        package let version: UInt64

        package init(id: String, version: UInt64) { (self.id, self.version) = (id, version) }
    }
}

extension ExchangeRequest.Condition {
    private enum Key: UInt64 {
        case photos, photoBytes, secondCopy, behindSeconds, refused, setAside, metered, spent
    }

    /// The map of key 22.
    package var encoded: [UInt8] {
        var map = KeyedWriter()
        let numbers: [(Key, UInt64)] = [
            (.photos, photos), (.photoBytes, photoBytes), (.secondCopy, secondCopyCode),
            (.behindSeconds, behindSeconds), (.refused, refused), (.setAside, setAside),
        ]
        for (key, number) in numbers where number > 0 { map.write(key.rawValue) { $0.write(number) } }
        if isMetered { map.write(Key.metered.rawValue) { $0.write(true) } }
        if isSpent { map.write(Key.spent.rawValue) { $0.write(true) } }
        return map.finished.bytes
    }

    /// Reads what ``encoded`` wrote.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        try self.init(from: &reader)
        try reader.finish()
    }

    init(from reader: inout CBORReader) throws(CBORError) {
        self.init()
        try reader.readKeyed { reader, key throws(CBORError) in
            switch Key(rawValue: key) {
            case .photos: photos = try reader.readCounter()
            case .photoBytes: photoBytes = try reader.readCounter()
            case .secondCopy: secondCopyCode = try reader.readCounter()
            case .behindSeconds: behindSeconds = try reader.readCounter()
            case .refused: refused = try reader.readCounter()
            case .setAside: setAside = try reader.readCounter()
            case .metered: isMetered = try reader.readTrue()
            case .spent: isSpent = try reader.readTrue()
            case nil: _ = try reader.readEncodedItem(depthMax: Limits.valueDepthMax)
            }
        }
    }
}

extension ExchangeRequest.HeldPolicy {
    /// The list of key 23.
    package static func encode(_ policies: [Self]) -> [UInt8] {
        var writer = CBORWriter()
        writer.writeList(policies) { writer, policy in
            writer.writeArray(2)
            writer.write(policy.id)
            writer.write(policy.version)
        }
        return writer.bytes
    }

    /// Reads what ``encode(_:)`` wrote.
    package static func decode(_ bytes: [UInt8]) throws(CBORError) -> [Self] {
        var reader = CBORReader(bytes)
        let policies = try list(from: &reader)
        try reader.finish()
        return policies
    }

    static func list(from reader: inout CBORReader) throws(CBORError) -> [Self] {
        try reader.readList(countMax: Limits.heldPoliciesMax, distinct: \.id) { reader throws(CBORError) in
            try reader.readArray(count: 2)
            return Self(
                id: try reader.readText(bytesMax: Limits.nameBytesMax), version: try reader.readCounter())
        }
    }
}
