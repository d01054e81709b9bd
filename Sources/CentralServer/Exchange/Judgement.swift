import Casework
import SyncProtocol

/// What becomes of a change that a device pushed. Pure; the reasons are part of the protocol.
enum Judgement: Hashable, Sendable {
    case applied
    /// Kept, passed on, left out of the fold.
    case aside(reason: String)

    /// How the pusher's hospital stands to a case.
    enum Access: Hashable, Sendable {
        /// No change of the case is known.
        case unknown
        /// It is in the scope, or was: what was not sent before it left is still taken.
        case own
        case foreign
    }

    /// - Parameter centralGroups: those that no window may write, though their rule names no owner.
    /// - Parameter isErased: its case was erased before central heard of this change.
    init(
        _ change: Change, access: Access, rules: MergeRules, centralGroups: Set<GroupID>,
        isErased: Bool = false
    ) {
        if let reason = Self.fault(of: change, rules: rules, centralGroups) {
            self = .aside(reason: reason)
        } else if access == .foreign {
            self = .aside(reason: Self.foreignCase)
        } else if isErased, change.content?.author.role == .window {
            self = .aside(reason: Erasure.reason)
        } else {
            self = .applied
        }
    }

    static let foreignCase = "foreign-case"

    /// A later schema is taken as it is: this version cannot judge it. What was erased was judged when it was whole.
    private static func fault(
        of change: Change, rules: MergeRules, _ centralGroups: Set<GroupID>
    ) -> String? {
        if change.schema > Change.schema || change.isErased { return nil }
        guard let content = change.content else { return "malformed" }
        // Those of other roles are central's own, by their receipts: judged when they were written.
        guard content.author.role == .window else { return nil }
        let refused = (rules.refused(content) + content.writes.keys.filter(centralGroups.contains)).sorted()
        guard refused.isEmpty else { return "owner:" + refused.map(\.description).joined(separator: ",") }
        return nil
    }
}
