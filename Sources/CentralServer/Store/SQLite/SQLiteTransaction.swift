import Cryptography
import Persistence
import SyncProtocol

/// The steps of a transaction as SQL. One literal per statement, in the one function that runs it.
struct SQLiteTransaction: CentralTransaction {
    let session: StoreSession

    init(_ session: StoreSession) { self.session = session }

    func savepoint<R>(_ body: () throws(CentralError) -> R) throws(CentralError) -> R {
        do { return try session.database.savepoint(body) } catch { throw CentralError(anyOf: error) }
    }

    /// Runs statements and tells their errors in central's words.
    func run<R>(_ body: (SQLConnection) throws(DatabaseError) -> R) throws(CentralError) -> R {
        do throws(DatabaseError) { return try body(session.database) } catch { throw CentralError(error) }
    }
}

extension SQLiteValue {
    init(_ number: UInt64) { self = .integer(Int64(bitPattern: number)) }
    init(_ replica: ReplicaID) { self.init(replica.rawValue) }
    init(_ id: CaseID) { self = .blob(id.bytes) }
    init(_ hospital: HospitalID) { self = .blob(hospital.bytes) }
    init(_ device: DeviceID) { self = .blob(device.bytes) }
    init(_ id: ContentID) { self = .digest(id.bytes) }
    init(_ chain: Chain) { self = .digest(chain.bytes) }
    init(_ fingerprint: Fingerprint) { self = .digest(fingerprint.bytes) }
    /// Hides what may be a digest; what is none stays as it is.
    init(hiding bytes: [UInt8]) { self = bytes.count == Digest.byteCount ? .digest(bytes) : .blob(bytes) }
    /// A change's body, sealed for its case.
    init(body change: Change) { self = .sealed(change.body, .of(change.caseID.bytes, SealedColumn.body)) }
    init(_ dots: [Dot]) {
        var writer = CBORWriter()
        writer.write(dots)
        self = .blob(writer.bytes)
    }
}

extension Row {
    func number(_ column: Int32) throws(DatabaseError) -> UInt64 { UInt64(bitPattern: try integer(column)) }

    func count(_ column: Int32) throws(DatabaseError) -> Int { Int(try integer(column)) }

    func replica(_ column: Int32) throws(DatabaseError) -> ReplicaID {
        ReplicaID(rawValue: try number(column))
    }

    func caseID(_ column: Int32) throws(DatabaseError) -> CaseID {
        guard let id = CaseID(bytes: try blob(column)) else { throw unexpected(column, wanted: "a case ID") }
        return id
    }

    func hospital(_ column: Int32) throws(DatabaseError) -> HospitalID {
        HospitalID(record: try caseID(column))
    }

    func device(_ column: Int32) throws(DatabaseError) -> DeviceID { DeviceID(rawValue: try caseID(column)) }

    func contentID(_ column: Int32) throws(DatabaseError) -> ContentID {
        ContentID(rawValue: try digest(column))
    }

    func chain(_ column: Int32) throws(DatabaseError) -> Chain { Chain(rawValue: try digest(column)) }

    func fingerprint(_ column: Int32) throws(DatabaseError) -> Fingerprint {
        Fingerprint(rawValue: try digest(column))
    }

    func optionalChain(_ column: Int32) throws(DatabaseError) -> Chain? {
        try optionalBlob(column) == nil ? nil : try chain(column)
    }

    func feedHead(_ first: Int32) throws(DatabaseError) -> FeedHead {
        FeedHead(
            position: try number(first), chain: try chain(first + 1), fingerprint: try fingerprint(first + 2))
    }

    func dots(_ column: Int32) throws(DatabaseError) -> [Dot] {
        var reader = CBORReader(try blob(column))
        do throws(CBORError) { return try reader.readDots() } catch {
            throw unexpected(column, wanted: "dots")
        }
    }

    /// Replica, sequence, content ID and body in four columns. A body that its content ID does not name is an error: what the
    /// disk has altered is neither folded nor passed on.
    func change(_ first: Int32) throws(DatabaseError) -> Change {
        let (replica, sequence) = (try replica(first), try number(first + 1))
        let (id, body) = (try contentID(first + 2), try sealed(first + 3, SealedColumn.body))
        do throws(CBORError) {
            let change = try Change(replica: replica, sequence: sequence, body: body)
            if change.id == id { return change }
        } catch {}  // the same sentence for both
        throw unexpected(first + 3, wanted: "the body that the content ID names")
    }

    func digest(_ column: Int32) throws(DatabaseError) -> Digest {
        guard let digest = Digest(bytes: try digestBytes(column)) else {
            throw unexpected(column, wanted: "32 bytes")
        }
        return digest
    }

    /// What may be a hidden digest.
    func hidden(_ column: Int32) throws(DatabaseError) -> [UInt8] {
        let bytes = try blob(column)
        return bytes.count == Digest.byteCount ? try digestBytes(column) : bytes
    }
}
