/// A claim that is held until an answer has been sent, or never will be: it ends with its last owner.
package final class Lease: Hashable, Sendable {
    private let end: @Sendable () -> Void

    /// - Parameter end: gives back what was claimed.
    package init(end: @escaping @Sendable () -> Void) { self.end = end }

    deinit { end() }

    package static func == (left: Lease, right: Lease) -> Bool { left === right }
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
