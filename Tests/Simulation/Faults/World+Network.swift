import CentralServer
import SyncProtocol
import Web
import WindowAgent

/// Exchanges over a network that cuts, repeats and delays.
extension World {
    /// How one exchange fares.
    enum Passage: String, CaseIterable {
        case whole
        case requestLost = "request lost"
        case answerLost = "answer lost"
        /// The window repeats what central has carried out, and hears the second answer.
        case repeated
        /// The network delivers the very same bytes twice.
        case echoed
        case answerLate = "answer late"
        /// The window gives up; the request arrives some time later.
        case requestLate = "request late"
        case windowRestarts = "window restarts"
        case windowCrashes = "window crashes"
        case centralCrashes = "central crashes"
    }

    func exchangeSomehow() async throws {
        let index = try anyMachine()
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let misfortune = Passage.allCases.randomElement(using: &random) ?? .whole
            let passage = random.chance(1, in: 2) ? .whole : misfortune
            let bytesMax = [1, 400, 2000, 100_000].randomElement(using: &random) ?? 1
            let budget = [1, 300, 5000, 1 << 20].randomElement(using: &random) ?? 1
            note("exchange: \(machines[index].name) \(passage.rawValue)")
            _ = try await exchange(index, passage, bytesMax: bytesMax, budget: UInt64(budget))
        }
        try await deliverLate()
    }

    /// One exchange.
    ///
    /// - Returns: what the window made of the answer; nil if none came.
    @discardableResult
    func exchange(
        _ index: Int, _ passage: Passage = .whole, bytesMax: Int = 1 << 20, budget: UInt64 = 1 << 20
    ) async throws -> Taken? {
        let store = machines[index].store
        let outgoing = try await store.compose(bytesMax: bytesMax, budget: budget)
        switch passage {
        case .whole, .windowCrashes:
            let response = try await carry(outgoing, from: index)
            let logBytes = disk.logBytes(of: machines[index].file)
            let taken = try await store.take(response, for: outgoing)
            if passage == .windowCrashes { try await crash(index, since: logBytes) }
            return taken
        case .requestLost: try await store.noteFailure(outgoing, "the request was lost")
        case .answerLost:
            _ = try await carry(outgoing, from: index)
            try await store.noteFailure(outgoing, "the answer was lost")
        case .repeated:
            _ = try await carry(outgoing, from: index)
            return try await store.take(try await carry(outgoing, from: index), for: outgoing)
        case .echoed:
            let request = try request(outgoing, from: index)
            let response = try await response(to: request, outgoing.request, from: index)
            let echo = try await central.respond(to: request)
            if echo.status != 401 { violate("the same bytes were taken twice: \(echo.status)") }
            return try await store.take(response, for: outgoing)
        case .answerLate:
            let response = try await carry(outgoing, from: index)
            machines[index].late.append(Machine.LateAnswer(outgoing: outgoing, response: response))
            try await store.noteFailure(outgoing, "the answer was late")
        case .requestLate:
            lateRequests.append(try request(outgoing, from: index))
            try await store.noteFailure(outgoing, "the request was late")
        case .windowRestarts:
            _ = try await carry(outgoing, from: index)
            try await reopen(index)
        case .centralCrashes:
            let logBytes = disk.logBytes(of: CentralSite.file)
            _ = try await central.respond(to: try request(outgoing, from: index))
            try crashCentral(since: logBytes)
            try await store.noteFailure(outgoing, "central was gone")
        }
        return nil
    }

    private func request(_ outgoing: Outgoing, from index: Int) throws -> Request {
        try machines[index].device.request(
            outgoing.request.encoded, to: "/sync/v1/exchange",
            type: SyncMessage.exchange.mediaType(version: 1),
            at: centralClock.now, nonce: random.next())
    }

    private func carry(_ outgoing: Outgoing, from index: Int) async throws -> ExchangeResponse {
        try await response(to: try request(outgoing, from: index), outgoing.request, from: index)
    }

    private func response(
        to request: Request, _ asked: ExchangeRequest, from index: Int
    ) async throws -> ExchangeResponse {
        let isSame = try await isCentralTheSame(asked)
        let answer = try await central.respond(to: request)
        guard answer.status == 200 else {
            throw Broken("an exchange was refused: \(String(decoding: answer.body, as: UTF8.self))")
        }
        let response = try ExchangeResponse(decoding: try machines[index].device.message(in: answer))
        if response.isRepairNeeded == isSame {
            violate(
                "\(machines[index].name): central \(isSame ? "is" : "is not") what it was, and says otherwise"
            )
        }
        noteAcknowledged(asked, response)
        return response
    }

    /// Whether central has all of the feed that a window ever used; in a repair, all that it has told in this repair.
    private func isCentralTheSame(_ asked: ExchangeRequest) async throws -> Bool {
        try await central.read { transaction throws(CentralError) in
            if asked.isRepair {
                guard let told = asked.repairHead else { return true }
                return try transaction.feedHead(of: asked.hospital, at: told.position)?.point == told
            }
            let head = try transaction.feedHead(of: asked.hospital)?.position ?? 0
            let place = try transaction.feedHead(of: asked.hospital, at: asked.witness.position)
            return asked.cursor <= head && place?.point == asked.witness
        }
    }

    /// What central says is stored, it must keep.
    func noteAcknowledged(_ request: ExchangeRequest, _ response: ExchangeResponse) {
        let stored = Dictionary(response.stored.map { ($0.replica, $0.sequence) }, uniquingKeysWith: min)
        for case .run(let replica, let first, _, let bodies) in request.pushes {
            for (offset, body) in bodies.enumerated()
            where first + UInt64(offset) <= stored[replica, default: 0] {
                // A body that is no change enters no case.
                guard
                    let change = try? Change(replica: replica, sequence: first + UInt64(offset), body: body),
                    let act = Act(change)
                else { continue }
                book.note(change)
                central.held.insert(act)
            }
        }
    }

    /// The network delivers what it still carries, once or twice.
    private func deliverLate() async throws {
        if let request = lateRequests.randomElement(using: &random), random.chance(1, in: 2) {
            note("late request")
            _ = try await central.respond(to: request)
        }
        for index in present where random.chance(1, in: 3) {
            guard let late = machines[index].late.randomElement(using: &random) else { continue }
            note("late answer: \(machines[index].name)")
            _ = try await machines[index].store.take(late.response, for: late.outgoing)
        }
    }
}
