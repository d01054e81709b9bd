/// A transaction is all or nothing, and synchronous: nothing can come between its BEGIN and its COMMIT.
extension Database {
    /// When a transaction takes the lock for writing.
    package enum TransactionKind: Hashable, Sendable {
        /// At its beginning. For everything that may write: it cannot fail as busy half-way.
        case immediate
        /// At its first write. For several reads that must agree with each other.
        case deferred
    }

    /// Runs the body in a transaction and commits it; on any error nothing of it has happened.
    ///
    /// When this returns, the changes are on disk. Calling it inside another transaction is a programmer's
    /// error; see ``savepoint(_:)``. If SQLite gives up the transaction by itself (disk full, I/O error), every
    /// later statement throws(DatabaseError) in the body fails with that same error, even if the body swallowed it.
    package func transaction<R>(_ kind: TransactionKind, _ body: () throws -> R) throws -> R {
        try begin(kind)
        do {
            let result = try body()
            try commit()
            return result
        } catch {
            rollBack()
            throw error
        }
    }

    /// Runs the body so that, if it throws, what it changed is undone and the transaction around it goes on.
    ///
    /// Outside a transaction it is a programmer's error. Savepoints may be nested.
    package func savepoint<R>(_ body: () throws -> R) throws -> R {
        precondition(hasBegun, "a savepoint needs a transaction around it")
        try execute("SAVEPOINT inner")
        do {
            let result = try body()
            try execute("RELEASE inner")
            return result
        } catch {
            connection.seals?.forget()
            // If the whole transaction is lost, there is nothing left to go back to.
            if loss == nil {
                try execute("ROLLBACK TO inner")
                try execute("RELEASE inner")
            }
            throw error
        }
    }

    func begin(_ kind: TransactionKind) throws(DatabaseError) {
        precondition(!hasBegun && !isInTransaction, "a transaction is open already")
        if kind == .immediate, let damage { throw damage }
        switch kind {
        case .immediate: try execute("BEGIN IMMEDIATE")
        case .deferred: try execute("BEGIN DEFERRED")
        }
        hasBegun = true
    }

    func commit() throws(DatabaseError) {
        try execute("COMMIT")
        hasBegun = false
    }

    /// Ends the transaction without its changes. It cannot fail: what is not committed is never seen again.
    func rollBack() {
        hasBegun = false
        loss = nil
        connection.seals?.forget()
        // ROLLBACK fails only if memory runs out; then closing the connection rolls back.
        if isInTransaction { _ = try? execute("ROLLBACK") }
    }

    /// Remembers an error after which SQLite has rolled the transaction back by itself.
    func noteLoss(_ error: DatabaseError) {
        if hasBegun, !isInTransaction, loss == nil { loss = error }
    }

    /// Remembers that the file is damaged.
    func noteDamage(_ error: DatabaseError) {
        if error.kind == .corrupt, damage == nil { damage = error }
    }

    /// Keeps the rest of a body from being committed, statement by statement, after its transaction is lost.
    func refuseAfterLoss() throws(DatabaseError) {
        if let loss { throw loss }
    }
}
