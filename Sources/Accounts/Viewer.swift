/// Who asks: somebody who signed in, or whoever holds the machine's own token.
package struct Viewer: Hashable, Sendable {
    /// Nil for the machine's own token: whoever can read that file has the machine, and may do everything.
    package let account: Account?
    /// By which changes name their author: the account's name, or what the command says.
    package let name: String
    package let site: StaffRole.Site
    /// Repeated by every form of this session; empty for a command.
    package let formToken: String

    package init(account: Account?, name: String, site: StaffRole.Site, formToken: String) {
        self.account = account
        self.name = name
        self.site = site
        self.formToken = formToken
    }

    /// Whether this may be done by who asks.
    package func may(_ action: Action) -> Bool { account?.may(action, at: site) ?? true }

    /// What pages call who asks.
    package var displayName: String { account?.displayName ?? name }
}
