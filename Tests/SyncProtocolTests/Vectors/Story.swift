import SyncProtocol

/// The hospital, the cases and the changes of which the vectors and PROTOCOL.md tell.
enum Story {
    static let hospital = HospitalID(
        record: CaseID(milliseconds: 1_750_000_000_000, random: (0x123, 0x4567 << 2)))
    /// A newborn's case at this hospital.
    static let newborn = CaseID(milliseconds: 1_750_000_001_000, random: (0xABC, 0x1111 << 2))
    /// A case that moves in.
    static let twin = CaseID(milliseconds: 1_750_000_002_000, random: (0xDEF, 0x2222 << 2))

    /// The agent's replica, the one before it, central's before and after its restore, and another hospital's.
    static let agent = ReplicaID(rawValue: 0xA1A1_A1A1_A1A1_A1A1)
    static let central = ReplicaID(rawValue: 0xC0C0_C0C0_C0C0_C0C0)
    static let other = ReplicaID(rawValue: 0xD3D3_D3D3_D3D3_D3D3)

    static let epoch = Epoch(rawValue: 0xE0E0_0000_0000_0001)
    static let laterEpoch = Epoch(rawValue: 0xE0E0_0000_0000_0002)
    static let receiptKey = (0..<32).map { UInt8($0) }

    private static let window = Author(role: .window, unit: "451102", user: "li")
    private static let office = Author(role: .central, unit: "", user: "ingest")

    /// The birth is registered: two groups, nothing replaced.
    static let a1 = make(
        agent, 1, newborn, 1,
        ChangeContent(
            writes: [
                group(12): write([.text("王小明"), .null]),
                group(31): write([.unsigned(3250), .float(50.5), .bool(true)]),
            ], time: time(10), author: window))

    /// A correction with a doubtful clock; group 40 belongs to a department.
    static let a2 = make(
        agent, 2, newborn, 2,
        ChangeContent(
            writes: [
                group(12): write([.text("王晓明"), .null], replacing: [a1.dot]),
                group(40): write([.text("done")]),
            ], time: time(20), author: window, isDoubtful: true, basis: [group(31): [a1.dot]],
            reason: "姓名有误"))

    /// Central sets it aside.
    static let c1 = make(
        central, 1, newborn, 1,
        ChangeContent(
            time: time(30), author: office,
            asides: [a2.id: ChangeContent.Aside(reason: "owner:40", replaces: [])]))

    /// Written at the other hospital, before the case moved.
    static let d1 = make(
        other, 7, twin, 1,
        ChangeContent(
            writes: [group(12): write([.text("王小红"), .null])], time: time(5),
            author: Author(role: .window, unit: "451103", user: "huang")))

    /// A person at central settles something on it.
    static let c2 = make(
        central, 2, twin, 1,
        ChangeContent(
            writes: [group(12): write([.text("王晓红"), .null], replacing: [d1.dot])], time: time(40),
            author: Author(role: .central, unit: "", user: "chen"), reason: "与户口簿一致"))

    /// The agent's change of the case that moved in, not sent before that moved on; group 40 is not its own.
    static let a3 = make(
        agent, 3, twin, 1,
        ChangeContent(
            writes: [group(40): write([.text("done")])], time: time(41), author: window, reason: "已办"))

    /// Central sets it aside.
    static let c3 = make(
        central, 3, twin, 2,
        ChangeContent(
            time: time(50), author: office,
            asides: [a3.id: ChangeContent.Aside(reason: "owner:40", replaces: [])]))

    /// What a clone of the agent wrote as its second change.
    static let clone = make(
        agent, 2, newborn, 2,
        ChangeContent(
            writes: [group(31): write([.unsigned(3260), .float(50.5), .bool(true)])], time: time(21),
            author: window))

    /// Central's proof, as any program with the key computes it.
    static func receipt(of change: Change) -> Receipt {
        let padded = receiptKey + [UInt8](repeating: 0, count: 64 - receiptKey.count)
        let inner = sha256(padded.map { $0 ^ 0x36 } + Receipt.input(change.id, for: hospital))
        let outer = sha256(padded.map { $0 ^ 0x5C } + inner)
        guard let receipt = Receipt(bytes: Array(outer.prefix(Receipt.byteCount))) else {
            preconditionFailure("a digest has more bytes than a receipt")
        }
        return receipt
    }

    /// A content ID is the SHA-256 of replica, sequence and body, whatever these bytes are.
    private static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        let words = [0, 8].map { UInt64(bigEndianBytes: bytes[$0..<$0 + 8]) ?? 0 }
        return ContentID(
            replica: ReplicaID(rawValue: words[0]), sequence: words[1], body: Array(bytes[16...])
        ).bytes
    }

    static func chain(_ changes: [Change]) -> Chain { changes.reduce(.start) { $0.appending($1.id) } }

    static func sum(_ changes: [Change]) -> Fingerprint {
        changes.reduce(into: .empty) { $0.add($1.id) }
    }

    private static func group(_ number: UInt32) -> GroupID { GroupID(rawValue: number) }
    private static func time(_ seconds: UInt64) -> HybridTime {
        HybridTime(milliseconds: 1_750_000_000_000 + seconds * 1000, counter: 1)
    }

    private static func write(_ value: [CBOR], replacing dots: [Dot] = []) -> ChangeContent.Write {
        ChangeContent.Write(value: value, replaces: dots)
    }

    private static func make(
        _ replica: ReplicaID, _ sequence: UInt64, _ caseID: CaseID, _ edition: UInt64,
        _ content: ChangeContent
    ) -> Change {
        do throws(CBORError) {
            return try Change(
                replica: replica, sequence: sequence, caseID: caseID, edition: edition, content: content)
        } catch { preconditionFailure("\(error)") }
    }
}
