import Accounts
import Cryptography

/// The accounts and sessions of a window, as signing in asks for them.
struct WindowAccounts: AccountSite {
    let store: WindowStore
    let exchanger: Exchanger
    let environment: WindowStore.Environment

    var place: StaffRole.Site { .window }
    func now() -> UInt64 { environment.milliseconds() }

    func account(named name: String) async throws -> Account? {
        guard let account = try await store.accountBook()?[name],
            let code = try await store.loadEnrolment()?.code, account.serves(hospital: code)
        else { return nil }
        return account
    }

    func accounts(of hospital: String?) async throws -> [ListedAccount] {
        try await store.accountBook()?.all.map { ListedAccount($0) } ?? []
    }

    func put(_ account: Account, at hospital: String?, reason: String?, by user: String) async throws {
        try await store.put(account, await saving(user, reason))
        await exchanger.noteSaved()
    }

    func setPassword(
        _ password: PasswordHash, mustChange: Bool, of name: String, at hospital: String?, by user: String
    ) async throws {
        try await store.setPassword(password, mustChange: mustChange, of: name, await saving(user, nil))
        await exchanger.noteSaved()
    }

    private func saving(_ user: String, _ reason: String?) async -> Saving {
        Saving(user: user, isDoubtful: await exchanger.isClockDoubtful, reason: reason)
    }

    func begin(_ session: Session) async throws { try await store.begin(session) }
    func session(_ id: Digest) async throws -> Session? { try await store.session(id) }
    func note(_ id: Digest, seen milliseconds: UInt64) async throws {
        // A disk that is full keeps nobody from looking.
        try? await store.note(id, seen: milliseconds)
    }
    func end(_ id: Digest) async throws { try await store.end(id) }
    func sessions(of account: String) async throws -> [Session] { try await store.sessions(of: account) }
}
