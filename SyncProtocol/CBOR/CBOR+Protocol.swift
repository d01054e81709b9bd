package import Cryptography

/// Refuses keys that do not strictly ascend.
struct AscendingOrder<Key: Comparable> {
    private var previous: Key?

    mutating func check(_ key: Key, at reader: borrowing CBORReader) throws(CBORError) {
        if let previous, previous >= key { throw reader.failure(.unordered) }
        previous = key
    }
}

/// How the protocol's own types stand in the bytes.
extension CBORWriter {
    /// `[replica, edition]`.
    package mutating func write(_ dot: Dot) {
        writeArray(2)
        write(dot.replica.bytes)
        write(dot.edition)
    }

    /// Dots in ascending order, as the caller has sorted them.
    package mutating func write(_ dots: [Dot]) {
        writeArray(dots.count)
        for dot in dots { write(dot) }
    }

    /// `[role, unit, user]`.
    package mutating func write(_ author: Author) {
        writeArray(3)
        write(UInt64(author.role.rawValue))
        write(author.unit)
        write(author.user)
    }

    /// `[* [replica, edition, [* edition above a gap]]]`, replicas ascending.
    package mutating func write(_ vector: VersionVector) {
        let replicas = vector.replicas
        writeArray(replicas.count)
        for replica in replicas {
            let above = vector.aboveGap.filter { $0.replica == replica }.map(\.edition).sorted()
            writeArray(3)
            write(replica.bytes)
            write(vector.contiguous[replica, default: 0])
            writeArray(above.count)
            for edition in above { write(edition) }
        }
    }
}

extension CBORReader {
    /// Eight bytes.
    package mutating func readReplica() throws(CBORError) -> ReplicaID {
        guard let value = UInt64(bigEndianBytes: try readBytes(count: 8)) else {
            throw failure(.unexpectedType)
        }
        return ReplicaID(rawValue: value)
    }

    /// Any 16 bytes: the version of the UUID is not checked.
    package mutating func readCaseID() throws(CBORError) -> CaseID {
        guard let id = CaseID(bytes: try readBytes(count: CaseID.byteCount)) else {
            throw failure(.unexpectedType)
        }
        return id
    }

    /// 32 bytes.
    package mutating func readDigest() throws(CBORError) -> Digest {
        guard let digest = Digest(bytes: try readBytes(count: Digest.byteCount)) else {
            throw failure(.unexpectedType)
        }
        return digest
    }

    /// 32 bytes that name a change.
    package mutating func readContentID() throws(CBORError) -> ContentID {
        ContentID(rawValue: try readDigest())
    }

    /// A dot; an edition of 0 is refused.
    package mutating func readDot() throws(CBORError) -> Dot {
        try readArray(count: 2)
        let dot = Dot(replica: try readReplica(), edition: try readCounter())
        guard dot.edition > 0 else { throw failure(.unexpectedType) }
        return dot
    }

    /// Dots that strictly ascend.
    package mutating func readDots() throws(CBORError) -> [Dot] {
        var order = AscendingOrder<Dot>()
        var dots: [Dot] = []
        for _ in 0..<(try readArray(countMax: Limits.dotsPerGroupMax)) {
            let dot = try readDot()
            try order.check(dot, at: self)
            dots.append(dot)
        }
        return dots
    }

    /// An author; a role of a later version is refused, so that its change is opaque.
    package mutating func readAuthor() throws(CBORError) -> Author {
        try readArray(count: 3)
        guard let role = Role(rawValue: UInt8(try readUnsigned(max: UInt64(UInt8.max)))) else {
            throw failure(.unexpectedType)
        }
        return Author(
            role: role, unit: try readText(bytesMax: Limits.nameBytesMax),
            user: try readText(bytesMax: Limits.nameBytesMax))
    }

    /// A version vector in its one form: a gap that is none is refused.
    package mutating func readVersionVector() throws(CBORError) -> VersionVector {
        var vector = VersionVector()
        var order = AscendingOrder<ReplicaID>()
        for _ in 0..<(try readArray(countMax: Limits.replicasPerCaseMax)) {
            try readArray(count: 3)
            let replica = try readReplica()
            try order.check(replica, at: self)
            let edition = try readCounter()
            var editions = AscendingOrder<UInt64>()
            var above: [UInt64] = []
            for _ in 0..<(try readArray(countMax: Limits.dotsAboveGapMax)) {
                let next = try readCounter()
                try editions.check(next, at: self)
                guard next > edition + 1 else { throw failure(.unordered) }
                above.append(next)
            }
            guard edition > 0 || !above.isEmpty else { throw failure(.unexpectedType) }
            vector.restore(replica, contiguous: edition, above: above)
        }
        return vector
    }

    /// A map from field groups, ascending, to what `readValue` reads.
    mutating func readGroups<Value>(
        _ readValue: (inout CBORReader) throws(CBORError) -> Value
    ) throws(CBORError) -> [GroupID: Value] {
        var groups: [GroupID: Value] = [:]
        var order = AscendingOrder<GroupID>()
        for _ in 0..<(try readMap(countMax: Limits.groupsPerChangeMax)) {
            let group = GroupID(rawValue: UInt32(try readUnsigned(max: UInt64(UInt32.max))))
            try order.check(group, at: self)
            groups[group] = try readValue(&self)
        }
        return groups
    }
}
