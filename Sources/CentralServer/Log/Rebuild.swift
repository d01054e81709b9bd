import Casework
import SyncProtocol

/// Drops all that is made of the log and makes it again, in one transaction.
package struct Rebuild: Sendable {
    /// Cases that are folded at a time.
    static let pageCount = 256

    let store: any CentralStore
    let books: Books

    package init(store: any CentralStore, books: Books) {
        self.store = store
        self.books = books
    }

    /// Makes the caches after an upgrade that dropped them, and after any by which the program makes them in another way:
    /// what was kept and not understood may be understood now.
    func runIfNeeded() async throws(CentralError) {
        let maker = books.casebook.maker.fingerprint
        let isNeeded = try await store.read { transaction throws(CentralError) in
            if try transaction.cacheMaker() != maker { return true }
            return try transaction.caseIDs(after: nil, countMax: 1).first.map { id throws(CentralError) in
                try transaction.summary(of: id) == nil
            } ?? false
        }
        if isNeeded { try await run() }
    }

    /// - Returns: how many cases there are.
    @discardableResult
    package func run() async throws(CentralError) -> Int {
        let books = books
        return try await store.write { transaction throws(CentralError) in
            try transaction.dropCaches()
            try transaction.setCacheMaker(books.casebook.maker.fingerprint)
            books.casebook.shelf.unsettle()
            // The rules first: the cases are judged by them.
            var records = try Ledger(transaction, books, milliseconds: 0)
            for record in [.centralRecord] + (try transaction.hospitals().map(\.id.record)) {
                _ = try records.state(of: record)
            }
            try records.finish()
            var last: CaseID?
            var count = 0
            while true {
                let page = try transaction.caseIDs(after: last, countMax: Self.pageCount)
                guard let end = page.last else { return count }
                var ledger = try Ledger(transaction, books, milliseconds: 0)
                for caseID in page {
                    _ = try ledger.state(of: caseID)
                    for item in try transaction.changes(of: caseID) {
                        try ledger.noteAttachments(of: item.change)
                        try ledger.noteAct(item.change, item.number)
                    }
                }
                try ledger.finish()
                (last, count) = (end, count + page.count)
            }
        }
    }
}
