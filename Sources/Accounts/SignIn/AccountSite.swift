package import Cryptography

/// Where a server keeps its accounts and sessions: a window's store, or central's.
package protocol AccountSite: Sendable {
    var place: StaffRole.Site { get }
    /// Milliseconds since 1970.
    func now() -> UInt64

    /// The account of who may sign in here; nil if there is none of that name.
    func account(named name: String) async throws -> Account?

    /// All accounts that this server answers for.
    ///
    /// - Parameter hospital: at central, the code of the hospital whose windows they are for; nil for central's own and all others.
    func accounts(of hospital: String?) async throws -> [ListedAccount]

    /// Writes an account over what stands there of its name.
    func put(_ account: Account, at hospital: String?, reason: String?, by user: String) async throws

    /// Writes a password over what stands there.
    func setPassword(
        _ password: PasswordHash, mustChange: Bool, of name: String, at hospital: String?, by user: String
    ) async throws

    /// Keeps a session that begins, and ends the oldest beyond ``Session/countMax``.
    func begin(_ session: Session) async throws
    /// A session as it is kept, alive or not.
    func session(_ id: Digest) async throws -> Session?
    func note(_ id: Digest, seen milliseconds: UInt64) async throws
    func end(_ id: Digest) async throws
    /// The sessions of an account that are kept, the latest first.
    func sessions(of account: String) async throws -> [Session]
}

/// An account, and whose it is.
package struct ListedAccount: Hashable, Sendable {
    package let account: Account
    /// The hospital in whose record it stands, by its code; nil for an account of central's own, and at a window.
    package let hospital: String?

    package init(_ account: Account, hospital: String? = nil) {
        (self.account, self.hospital) = (account, hospital)
    }
}
