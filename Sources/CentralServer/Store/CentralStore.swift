/// Where central keeps the log and what is made of it: SQLite, or PostgreSQL.
///
/// Everything that decides is in this target, over the small steps of ``CentralTransaction``; a store only performs them.
package protocol CentralStore: Sendable {
    /// Runs the body in one transaction. When this returns, what it wrote is committed and synced; if it throws, or the
    /// commit fails, nothing of it has happened. The body may run again after a failed attempt.
    func write<R: Sendable>(
        _ body: @Sendable (any CentralTransaction) throws(CentralError) -> R
    ) async throws(CentralError) -> R

    /// Runs the body so that all that it reads belongs to one moment. It may not write.
    func read<R: Sendable>(
        _ body: @Sendable (any CentralTransaction) throws(CentralError) -> R
    ) async throws(CentralError) -> R

    /// Leaves nothing of what was written over where only the database's own log holds it, as far as the database can.
    func emptyLog() async throws(CentralError)
}

extension CentralStore {
    package func emptyLog() async throws(CentralError) {}
}

/// The steps of one transaction. An instance is valid only inside the body that it was handed to.
package protocol CentralTransaction:
    LogTransaction, FeedTransaction, CacheTransaction, RecordTransaction, FleetTransaction,
    DepartmentTransaction, TaskTransaction, VerifyTransaction, BackupTransaction, AttachmentTransaction,
    DeskTransaction, DuplicateTransaction, ProgressTransaction, StandingTransaction,
    AdministrationTransaction,
    SharingTransaction, SessionTransaction, ManyTransaction, AuditTransaction, ErasureTransaction
{
    /// Runs the body so that, if it throws, what it wrote is undone and the transaction around it goes on.
    func savepoint<R>(_ body: () throws(CentralError) -> R) throws(CentralError) -> R
}
