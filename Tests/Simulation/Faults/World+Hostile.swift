import SyncProtocol

/// What an enrolled computer sends that its program never would.
extension World {
    /// A department's result, or a verdict of central's, that nobody there gave: as a change of its own, or as somebody else's with a
    /// receipt that it made up; also while it says that it repairs.
    func forge() async throws {
        let index = try anyMachine()
        guard let id = try await anyCase() else { return }
        let user = newName(Act.forger)
        let role: Role = random.chance(1, in: 2) ? .department : .central
        let target = random.chance(1, in: 2) ? try await changesAtCentral(of: id).last?.id : nil
        let content = ChangeContent(
            writes: [
                GroupID(rawValue: 200): .init(
                    value: [.text("done"), .text("2026-09-23"), .text(user), .null, .null, .null],
                    replaces: try await changesAtCentral(of: id).suffix(2).map(\.dot))
            ], time: HybridTime(milliseconds: time.now),
            author: Author(role: role, unit: role == .department ? "health" : "", user: user),
            asides: target.map { [$0: .init(reason: user, replaces: [])] } ?? [:])
        let change = try Change(
            replica: ReplicaID(rawValue: random.next()), sequence: 1, caseID: id, edition: 1, content: content
        )
        book.forged.insert(change.id)
        guard let receipt = Receipt(bytes: (0..<16).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        else { return }
        let isOwn = random.chance(1, in: 2)
        note("forgery: \(machines[index].name) \(role) \(isOwn ? "as its own" : "with a receipt")")
        try await send(
            isOwn
                ? .run(replica: change.replica, first: 1, chain: .start, bodies: [change.body])
                : .foreign(replica: change.replica, sequence: 1, body: change.body, receipt: receipt),
            from: index, isRepair: random.chance(1, in: 2))
    }

    /// The names of those begin so who write with a later or broken program.
    static let poisoner = "later"

    /// Changes of a later or broken program, among good ones: a body without a head, one of a later schema, one that is too large, one on a
    /// case of another hospital.
    func poison() async throws {
        let index = try anyMachine()
        guard let id = try await anyCase() else { return }
        let (replica, user) = (ReplicaID(rawValue: random.next()), newName(Self.poisoner))
        var bodies: [[UInt8]] = []
        for edition in 1...Int.random(in: 2...3, using: &random) {
            let content = ChangeContent(
                writes: [GroupID(rawValue: 9): .init(value: [.text("p\(edition)")], replaces: [])],
                time: HybridTime(milliseconds: time.now),
                author: Author(role: .window, unit: machines[index].hospital.code, user: "\(user)-\(edition)")
            )
            let sequence = UInt64(bodies.count + 1)
            let change = try Change(
                replica: replica, sequence: sequence, caseID: id, edition: UInt64(edition), content: content)
            bodies.append(change.body)
            if let act = Act(change) { _ = book.note(act, change, seen: [:]) }
            bodies.append(badBody(on: id, edition: UInt64(100 + edition)))
        }
        note("poison: \(machines[index].name) on \(id)")
        try await send(
            .run(replica: replica, first: 1, chain: .start, bodies: bodies), from: index, isRepair: false)
    }

    private func badBody(on id: CaseID, edition: UInt64) -> [UInt8] {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: [0xFF, 0, 1]
        case 1: [UInt8](repeating: 7, count: Limits.bodyBytesMax + 1)
        case 2: CBOR.array([.bytes(id.bytes), .unsigned(edition), .unsigned(2), .text("later")]).encoded
        default:
            CBOR.array([.bytes(id.bytes), .unsigned(edition), .unsigned(1), .text("no content")]).encoded
        }
    }

    private func send(_ push: Push, from index: Int, isRepair: Bool) async throws {
        let machine = machines[index]
        var request = ExchangeRequest(
            hospital: machine.hospital.id, budget: 1, milliseconds: machine.clock.now)
        request.isRepair = isRepair
        request.pushes = [push]
        let answer = try await central.respond(
            to: try machine.device.request(
                request.encoded, to: "/sync/v1/exchange", type: SyncMessage.exchange.mediaType(version: 1),
                at: centralClock.now,
                nonce: random.next()))
        guard answer.status == 200 else { throw Broken("a device is refused: \(answer.status)") }
        noteAcknowledged(request, try ExchangeResponse(decoding: try machine.device.message(in: answer)))
    }
}
