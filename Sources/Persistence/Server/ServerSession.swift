/// A connection to a database server, as statements use it. One actor owns it, like a ``Database``: every call waits for
/// the server.
package protocol ServerSession: AnyObject {
    /// What closes and opens sealed values; nil before the store's key was given.
    var seals: Seals? { get set }

    /// Runs a statement to its end; what it yields is in memory.
    func run(_ sql: StaticString, _ arguments: [SQLiteValue]) throws(DatabaseError) -> any ServerRows

    /// Runs a statement whose rows are fetched some at a time. Other statements may run meanwhile.
    func open(_ sql: StaticString, _ arguments: [SQLiteValue]) throws(DatabaseError) -> any ServerRows

    /// Begins a transaction. One that writes waits until no other writes.
    func begin(_ kind: Database.TransactionKind) throws(DatabaseError)

    /// - Throws: also if the transaction was lost on the way, even if the error was swallowed then; and
    ///   ``DatabaseError/Kind/unknownOutcome`` if the connection broke meanwhile.
    func commit() throws(DatabaseError)

    /// Ends the transaction without its changes. It cannot fail.
    func rollBack()

    /// The error after which nothing of the running transaction can be committed any more; nil while it can.
    var loss: DatabaseError? { get }

    /// Marks a place within the transaction.
    func beginStep() throws(DatabaseError)
    /// Forgets the mark, and, if not kept, what was done since.
    func endStep(isKept: Bool) throws(DatabaseError)
}

/// What a statement yields on a server: it stands before the first row, then on one row after the other.
package protocol ServerRows: AnyObject {
    /// How the database is called in errors.
    var database: String { get }
    var columnCount: Int32 { get }
    /// What opens sealed values.
    var seals: Seals? { get }
    /// Rows that the statement inserted, updated or deleted.
    var changedCount: Int { get }

    /// Goes to the next row. False when there is none.
    func next() throws(DatabaseError) -> Bool
    /// Frees what the server keeps for it.
    func close()

    func name(of column: Int32) -> String
    func kind(of column: Int32) -> Row.ColumnKind
    /// Only if the column holds an integer.
    func integer(_ column: Int32) -> Int64
    /// Only if the column holds a real number.
    func real(_ column: Int32) -> Double
    /// Only if the column holds text; nil if it is not UTF-8.
    func text(_ column: Int32) -> String?
    /// Only if the column holds a blob.
    func blob(_ column: Int32) -> [UInt8]
}
