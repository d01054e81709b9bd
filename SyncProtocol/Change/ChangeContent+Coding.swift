extension ChangeContent {
    /// The keys of the content's map. Keys above are for later versions: kept in the bytes, skipped on reading.
    enum Key: UInt64 {
        case writes = 0
        case time = 1
        case author = 2
        case doubt = 3
        case basis = 4
        case reason = 5
        case asides = 6
    }

    func write(to writer: inout CBORWriter) {
        writer.writeMap(
            3 + (isDoubtful ? 1 : 0) + (basis.isEmpty ? 0 : 1) + (reason == nil ? 0 : 1)
                + (asides.isEmpty ? 0 : 1))
        writer.write(Key.writes.rawValue)
        writer.writeMap(writes.count)
        for (group, write) in writes.sorted(by: { $0.key < $1.key }) {
            writer.write(UInt64(group.rawValue))
            writer.writeArray(2)
            writer.writeArray(write.value.count)
            for member in write.value { writer.write(member) }
            writer.write(write.replaces)
        }
        writer.write(Key.time.rawValue)
        writer.write(time.rawValue)
        writer.write(Key.author.rawValue)
        writer.write(author)
        if isDoubtful {
            writer.write(Key.doubt.rawValue)
            writer.write(true)
        }
        if !basis.isEmpty {
            writer.write(Key.basis.rawValue)
            writer.writeMap(basis.count)
            for (group, dots) in basis.sorted(by: { $0.key < $1.key }) {
                writer.write(UInt64(group.rawValue))
                writer.write(dots)
            }
        }
        if let reason {
            writer.write(Key.reason.rawValue)
            writer.write(reason)
        }
        if !asides.isEmpty { writeAsides(to: &writer) }
    }

    private func writeAsides(to writer: inout CBORWriter) {
        writer.write(Key.asides.rawValue)
        writer.writeMap(asides.count)
        for (target, aside) in asides.sorted(by: { $0.key < $1.key }) {
            writer.write(target.bytes)
            writer.writeArray(2)
            if let reason = aside.reason { writer.write(reason) } else { writer.writeNull() }
            writer.write(aside.replaces)
        }
    }

    init(from reader: inout CBORReader) throws(CBORError) {
        self.init(time: HybridTime(rawValue: 0), author: Author(role: .window, unit: "", user: ""))
        var required: Set<UInt64> = [Key.writes.rawValue, Key.time.rawValue, Key.author.rawValue]
        var order = AscendingOrder<UInt64>()
        for _ in 0..<(try reader.readMap(countMax: Limits.membersMax)) {
            let key = try reader.readUnsigned()
            try order.check(key, at: reader)
            required.remove(key)
            try readMember(key, from: &reader)
        }
        guard required.isEmpty else { throw reader.failure(.unexpectedType) }
    }

    private mutating func readMember(_ key: UInt64, from reader: inout CBORReader) throws(CBORError) {
        switch Key(rawValue: key) {
        case .writes: writes = try Self.readWrites(from: &reader)
        case .time: time = HybridTime(rawValue: try reader.readCounter())
        case .author: author = try reader.readAuthor()
        case .doubt:
            isDoubtful = try reader.readBool()
            guard isDoubtful else { throw reader.failure(.unexpectedType) }
        case .basis:
            basis = try reader.readGroups { reader throws(CBORError) in try reader.readDots() }
            guard !basis.isEmpty else { throw reader.failure(.unexpectedType) }
        case .reason: reason = try reader.readText(bytesMax: Limits.reasonBytesMax)
        case .asides: asides = try Self.readAsides(from: &reader)
        case nil: _ = try reader.readEncodedItem(depthMax: Limits.valueDepthMax)
        }
    }

    private static func readWrites(from reader: inout CBORReader) throws(CBORError) -> [GroupID: Write] {
        try reader.readGroups { reader throws(CBORError) in
            try reader.readArray(count: 2)
            guard case .array(let value) = try reader.readValue(depthMax: Limits.valueDepthMax) else {
                throw reader.failure(.unexpectedType)
            }
            return Write(value: value, replaces: try reader.readDots())
        }
    }

    private static func readAsides(from reader: inout CBORReader) throws(CBORError) -> [ContentID: Aside] {
        var asides: [ContentID: Aside] = [:]
        var order = AscendingOrder<ContentID>()
        let count = try reader.readMap(countMax: Limits.asidesPerChangeMax)
        guard count > 0 else { throw reader.failure(.unexpectedType) }
        for _ in 0..<count {
            let target = try reader.readContentID()
            try order.check(target, at: reader)
            try reader.readArray(count: 2)
            let reason =
                reader.readNullIfPresent() ? nil : try reader.readText(bytesMax: Limits.reasonBytesMax)
            asides[target] = Aside(reason: reason, replaces: try reader.readDots())
        }
        return asides
    }
}
