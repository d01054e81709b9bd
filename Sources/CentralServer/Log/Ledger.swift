import Casework
import Cryptography
import SyncProtocol

/// Writes changes to the log, the feeds and the caches within one transaction.
///
/// What belongs together is held back until ``finish()``: feed heads and the caches of the cases that were touched. A
/// ledger that is not finished must not be committed.
struct Ledger {
    let transaction: any CentralTransaction
    let books: Books
    /// Central's clock at the beginning.
    let milliseconds: UInt64
    /// The ends of the feeds that were looked at.
    var heads: [HospitalID: FeedHead] = [:]
    /// Those that were appended to.
    var grown: Set<HospitalID> = []
    var scopes: [CaseID: [Scope]] = [:]
    /// Cases that a change or a hospital came to.
    var written: Set<CaseID> = []
    /// Cases for which something else may wait now, though they were not written: they share a number with one that was, or look like it.
    var unsettled: Set<CaseID> = []
    /// Folds of touched cases; one that is touched and not here is folded from all its changes when it is needed.
    private var states: [CaseID: CaseState] = [:]
    private var touched: Set<CaseID> = []
    /// The agent's clock when it sent what is taken in; nil if that says nothing of how long changes were on their way.
    var sentMilliseconds: UInt64?
    /// Touched cases that are records.
    var records: Set<CaseID> = []
    /// Cases whose limits may be others, because days off are.
    var movedLimits: [CaseID] = []
    /// The days off by which hospitals count, as far as they were asked for.
    var calendars: [HospitalID: WorkCalendar] = [:]

    init(
        _ transaction: any CentralTransaction, _ books: Books, milliseconds: UInt64
    ) throws(CentralError) {
        try books.settle(transaction)
        self.transaction = transaction
        self.books = books
        self.milliseconds = milliseconds
    }

    /// Takes a change into the log and into the feeds of all whose scope holds its case. It must not be held yet.
    ///
    /// - Parameter hospital: into whose scope its case comes, unless it was there before.
    mutating func take(_ change: Change, chain: Chain?, for hospital: HospitalID?) throws(CentralError) {
        let change = whole(change)
        try touch(change.caseID)
        written.insert(change.caseID)
        if change.caseID == .centralRecord {
            try shareCentralRecord()
        } else if let hospital {
            try enter(change.caseID, hospital)
        }
        if states[change.caseID]?.count == 0 { try noteArrival(of: change) }
        let isForked = try transaction.holdsDot(change.dot, of: change.caseID)
        let number = try transaction.insert(change, chain: chain, milliseconds: milliseconds)
        try noteAttachments(of: change)
        try noteAct(change, number)
        for scope in try scopes(of: change.caseID) where scope.left == nil {
            try append(change.id, number, to: scope.hospital)
        }
        try tellLate(change, number, from: hospital)
        if isForked {
            try transaction.raise(
                Alarm(kind: .forkedDot, subject: change.caseID.description), milliseconds: milliseconds)
            states[change.caseID] = nil
        } else if states[change.caseID]?.apply(change) != .applied {
            states[change.caseID] = nil
        }
    }

    /// Puts a change back that the log has lost and a feed still names: no entry is added, and the entry that is there can be
    /// sent again.
    ///
    /// - Returns: false, with nothing written, if the feed names no such change.
    mutating func restore(_ change: Change, chain: Chain?, of hospital: HospitalID) throws(CentralError)
        -> Bool
    {
        let links = [FeedEntry.link(change: change.id), FeedEntry.link(late: change.id)]
        let lost = try transaction.lostEntries(of: hospital).first { entry in
            links.contains { entry.before.appending($0) == entry.after }
        }
        guard let lost else { return false }
        let change = whole(change)
        try touch(change.caseID)
        written.insert(change.caseID)
        try transaction.insert(change, chain: chain, as: lost.number, milliseconds: milliseconds)
        try noteAttachments(of: change)
        try noteAct(change, lost.number)
        states[change.caseID] = nil
        return true
    }

    /// The case as it stands now.
    mutating func state(of caseID: CaseID) throws(CentralError) -> CaseState {
        try touch(caseID)
        if let state = states[caseID] { return state }
        let state = CaseState(folding: try transaction.changes(of: caseID).map(\.change))
        states[caseID] = state
        return state
    }

    /// Notes a change of central's own people.
    func noteAct(_ change: Change, _ number: ChangeNumber) throws(CentralError) {
        guard let author = change.content?.author, author.role == .central, !author.user.isEmpty else {
            return
        }
        try transaction.noteAct(number)
    }

