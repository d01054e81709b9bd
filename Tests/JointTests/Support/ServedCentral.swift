import CentralServer
import Foundation
import SyncProtocol
import Web

/// Central as its program runs it, behind an address that stays while its process is ended and another begins.
///
/// It notes what is asked for. The head of every message that it answers has one member more, as a later version may add.
final class ServedCentral: Handler {
    /// One message of an agent.
    struct Call: Hashable {
        let message: SyncMessage
        /// As the media type tells it.
        let version: UInt64
        /// Nil while it is not answered.
        var status: Int?
    }

    private struct State {
        var central: Central?
        var router: Router?
        var run: Task<Void, Never>?
        var underWay = 0
        var calls: [Call] = []
    }

    private let directory: String
    private let now: @Sendable () -> UInt64
    private let state = Guarded(State())

    init(directory: String, now: @escaping @Sendable () -> UInt64) {
        (self.directory, self.now) = (directory, now)
    }

    /// Begins a process that speaks these versions.
    func start(speaking versions: ClosedRange<UInt64>) throws {
        let now = now
        let central = try Central.open(
            directory: directory, exchangeDictionary: ExchangeDictionary.bytes,
            environment: CentralServer.Environment(
                now: now, randomBytes: CentralServer.Environment.system.randomBytes), versions: versions)
        state.withLock { state in
            (state.central, state.router) = (central, central.router())
            state.run = Task { await central.run() }
        }
    }

    /// Ends it: nobody waits there any more, and what was begun is answered first.
    func stop() async throws {
        let run = state.withLock { state in
            state.router = nil
            return state.run
        }
        run?.cancel()
        await run?.value
        guard try await eventually({ state.withLock { $0.underWay == 0 } }) else {
            throw Broken("central does not come to its end")
        }
        state.withLock { ($0.central, $0.run) = (nil, nil) }
    }

    /// All that agents asked for, in the order in which it came.
    var calls: [Call] { state.withLock { $0.calls } }

    /// What central's own people ask for.
    func staff(_ method: Web.Method, _ target: String, _ body: String) async throws -> Response {
        let (router, token) = state.withLock { ($0.router, $0.central?.staffToken) }
        guard let router, let token else { throw Broken("central does not run") }
        return await router.respond(
            to: Request(
                method, target, headers: ["Authorization": "Bearer \(token)", "Operator": "desk"],
                body: Array(body.utf8)))
    }

    func respond(to request: Request) async throws -> Response {
        let message = Call(request)
        let (router, number) = state.withLock { state in
            state.underWay += 1
            if let message, state.router != nil { state.calls.append(message) }
            return (state.router, state.calls.count - 1)
        }
        defer { state.withLock { $0.underWay -= 1 } }
        guard let router else { return Response(status: 503) }
        let response = await router.respond(to: request)
        guard message != nil else { return response }
        state.withLock { $0.calls[number].status = response.status }
        return response.status == 200 ? try Self.withLaterMember(response) : response
    }

    /// The answer with member 99 at the end of its head, which no version knows yet.
    private static func withLaterMember(_ response: Response) throws -> Response {
        let dictionary = try ZstandardDictionary(ExchangeDictionary.bytes)
        let plain = try Zstandard.decompress(response.body, dictionary: dictionary, bytesMax: 1 << 23)
        var reader = CBORReader(plain)
        let head = try reader.readEncodedItem(depthMax: SyncProtocol.Limits.valueDepthMax)
        guard 0xA0..<0xB7 ~= head[0] else { throw Broken("the head has too many members") }
        let later = [head[0] + 1] + head.dropFirst() + [0x18, 99, 0xA1, 0x01, 0xF6]
        var longer = response
        longer.body = try Zstandard.compress(later + plain.dropFirst(head.count), dictionary: dictionary)
        return longer
    }
}

extension ServedCentral.Call {
    /// Nil if the request is no message of the protocol.
    fileprivate init?(_ request: Request) {
        let type = request.headers["Content-Type"] ?? ""
        for message in [SyncMessage.exchange, .verify] {
            if let version = message.version(in: type) {
                self.init(message: message, version: version)
                return
            }
        }
        return nil
    }
}

/// Asks again and again, for some seconds, until something is so.
func eventually(within seconds: Int = 30, _ isSo: () async throws -> Bool) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if try await isSo() { return true }
        try await Task.sleep(for: .milliseconds(20))
    }
    return false
}
