import Casework
import SyncProtocol

/// Erasing the cases that central's record names.
extension Ledger {
    /// A change as the log takes it: one whose case was erased before it came loses its content first, unless central had not seen it
    /// when that was said.
    func whole(_ change: Change) -> Change {
        guard let erasure = books.casebook.shelf.erasures[change.caseID], erasure.covers(change) else {
            return change
        }
        return change.erased
    }

    /// If central's record was written to: erases what it says now, and did not say before.
    mutating func applyErasures() throws(CentralError) {
        guard written.contains(.centralRecord) else { return }
        let record = HospitalRecordView(
            CaseState(), central: try state(of: .centralRecord), dictionary: books.casebook.dictionary)
        let known = books.casebook.shelf.erasures
        guard record.erasures != known else { return }
        // Other processes, and later transactions of this one, read them again.
        try transaction.renewRulesMark()
        books.casebook.shelf.unsettle()
        for (caseID, erasure) in record.erasures.sorted(by: { $0.key < $1.key })
        where known[caseID] != erasure {
            try erase(caseID, erasure)
        }
    }

    private mutating func erase(_ caseID: CaseID, _ erasure: Erasure) throws(CentralError) {
        let log = try transaction.changes(of: caseID)
        guard log.contains(where: { erasure.covers($0.change) }) else { return }
        // Who looks like it, or shares a number with it, does so no more.
        for pair in try transaction.duplicatePairs(of: caseID, countMax: Self.partnersMax) {
            unsettled.insert(pair.cases.other(than: caseID))
        }
        let left = log.map { item in
            NumberedChange(
                number: item.number,
                change: erasure.covers(item.change) ? item.change.erased : item.change,
                milliseconds: item.milliseconds)
        }
        try transaction.erase(caseID, leaving: left, milliseconds: milliseconds)
        for item in left { try noteAttachments(of: item.change) }
        try foldAnew(caseID)
    }
}
