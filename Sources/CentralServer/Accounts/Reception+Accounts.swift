import Accounts
import SyncProtocol

extension Reception {
    /// The groups of accounts that a window's change may not write: people stand in hospitals' records only, and what central said of an
    /// account a window adds to, and does not replace. A password it may replace: people change their own.
    mutating func accountGroups(notFor change: Change) throws(CentralError) -> Set<GroupID> {
        var forbidden: Set<GroupID> = []
        for name in [AccountValue.accountGroup, AccountValue.passwordGroup] {
            guard let group = ledger.books.casebook.dictionary.group(named: name)?.id,
                let write = change.content?.writes[group]
            else { continue }
            guard try ledger.isRecord(change.caseID) else {
                forbidden.insert(group)
                continue
            }
            let standing = try ledger.state(of: change.caseID).registers[group]?.standing ?? []
            let replacesCentral = standing.contains {
                $0.author.role == .central && write.replaces.contains($0.dot)
            }
            if replacesCentral, name == AccountValue.accountGroup { forbidden.insert(group) }
        }
        return forbidden
    }
}
