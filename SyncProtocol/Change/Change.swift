/// One saved act of one author on one case: stored, sent and never altered.
///
/// The envelope (replica, sequence) is for transport; the body's bytes are kept exactly as their author encoded them:
///
///     body    = [case: bstr .size 16, edition: uint, schema: uint, content]
///     content = {0: writes, 1: time, 2: author, ? 3: true, ? 4: basis, ? 5: reason, ? 6: asides, * uint => any}
///     writes  = {* group: uint => [[* member], [* dot]]}      dot    = [replica: bstr .size 8, edition: uint]
///     basis   = {+ group: uint => [* dot]}                    author = [role: uint, unit: tstr, user: tstr]
///     asides  = {+ content ID: bstr .size 32 => [tstr / null, [* dot]]}
///
/// Case and edition are frozen: every version of the program can read them. A change whose content is of a later schema,
/// or does not decode, is kept and passed on like any other and has no effect on the fold.
package struct Change: Sendable, Identifiable {
    package let replica: ReplicaID
    /// 1, 2, 3 … of its replica, without gaps.
    package let sequence: UInt64
    /// The body as its author encoded it.
    package let body: [UInt8]
    /// The content ID: two changes are the same if it is.
    package let id: ContentID
    package let caseID: CaseID
    /// 1, 2, 3 … of its replica on this case, without gaps.
    package let edition: UInt64
    /// What the rest of the body is to be read as.
    package let schema: UInt64
    /// Nil if the schema is a later one, or the bytes are not what it demands.
    package let content: ChangeContent?

    /// The schema that this version writes.
    package static let schema: UInt64 = 1

    /// Takes in a change as it was stored or received.
    ///
    /// - Throws: if the frozen head does not decode, or the body is larger than ``Limits/bodyBytesMax``.
    package init(replica: ReplicaID, sequence: UInt64, body: [UInt8]) throws(CBORError) {
        guard body.count <= Limits.bodyBytesMax else { throw CBORError(reason: .tooLong, offset: 0) }
        var reader = CBORReader(body)
        let count = try reader.readArray(countMax: Limits.membersPerBodyMax)
        guard count >= 3, sequence > 0, sequence <= Limits.counterMax else {
            throw reader.failure(.unexpectedType)
        }
        caseID = try reader.readCaseID()
        edition = try reader.readCounter()
        guard edition > 0 else { throw reader.failure(.unexpectedType) }
        schema = try reader.readUnsigned()
        self.replica = replica
        self.sequence = sequence
        self.body = body
        id = ContentID(replica: replica, sequence: sequence, body: body)
        // What does not decode is a fact about the change that the caller sees as nil, and central sets it aside.
        content = try? Self.content(
            of: reader, count: count, schema: schema, dot: Dot(replica: replica, edition: edition))
    }

    /// A new change, encoded here once and for all.
    ///
    /// - Throws: if the content is beyond a limit, or names a dot of its own replica that does not exist yet.
    package init(
        replica: ReplicaID, sequence: UInt64, caseID: CaseID, edition: UInt64, content: ChangeContent
    ) throws(CBORError) {
        var writer = CBORWriter()
        writer.writeArray(4)
        writer.write(caseID.bytes)
        writer.write(edition)
        writer.write(Self.schema)
        content.write(to: &writer)
        try self.init(replica: replica, sequence: sequence, body: writer.bytes)
        guard self.content == nil else { return }
        var reader = CBORReader(body)
        try reader.readArray(count: 4)
        (_, _, _) = (try reader.readCaseID(), try reader.readCounter(), try reader.readCounter())
        _ = try Self.content(of: reader, count: 4, schema: Self.schema, dot: dot)  // throws the reason
    }

    /// What is left of a change when its case is erased. It is the same change by its content ID, and has no content.
    package var erased: Change { isErased ? self : Change(erasing: self) }

    /// Whether its content was erased.
    package var isErased: Bool { schema == ErasedBody.schema && ErasedBody.name(in: body) != nil }

    private init(erasing change: Change) {
        (replica, sequence) = (change.replica, change.sequence)
        (caseID, edition, id) = (change.caseID, change.edition, change.id)
        (schema, content) = (ErasedBody.schema, nil)
        body = ErasedBody.encoded(caseID, edition: edition, name: id)
    }

    /// The name of the change within its case.
    package var dot: Dot { Dot(replica: replica, edition: edition) }

    /// The content of schema 1, if it is whole and names no dot of its own replica that did not exist yet.
    private static func content(
        of reader: CBORReader, count: Int, schema: UInt64, dot: Dot
    ) throws(CBORError) -> ChangeContent {
        guard schema == Self.schema, count == 4 else { throw reader.failure(.unexpectedType) }
        var reader = reader
        let content = try ChangeContent(from: &reader)
        try reader.finish()
        guard content.namedDots.allSatisfy({ $0.replica != dot.replica || $0.edition < dot.edition }) else {
            throw reader.failure(.selfReference)
        }
        return content
    }
}

extension Change: Hashable {
    package static func == (left: Change, right: Change) -> Bool { left.id == right.id }
    package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