    /// Notes what a change names, whatever becomes of it: it is kept, so its pages are.
    func noteAttachments(of change: Change) throws(CentralError) {
        let named = books.casebook.dictionary.attachments(in: change.content?.writes ?? [:])
        if named.isEmpty { return }
        try transaction.name(named.compactMap { Digest(bytes: $0) }.sorted(), in: change.caseID)
    }

    /// Writes feed heads and caches. Nothing may be taken afterwards.
    mutating func finish() throws(CentralError) {
        try applyErasures()
        try settleScopes()
        for hospital in grown.sorted() { try transaction.setFeedHead(try head(of: hospital), of: hospital) }
        let cases = touched.sorted()
        for caseID in cases { try cacheRecord(caseID) }
        for caseID in cases { try cache(caseID) }
        for caseID in movedLimits where touched.insert(caseID).inserted { try cache(caseID) }
        // Last: what is shared depends on the numbers of all of them.
        for caseID in unsettled.union(cases).sorted() {
            let state = try state(of: caseID)
            guard state.count > 0 else { continue }
            try cacheDesk(of: caseID, state)
            books.putFold(state, of: caseID)
        }
    }

    /// Before anything of a case is written: remembers its fold if that is at hand.
    private mutating func touch(_ caseID: CaseID) throws(CentralError) {
        guard touched.insert(caseID).inserted else { return }
        if let summary = try transaction.summary(of: caseID) {
            states[caseID] = books.takeFold(of: caseID, matching: summary)
            // Another process may have erased it: its sums are as before.
            if states[caseID]?.erasedCount == 0, books.casebook.shelf.erasures[caseID] != nil {
                states[caseID] = nil
            }
        } else if try !transaction.isKnown(caseID) {
            states[caseID] = CaseState()
        }
    }

    /// The log holds something else of a case than was read of it.
    mutating func foldAnew(_ caseID: CaseID) throws(CentralError) {
        try touch(caseID)
        states[caseID] = nil
    }

    private mutating func cache(_ caseID: CaseID) throws(CentralError) {
        let state = try state(of: caseID)
        guard state.count > 0 else { return }
        let results = try results(of: caseID, state)
        let progress = books.casebook.progress(of: state)
        let numbers = try transaction.put(
            books.casebook.digest(of: caseID, state, progress, results: results))
        for number in numbers {
            unsettled.formUnion(try transaction.holders(of: number, countMax: .max))
        }
        try compare(caseID, state)
        try cacheProgress(caseID, state, progress)
        books.putFold(state, of: caseID)
    }

    /// Cases without any result, which are most during registration, are not read again for them.
    private func results(of caseID: CaseID, _ state: CaseState) throws(CentralError) -> [ResultRecord] {
        // One that is set aside stands in no group.
        guard books.casebook.mayHoldResults(state) || !state.asides.isEmpty else { return [] }
        return try transaction.changes(of: caseID).flatMap { books.casebook.results(in: $0.change) }
            .sorted { ($0.department, $0.resultID, $0.change) < ($1.department, $1.resultID, $1.change) }
    }

    /// If the case is a record, makes what is cached of it, before the cases that go by its rules.
    private mutating func cacheRecord(_ caseID: CaseID) throws(CentralError) {
        let hospital = try transaction.hospital(HospitalID(record: caseID))
        guard hospital != nil || caseID == .centralRecord else { return }
        records.insert(caseID)
        let state = try state(of: caseID)
        guard state.count > 0 else { return }
        if let hospital { try cacheIdentity(of: hospital, state) }
        let central = caseID == .centralRecord ? state : try self.state(of: .centralRecord)
        let digest = books.casebook.record(caseID, state, central: central)
        let shelf = books.casebook.shelf
        let otherYear = try transaction.putRules(of: digest)
        if let hospital, let otherYear { try noteOtherDays(from: otherYear, of: hospital.id) }
        // The last word on a version counts, and the one for all may be said after a hospital's own.
        if hospital == nil, otherYear != nil || books.casebook.tellsStanding(state) {
            for hospital in try transaction.hospitals() { try cacheRecord(hospital.id.record) }
        }
        if try transaction.put(digest) {
            try transaction.renewRulesMark()
            try shelf.load(from: transaction, books.casebook.dictionary, isCommitted: false)
        }
    }

    /// Takes a hospital's code and name over into the list of hospitals.
    private func cacheIdentity(of old: HospitalRecord, _ state: CaseState) throws(CentralError) {
        guard let identity = books.casebook.hospitalIdentity(in: state),
            identity.code != old.code || identity.name != old.name
        else { return }
        let rival = try transaction.hospital(code: identity.code)
        // Both records stay; the list keeps the old code.
        guard rival == nil || rival?.id == old.id else { return }
        try transaction.put(
            HospitalRecord(
                id: old.id, code: identity.code, name: identity.name, addedMilliseconds: old.addedMilliseconds
            ))
    }
}
