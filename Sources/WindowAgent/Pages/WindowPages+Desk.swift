import Accounts
import Pages
import Web

extension WindowPages {
    /// Materials, conflicts and losses, stock, handover, the outbox and the link.
    func addDesk(to router: inout Router) {}
}
