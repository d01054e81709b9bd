/// A version of a policy, which never changes once it is published.
package struct PolicyName: Hashable, Sendable {
    package let id: String
    package let version: Int

    package init(id: String, version: Int) { (self.id, self.version) = (id, version) }
}

extension Policy {
    package var name: PolicyName { PolicyName(id: id, version: version) }
}
