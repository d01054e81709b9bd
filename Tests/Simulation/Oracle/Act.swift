import SyncProtocol

/// What somebody did, whatever it is called on the wire: a change that is written anew after a fork is the same act.
enum Act: Hashable, Sendable {
    /// Everybody acts under a name of its own, once in each case.
    case done(by: String, in: CaseID)
    /// A change that cannot be read, by its bytes.
    case sent(ContentID)

    /// Nil for what nobody has to keep: central's verdicts by rule, and what was forged.
    init?(_ change: Change) {
        guard let content = change.content else {
            self = .sent(change.id)
            return
        }
        let user = content.author.user
        guard !user.isEmpty, !user.hasPrefix(Self.forger) else { return nil }
        self = .done(by: user, in: change.caseID)
    }

    /// The names of forgers begin so.
    static let forger = "forger"
}
