/// Statements that are prepared and idle, by the address of their SQL literal.
///
/// A statement is taken out while it runs. Running the same SQL inside its own loop therefore finds nothing
/// here and prepares a second one; of the two, the first to come back is kept and the other is finalised.
final class StatementCache {
    /// More are never kept; a program has a fixed number of literals, so this is not reached in practice.
    static let statementCountMax = 256

    private final class Slot {
        var idle: Statement?
        init(_ statement: consuming Statement) { idle = consume statement }
    }

    private var slots: [UInt: Slot] = [:]

    /// Takes out the idle statement for this SQL, if there is one.
    func take(_ sql: StaticString) -> Statement? {
        guard let slot = slots[key(sql)] else { return nil }
        return slot.idle.take()
    }

    /// Keeps a statement that was reset, or finalises it if one for the same SQL is here already.
    func keep(_ statement: consuming Statement) {
        let key = key(statement.sql)
        guard let slot = slots[key] else {
            if slots.count >= StatementCache.statementCountMax { slots.removeAll() }
            slots[key] = Slot(statement)
            return
        }
        if slot.idle == nil { slot.idle = consume statement }
    }

    /// Finalises all idle statements.
    func removeAll() { slots.removeAll() }

    private func key(_ sql: StaticString) -> UInt { UInt(bitPattern: sql.utf8Start) }
}
