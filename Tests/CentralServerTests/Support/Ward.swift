import SyncProtocol

@testable import CentralServer

/// A hospital's computer as central sees it: it sends exchanges and looks at the answers.
struct Ward {
    let world: World
    let hospital: HospitalRecord
    let device: DeviceRecord

    func request(_ pushes: [Push] = [], heads: [ReplicaHead] = []) -> ExchangeRequest {
        var request = ExchangeRequest(
            hospital: hospital.id, budget: 1_000_000, milliseconds: 1_790_000_000_000)
        request.pushes = pushes
        request.heads = heads
        return request
    }

    func arrival(_ request: ExchangeRequest) -> Intake.Arrival {
        Intake.Arrival(request: request, device: device, milliseconds: world.environment.now())
    }

    @discardableResult
    func exchange(_ request: ExchangeRequest) async throws -> ExchangeResponse {
        try await Intake.commit([arrival(request)], to: world.store, world.books)[0].get()
    }

    @discardableResult
    func push(_ pushes: Push...) async throws -> ExchangeResponse { try await exchange(request(pushes)) }

    /// The same hospital with a second computer.
    func secondComputer() async throws -> Ward {
        Ward(world: world, hospital: hospital, device: try await world.device(of: hospital.id))
    }
}

/// One replica: writes changes and sends them in runs.
struct Writer {
    let replica: ReplicaID
    private(set) var changes: [Change] = []
    private var bodies: [[UInt8]] = []
    private var chains: [Chain] = [.start]
    private var editions: [CaseID: UInt64] = [:]

    init(_ number: UInt64) { replica = ReplicaID(rawValue: number) }

    var length: UInt64 { UInt64(bodies.count) }

    var head: ReplicaHead { head(at: bodies.count) }

    func head(at count: Int) -> ReplicaHead {
        ReplicaHead(replica: replica, sequence: UInt64(count), chain: chains[count])
    }

    /// Writes groups with values and the dots that they replace.
    @discardableResult
    mutating func write(
        _ caseID: CaseID, _ writes: [UInt32: ([CBOR], [Dot])], role: Role = .window, unit: String = "H1",
        milliseconds: UInt64 = 1_790_000_000_000
    ) throws -> Change {
        var content = ChangeContent(
            time: HybridTime(milliseconds: milliseconds),
            author: Author(role: role, unit: unit, user: "clerk"))
        for (group, write) in writes {
            content.writes[GroupID(rawValue: group)] = ChangeContent.Write(value: write.0, replaces: write.1)
        }
        let edition = editions[caseID, default: 0] + 1
        let change = try Change(
            replica: replica, sequence: length + 1, caseID: caseID, edition: edition, content: content)
        editions[caseID] = edition
        changes.append(change)
        append(change.body)
        return change
    }

    var watermark: Watermark { Watermark(replica: replica, sequence: length) }

    /// The next body of a case, of a schema that nobody knows yet.
    func laterBody(of caseID: CaseID) throws -> [UInt8] {
        CBOR.array([
            .bytes(caseID.bytes), .unsigned(editions[caseID, default: 0] + 1), .unsigned(9), .text("?"),
        ]).encoded
    }

    /// Adds any bytes as a body.
    mutating func append(_ body: [UInt8]) {
        let id = ContentID(replica: replica, sequence: length + 1, body: body)
        bodies.append(body)
        chains.append(chains[chains.count - 1].appending(id))
    }

    /// The bodies from one sequence through another.
    func run(_ first: Int = 1, through last: Int? = nil) -> Push {
        .run(
            replica: replica, first: UInt64(first), chain: chains[first - 1],
            bodies: Array(bodies[(first - 1)..<(last ?? bodies.count)]))
    }
}

extension Push {
    /// Any change with a receipt.
    static func foreign(_ change: Change, _ receipt: Receipt) -> Push {
        .foreign(replica: change.replica, sequence: change.sequence, body: change.body, receipt: receipt)
    }
}

extension CBOR {
    /// A child's name, as group 20 holds it.
    static func name(_ text: String) -> [CBOR] { [.text(text)] }
}
