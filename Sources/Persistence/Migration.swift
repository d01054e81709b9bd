/// One step of a schema's history. Once shipped it never changes.
package struct Migration: Sendable {
    /// A number that gives the order, and a name: `0007-add-outbox`.
    package let identifier: StaticString
    /// One SQL statement each, in order.
    package let statements: [StaticString]

    /// A step; both its identifier and its texts are for ever once a release has them.
    package init(_ identifier: StaticString, _ statements: [StaticString]) {
        self.identifier = identifier
        self.statements = statements
    }
}
