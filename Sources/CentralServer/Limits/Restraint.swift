import Accounts
import Web

/// What keeps one caller from taking central from the others: how often each may ask, and how much of what costs much goes on
/// at once.
///
/// A caller is whoever has proved who it is: a computer by its signature, a department by its token. Nobody else's requests
/// count against it.
struct Restraint: Sendable {
    /// Requests of one computer at once, and for good. A window that sends what it has kept for a day needs some dozens.
    static let deviceRates = RequestRates(burst: 1000, perSecond: 20)
    /// Requests of one department, or of central's people, at once, and for good.
    static let staffRates = RequestRates(burst: 4000, perSecond: 100)
    /// Verifies, statistics, sticks and rebuilds that go on at once; more wait, each caller with few.
    static let (costlyMax, costlyWaitingMax, costlyPerCallerMax) = (4, 64, 8)

    /// The name under which somebody who may ask counts: the own account's, or one for all that use central's own token.
    static func caller(_ viewer: Viewer) -> String {
        viewer.account == nil ? "staff" : "person " + viewer.name
    }

    private let rates: Guarded<RequestRates>
    private let turnstile = Turnstile(
        insideMax: costlyMax, waitingMax: costlyWaitingMax, perCallerMax: costlyPerCallerMax)

    init(_ rates: RequestRates) { self.rates = Guarded(rates) }

    /// Refuses a caller that asks too often, and tells when to come again.
    func check(_ caller: String, now: UInt64) throws(CentralError) {
        let seconds = rates.withLock { $0.wait(for: caller, now: now) }
        if let seconds { throw CentralError.refused(.tooFast(seconds: seconds)) }
    }

    /// Does what costs much when it is the caller's turn.
    ///
    /// - Throws: a refusal if too many wait.
    func perform<Value: Sendable>(
        by caller: String, _ body: () async throws(CentralError) -> Value
    ) async throws(CentralError) -> Value {
        guard await turnstile.enter(caller) else { throw CentralError.refused(.busy) }
        do throws(CentralError) {
            let value = try await body()
            await turnstile.leave(caller)
            return value
        } catch {
            await turnstile.leave(caller)
            throw error
        }
    }
}

extension CentralAPI {
    /// An answer to central's people that costs much.
    func costly(
        _ answer: @escaping Answering
    ) -> @Sendable (Request, Viewer) async throws(CentralError) -> Response {
        { request, viewer throws(CentralError) in
            try await restraint.perform(by: Restraint.caller(viewer)) { () async throws(CentralError) in
                try await answer(request)
            }
        }
    }
}
