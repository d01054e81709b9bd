package import Casework
package import SyncProtocol

/// What people are called on a page. Changes name their author by the account; readers know the person.
package struct People: Hashable, Sendable {
    private let names: [String: String]

    /// - Parameter names: what each account shows.
    package init(_ names: [String: String] = [:]) { self.names = names }

    /// The name that an account shows; the account's own where nobody knows it.
    package subscript(account: String) -> String {
        names[account].flatMap { $0.isEmpty ? nil : $0 } ?? account
    }

    /// Who changed something: a clerk by name, others by their place.
    ///
    /// - Parameters:
    ///   - role: a word of ``SyncProtocol/Role``.
    ///   - name: an account; of a department its code.
    package func author(_ role: String?, _ name: String?, _ policy: Policy?) -> String {
        switch role {
        case "central": "中心"
        case "department": policy?.departments[name ?? ""] ?? name ?? "部门"
        default: self[name ?? ""]
        }
    }

    /// The same of a change.
    package func author(_ author: Author, _ policy: Policy?) -> String {
        self.author(author.role.name, author.role == .department ? author.unit : author.user, policy)
    }
}
