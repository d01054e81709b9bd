/// One step of a schema's history. Once shipped it never changes.
package struct Migration: Sendable {
    /// What statements alone cannot do, in the same transaction.
    ///
    /// - Returns: how many rows held what is now sealed: the file must then be written anew, so that no trace of it stays.
    package typealias Work = @Sendable (SQLConnection) throws(DatabaseError) -> Int

    /// A number that gives the order, and a name: `0007-add-outbox`.
    package let identifier: StaticString
    /// One SQL statement each, in order.
    package let statements: [StaticString]
    /// Done after the statements, with the store's key in use if it was given.
    package let work: Work?

    /// A step; both its identifier and its texts are for ever once a release has them.
    package init(_ identifier: StaticString, _ statements: [StaticString], work: Work? = nil) {
        self.identifier = identifier
        self.statements = statements
        self.work = work
    }
}
