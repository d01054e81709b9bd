import Accounts
import Pages
import Web

extension WindowPages {
    /// Materials, conflicts and losses, what departments sent back, the same child twice; stock and handover; the outbox, the link and
    /// the machine.
    func addDesk(to router: inout Router) {
        addFrame(to: &router)
        addMaterialPages(to: &router)
        addDifferences(to: &router)
        addReturns(to: &router)
        addDuplicatePages(to: &router)
        addStockPages(to: &router)
        addHandoverPages(to: &router)
        addOutboxPage(to: &router)
        addLinkPages(to: &router)
        addSystemPages(to: &router)
    }
}
