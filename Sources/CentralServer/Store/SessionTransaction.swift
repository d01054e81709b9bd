package import Accounts
package import Cryptography

/// Who is signed in at central. It is no part of the log, and a restored central begins without.
package protocol SessionTransaction {
    /// Keeps a session, and drops those of all accounts that are longer than ``Accounts/Session/lengthMax`` by then.
    func put(_ session: Session) throws(CentralError)
    /// Nil if it is not kept.
    func session(_ id: Digest) throws(CentralError) -> Session?
    /// The latest first.
    func sessions(of account: String) throws(CentralError) -> [Session]
    func note(_ id: Digest, seen milliseconds: UInt64) throws(CentralError)
    /// Again is harmless.
    func dropSession(_ id: Digest) throws(CentralError)
}
