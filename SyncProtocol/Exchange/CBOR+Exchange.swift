/// A map whose members are written one by one under ascending keys, some of them left out.
package struct KeyedWriter {
    private var members = CBORWriter()
    private var count = 0

    package init() {}

    package mutating func write(_ key: UInt64, _ body: (inout CBORWriter) -> Void) {
        members.write(key)
        body(&members)
        count += 1
    }

    /// The whole map, to which items of a sequence may be added.
    package var finished: CBORWriter {
        var writer = CBORWriter()
        writer.writeMap(count)
        writer.writeEncoded(members.bytes)
        return writer
    }
}

extension CBORWriter {
    package mutating func writeList<Item>(_ items: [Item], _ body: (inout CBORWriter, Item) -> Void) {
        writeArray(items.count)
        for item in items { body(&self, item) }
    }

    mutating func write(_ point: FeedPoint) {
        writeArray(2)
        write(point.position)
        write(point.chain.bytes)
    }

    mutating func write(_ head: ReplicaHead) {
        writeArray(3)
        write(head.replica.bytes)
        write(head.sequence)
        write(head.chain.bytes)
    }

    mutating func write(_ watermark: Watermark) {
        writeArray(2)
        write(watermark.replica.bytes)
        write(watermark.sequence)
    }

    mutating func write(_ sum: CaseSum) {
        writeArray(2)
        write(sum.caseID.bytes)
        write(sum.fingerprint.bytes)
    }

    mutating func write(_ report: ExchangeRequest.Report) {
        writeArray(3)
        write(report.outboxCount)
        write(report.oldestMilliseconds)
        write(report.softwareVersion)
    }

    mutating func write(_ fork: ExchangeResponse.Fork) {
        writeArray(2)
        write(fork.replica.bytes)
        writeList(fork.checkpoints) { $0.write($1) }
    }

    mutating func write(_ difference: ExchangeResponse.Difference) {
        writeArray(2)
        write(difference.caseID.bytes)
        write(difference.seen)
    }

    mutating func write(_ unreadable: ExchangeResponse.Unreadable) {
        writeArray(3)
        write(unreadable.replica.bytes)
        write(unreadable.sequence)
        write(unreadable.reason)
    }
}

extension CBORReader {
    /// Reads a map with ascending unsigned keys; `readMember` reads what stands under each.
    package mutating func readKeyed(
        _ readMember: (inout CBORReader, UInt64) throws(CBORError) -> Void
    ) throws(CBORError) {
        var order = AscendingOrder<UInt64>()
        for _ in 0..<(try readMap(countMax: Limits.membersMax)) {
            let key = try readUnsigned()
            try order.check(key, at: self)
            try readMember(&self, key)
        }
    }

    package mutating func readList<Item>(
        countMax: Int, _ readItem: (inout CBORReader) throws(CBORError) -> Item
    ) throws(CBORError) -> [Item] {
        var items: [Item] = []
        for _ in 0..<(try readArray(countMax: countMax)) { items.append(try readItem(&self)) }
        return items
    }

    /// A list in which nothing is named twice, so that its reader may make a dictionary of it.
    mutating func readList<Item, Name: Hashable>(
        countMax: Int, distinct name: (Item) -> Name, _ readItem: (inout CBORReader) throws(CBORError) -> Item
    ) throws(CBORError) -> [Item] {
        var names: Set<Name> = []
        return try readList(countMax: countMax) { reader throws(CBORError) in
            let item = try readItem(&reader)
            guard names.insert(name(item)).inserted else { throw reader.failure(.repeated) }
            return item
        }
    }

    /// A flag that is left out when it is not set.
    mutating func readTrue() throws(CBORError) -> Bool {
        guard try readBool() else { throw failure(.unexpectedType) }
        return true
    }

    mutating func readEpoch() throws(CBORError) -> Epoch {
        guard let value = UInt64(bigEndianBytes: try readBytes(count: 8)) else {
            throw failure(.unexpectedType)
        }
        return Epoch(rawValue: value)
    }

    mutating func readFeedPoint() throws(CBORError) -> FeedPoint {
        try readArray(count: 2)
        return FeedPoint(position: try readCounter(), chain: Chain(rawValue: try readDigest()))
    }

    mutating func readReplicaHead() throws(CBORError) -> ReplicaHead {
        try readArray(count: 3)
        return ReplicaHead(
            replica: try readReplica(), sequence: try readCounter(), chain: Chain(rawValue: try readDigest()))
    }

    mutating func readWatermarks() throws(CBORError) -> [Watermark] {
        try readList(countMax: Limits.headsMax, distinct: \.replica) { reader throws(CBORError) in
            try reader.readArray(count: 2)
            return Watermark(replica: try reader.readReplica(), sequence: try reader.readCounter())
        }
    }

    mutating func readReport() throws(CBORError) -> ExchangeRequest.Report {
        try readArray(count: 3)
        return ExchangeRequest.Report(
            outboxCount: try readCounter(), oldestMilliseconds: try readCounter(),
            softwareVersion: try readText(bytesMax: Limits.nameBytesMax))
    }

    mutating func readFork() throws(CBORError) -> ExchangeResponse.Fork {
        try readArray(count: 2)
        let replica = try readReplica()
        let checkpoints = try readList(countMax: Limits.checkpointsMax) { reader throws(CBORError) in
            try reader.readReplicaHead()
        }
        return ExchangeResponse.Fork(replica: replica, checkpoints: checkpoints)
    }
}
