import Accounts
import Pages
import Web

extension WindowPages {
    /// The work list, a case with its sections, its decision, its papers and its items.
    func addCases(to router: inout Router) {}
}
