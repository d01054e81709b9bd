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

    /// - Returns: how many cases there are.
    @discardableResult
    package func run() async throws(CentralError) -> Int {
        let books = books
        return try await store.write { transaction throws(CentralError) in
            try transaction.dropCaches()
            var last: CaseID?
            var count = 0
            while true {
                let page = try transaction.caseIDs(after: last, countMax: Self.pageCount)
                guard let end = page.last else { return count }
                var ledger = Ledger(transaction, books, milliseconds: 0)
                for caseID in page { _ = try ledger.state(of: caseID) }
                try ledger.finish()
                (last, count) = (end, count + page.count)
            }
        }
    }
}
