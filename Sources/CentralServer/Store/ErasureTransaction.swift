package import Cryptography
package import SyncProtocol

/// Destroying the content of a case, and what is left to do afterwards.
package protocol ErasureTransaction {
    /// Puts what is left of them in the place of a case's changes, destroys its key and drops what was made of it: its caches are
    /// to be made anew in the same transaction. Its pictures that no other case names are noted as to be removed.
    ///
    /// - Parameter left: all its changes as they are to be from now on.
    func erase(_ caseID: CaseID, leaving left: [NumberedChange], milliseconds: UInt64) throws(CentralError)
    /// Whether something is left to do after an erasure.
    func isErasureDue() throws(CentralError) -> Bool
    /// Up to `countMax` pictures whose files are to go; one that a case names by now stays.
    func erasedAttachments(countMax: Int) throws(CentralError) -> [Digest]
    /// Their files are gone.
    func forgetErased(_ attachments: [Digest]) throws(CentralError)
    /// Nothing is left to do, unless pictures are.
    func noteErasureDone() throws(CentralError)
}
