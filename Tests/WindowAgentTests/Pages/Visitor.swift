import Accounts
import SyncProtocol
import Web

@testable import WindowAgent

/// Somebody with every role of a window, who has signed in in a browser and stays so while a test moves the clock.
enum Visitor {
    private static let token = String(repeating: "5e", count: Session.tokenByteCount)
    /// What every form of the session repeats.
    static let formToken = Session.formToken(ofToken: token)

    static func signIn(_ api: APIFixture) async throws {
        let accounts = AccountFixture(over: api)
        try await accounts.sign(
            Account(name: "clerk", displayName: "王芳", roles: [.clerk, .issuer, .supervisor, .technician]))
        guard let id = Session.id(ofToken: token), let password = AccountFixture.password else {
            throw Broken(what: "the session")
        }
        try await api.store.begin(
            Session(
                id: id, account: "clerk", password: Session.mark(password), began: api.machine.now,
                lastSeen: api.machine.now))
    }

    /// The same request, as this browser sends it.
    static func sent(_ request: Request, to api: APIFixture) async throws -> Request {
        try await api.store.extendSessions(to: api.machine.now)
        var request = request
        request.headers["Cookie"] = [request.headers["Cookie"], "session=\(token)"].compactMap(\.self)
            .joined(separator: "; ")
        return request
    }
}

extension WindowStore {
    /// Whatever the time is by now, sessions began at it.
    fileprivate func extendSessions(to now: UInt64) throws {
        try database.execute("UPDATE session SET began = ?1, seen = ?1", .integer(Int64(clamping: now)))
    }
}
