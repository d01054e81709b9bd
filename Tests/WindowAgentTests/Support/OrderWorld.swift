import Casework
import SyncProtocol
import Testing

@testable import WindowAgent

/// A way to central for exchanges and verifies that can be cut at one message, before central acts or after, and from
/// then on until it is healed. It speaks some versions of the protocol, and may add what a later version would.
actor OrderLink: CentralLink, VerifyLink {
    private(set) var central: ModelCentral
    private var messagesLeft: Int?
    private var isAnswerLost = false
    private(set) var messageCount = 0
    /// What central speaks.
    var versions: ClosedRange<UInt64> = 1...1
    /// Added to each head of a response, as a later version would.
    var hasExtras = false
    /// The versions asked in, in order.
    private(set) var asked: [UInt64] = []

    init(_ central: ModelCentral) { self.central = central }

    func speak(_ versions: ClosedRange<UInt64>, hasExtras: Bool = false) {
        (self.versions, self.hasExtras) = (versions, hasExtras)
    }

    func cut(after messages: Int, isAnswerLost: Bool) {
        (messagesLeft, self.isAnswerLost) = (messages, isAnswerLost)
    }

    func heal() { messagesLeft = nil }

    func withCentral<Result: Sendable>(
        _ body: @Sendable (inout ModelCentral) throws -> Result
    ) rethrows -> Result { try body(&central) }

    func exchange(_ request: [UInt8]) async throws(LinkError) -> LinkAnswer {
        try carry(request) { request, central in
            let read = try ExchangeRequest(decoding: request)
            var response = try central.exchange(read, from: "device-1")
            response.version = read.version
            return response.encoded
        }
    }

    func verify(_ request: [UInt8]) async throws(LinkError) -> LinkAnswer {
        try carry(request) { request, central in
            let read = try VerifyRequest(decoding: request)
            var response = try central.verifyAnswer(read)
            response.version = read.version
            return response.encoded
        }
    }

    private func carry(
        _ request: [UInt8], _ answer: ([UInt8], inout ModelCentral) throws -> [UInt8]
    ) throws(LinkError) -> LinkAnswer {
        messageCount += 1
        let isCut = messagesLeft == 0
        if let left = messagesLeft, left > 0 { messagesLeft = left - 1 }
        if isCut, !isAnswerLost { throw .network("cut") }
        do {
            let version = try ExchangeRequest.version(of: request)
            asked.append(version)
            guard versions.contains(version) else { throw LinkError.unsupportedVersion(Array(versions)) }
            var bytes = try answer(request, &central)
            if isCut {
                isAnswerLost = false
                throw LinkError.network("cut")
            }
            if hasExtras { bytes = try Self.withExtras(bytes) }
            return LinkAnswer(response: bytes, bytesUp: request.count, bytesDown: bytes.count)
        } catch let error as LinkError { throw error } catch { throw .malformed("\(error)") }
    }

    /// A message whose head has two more members, as a later version may add.
    static func withExtras(_ message: [UInt8]) throws -> [UInt8] {
        var reader = CBORReader(message)
        let head = try reader.readEncodedItem(depthMax: Limits.valueDepthMax)
        guard 0xA0...0xB0 ~= head[0] else { throw Broken(what: "the head has too many members") }
        return [head[0] + 2] + head.dropFirst() + [0x18, 99, 0xA1, 0x01, 0xF6] + [0x18, 100, 0x61, 0x78]
            + message.dropFirst(head.count)
    }
}

extension ModelCentral {
    func verifyAnswer(_ request: VerifyRequest) throws -> VerifyResponse {
        guard let feed = feeds[request.hospital] else { throw Broken(what: "no feed") }
        let items = feed.scope.compactMap { id -> SortedSums.Item? in
            let state = state(of: id)
            guard state.count > 0 else { return nil }
            return SortedSums.Item(id, lastTime: state.lastTime, sum: state.fingerprint)
        }
        return VerifyResponder(SortedSums(items), at: feed.head).answer(request)
    }

    /// Orders a resync, or says something else of an order.
    @discardableResult
    mutating func order(_ order: ResyncOrder, replacing dots: [Dot] = []) throws -> Change {
        enter(HospitalID.test.record, .test)
        let write = ChangeContent.Write(value: order.value, replaces: dots)
        return try self.write([try group("resyncOrder"): write], on: HospitalID.test.record)
    }

    var orderBook: OrderBook { OrderBook(state(of: HospitalID.test.record)) }
}

/// A window that runs, as far as orders go: exchanges, and the keeper of orders called by hand.
struct OrderAgent {
    let store: WindowStore
    let exchanger: Exchanger
    let keeper: OrderKeeper

    init(
        _ store: WindowStore, _ link: OrderLink, _ machine: TestMachine,
        versions: ClosedRange<UInt64> = ExchangeRequest.versions
    ) {
        self.store = store
        exchanger = Exchanger(
            store: store, link: link, environment: machine.environment,
            schedule: SyncSchedule(idleSeconds: 86_400), versions: versions)
        keeper = OrderKeeper(
            store: store, exchanger: exchanger,
            verifier: Verifier(store: store, exchanger: exchanger, link: link),
            environment: machine.environment)
    }

    /// Runs while the body does, and then sees it end, as when the process is stopped.
    func running<Result>(_ body: (OrderAgent) async throws -> Result) async throws -> Result {
        let run = Task { await exchanger.run() }
        defer { run.cancel() }
        let result = try await body(self)
        run.cancel()
        await run.value
        return result
    }

    /// Exchanges, and carries out what was ordered, so often.
    func work(times: Int = 1) async {
        for _ in 0..<times {
            _ = await exchanger.exchangeNow()
            await keeper.carryOut()
        }
        _ = await exchanger.exchangeNow()
    }
}
