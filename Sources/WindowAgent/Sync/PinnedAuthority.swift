import Persistence

/// The file of the one authority that vouches for central: a county's own.
package struct PinnedAuthority: Hashable, Sendable {
    let path: String
    /// Another file under the same name is another authority.
    private let identity: FileIdentity

    /// Nil if there is no such file.
    init?(path: String) {
        guard let identity = FileIdentity(path: path) else { return nil }
        self.path = path
        self.identity = identity
    }
}
