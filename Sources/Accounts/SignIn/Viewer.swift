package import Cryptography

/// Who asks: somebody who signed in, or whoever holds the machine's own token.
package struct Viewer: Hashable, Sendable {
    /// Nil for the machine's own token: whoever can read that file has the machine, and may do everything.
    package let account: Account?
    /// By which changes name their author: the account's name, or what the command says.
    package let name: String
    package let site: StaffRole.Site
    /// Repeated by every form of this session; empty for a command.
    package let formToken: String
    /// Nil for a command.
    package let session: Digest?

    package init(
        account: Account?, name: String, site: StaffRole.Site, formToken: String, session: Digest? = nil
    ) {
        self.account = account
        self.name = name
        self.site = site
        self.formToken = formToken
        self.session = session
    }

    /// Whether this may be done by who asks. A password that somebody else has set is changed before anything else.
    package func may(_ action: Action) -> Bool {
        guard let account else { return true }
        return !account.mustChangePassword && account.may(action, at: site)
    }

    /// Whether who asks works for a hospital.
    package func serves(hospital code: String) -> Bool { account?.serves(hospital: code) ?? true }

    /// Whether who asks works with a policy. A case whose policy is not known yet is everybody's.
    package func applies(policy id: String?) -> Bool {
        guard let account, let id else { return true }
        return account.applies(policy: id)
    }

    /// The codes of the hospitals beyond which nothing is shown; nil for all.
    package var hospitals: Set<String>? {
        guard let account, !account.hospitals.isEmpty else { return nil }
        return account.hospitals
    }

    /// The IDs of the policies beyond which nothing is shown; nil for all.
    package var policies: Set<String>? {
        guard let account, !account.policies.isEmpty else { return nil }
        return account.policies
    }

    /// By which a change about accounts names its author.
    package var author: String { name.isEmpty ? "machine" : name }

    /// What pages call who asks.
    package var displayName: String { account?.displayName ?? name }
}
