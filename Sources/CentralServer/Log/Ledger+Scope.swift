import Casework
import SyncProtocol

/// Whose a case is. It begins at the hospital that registered it; from then on it belongs to the hospital that central's
/// own changes of the case name. So the log decides, and a restored central comes to the same scopes by what is brought back.
extension Ledger {
    /// Sees to it that a case is, or was, in a hospital's scope, because that hospital has written to it or holds it with a
    /// receipt. Harmless if that is so already.
    mutating func enter(_ caseID: CaseID, _ hospital: HospitalID) throws(CentralError) {
        guard try scopes(of: caseID).allSatisfy({ $0.hospital != hospital }) else { return }
        written.insert(caseID)
        if let holder = try holder(of: caseID), holder != hospital {
            // It was there before it moved: what came to it since is none of this hospital's business.
            let position = try head(of: hospital).position + 1
            try append(leaves: caseID, sum: .empty, to: hospital)
            try put(Scope(hospital: hospital, caseID: caseID, entered: position, left: position))
        } else {
            try open(caseID, hospital)
        }
    }

    /// Central's own record is in every hospital's scope from its first change on, and never leaves one.
    mutating func shareCentralRecord() throws(CentralError) {
        for hospital in try transaction.hospitals() { try enter(.centralRecord, hospital.id) }
    }

    /// Takes a case out of a hospital's scope. Harmless if it is not in it.
    mutating func leave(_ caseID: CaseID, _ hospital: HospitalID) throws(CentralError) {
        guard var scope = try scopes(of: caseID).first(where: { $0.hospital == hospital && $0.left == nil })
        else {
            return
        }
        let state = try state(of: caseID)
        try append(leaves: caseID, sum: state.fingerprint, to: hospital)
        scope.left = try head(of: hospital).position
        try put(scope)
    }

    /// Whether a case is the record of a hospital, or central's own.
    func isRecord(_ caseID: CaseID) throws(CentralError) -> Bool {
        if caseID == .centralRecord || caseID == .staffRecord { return true }
        return try transaction.hospital(HospitalID(record: caseID)) != nil
    }

    /// In whose scope the case is or was.
    mutating func scopes(of caseID: CaseID) throws(CentralError) -> [Scope] {
        if let known = scopes[caseID] { return known }
        let found = try transaction.scopes(of: caseID)
        scopes[caseID] = found
        return found
    }

    /// Gives each case that was written to, to the hospital that it belongs to, if the log names one that is known here.
    mutating func settleScopes() throws(CentralError) {
        for caseID in written.sorted() where caseID != .centralRecord {
            guard let holder = try holder(of: caseID), try transaction.hospital(holder) != nil else {
                continue
            }
            let open = try scopes(of: caseID).filter { $0.left == nil }.map(\.hospital)
            for hospital in open where hospital != holder { try leave(caseID, hospital) }
            if !open.contains(holder) { try self.open(caseID, holder) }
        }
        written = []
    }

    /// Puts a change into the feeds of hospitals that the case left and that it still concerns: the one whose computer pushed it,
    /// and those that were told late of a change on which it gives a verdict.
    mutating func tellLate(
        _ change: Change, _ number: ChangeNumber, from author: HospitalID?
    ) throws(CentralError) {
        for scope in try scopes(of: change.caseID) where scope.left != nil {
            var isConcerned = scope.hospital == author
            if !isConcerned { isConcerned = try isVerdict(change, onLateOf: scope.hospital) }
            guard isConcerned, try !transaction.isLate(number, in: scope.hospital) else { continue }
            let receipt = books.receipts.receipt(for: change.id, in: scope.hospital)
            try append(late: change, number, receipt, to: scope.hospital)
        }
    }

    private func isVerdict(_ change: Change, onLateOf hospital: HospitalID) throws(CentralError) -> Bool {
        guard let asides = change.content?.asides, !asides.isEmpty else { return false }
        for target in try transaction.changes(of: change.caseID) where asides[target.change.id] != nil {
            if try transaction.isLate(target.number, in: hospital) { return true }
        }
        return false
    }

    /// Where central names nobody, because the case never moved, or the move was set aside or lost, it is who registered it, of those
    /// that have or had it: nobody gives another hospital a case by naming it.
    private mutating func holder(of caseID: CaseID) throws(CentralError) -> HospitalID? {
        let state = try state(of: caseID)
        if let named = books.casebook.holder(in: state) { return named }
        guard let registrar = books.casebook.registrar(in: state) else { return nil }
        return try scopes(of: caseID).contains { $0.hospital == registrar } ? registrar : nil
    }

    /// Brings a hospital the case with its history, if it has one.
    private mutating func open(_ caseID: CaseID, _ hospital: HospitalID) throws(CentralError) {
        let history = try transaction.changes(of: caseID)
        let position = try head(of: hospital).position + 1
        try put(Scope(hospital: hospital, caseID: caseID, entered: position))
        if history.isEmpty { return }
        try append(enters: caseID, to: hospital)
        for item in history { try append(item.change.id, item.number, to: hospital) }
    }

    private mutating func put(_ scope: Scope) throws(CentralError) {
        var known = try scopes(of: scope.caseID).filter { $0.hospital != scope.hospital }
        try transaction.put(scope)
        known.insert(scope, at: known.firstIndex { $0.hospital > scope.hospital } ?? known.endIndex)
        scopes[scope.caseID] = known
    }
}
