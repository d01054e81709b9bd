/// One value as SQLite stores it: what goes into a statement throws(DatabaseError) in place of a `?`.
///
/// An empty blob and an empty text are values, different from `null`.
package enum SQLiteValue: Hashable, Sendable {
    case null
    case integer(Int64)
    /// Not a NaN: SQLite would store NULL in its place, so binding one is a programmer's error.
    case real(Double)
    /// May hold NUL; it is stored with its length. SQL's `length()` stops at the NUL all the same.
    case text(String)
    case blob([UInt8])
    /// Sealed in its place before the database sees it; read by ``Row/sealed(_:_:)``.
    case sealed([UInt8], SealPlace)
    /// The same for a column of text.
    case sealedText(String, SealPlace)
    /// 32 bytes that are hidden so that equal ones stay equal; read by ``Row/digestBytes(_:)``.
    case digest([UInt8])
    /// A short text that is hidden so that equal ones stay equal, behind a prefix that gives its order; read by ``Row/name(_:)``.
    case name(String, order: String)
}

extension SQLiteValue {
    /// The integer, or NULL for nil.
    package init(_ integer: Int64?) { self = integer.map(SQLiteValue.integer) ?? .null }
    /// The text, or NULL for nil.
    package init(_ text: String?) { self = text.map(SQLiteValue.text) ?? .null }
    /// The blob, or NULL for nil. An empty blob stays an empty blob.
    package init(_ blob: [UInt8]?) { self = blob.map(SQLiteValue.blob) ?? .null }
}

extension SQLiteValue: ExpressibleByNilLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    /// `nil` is NULL.
    package init(nilLiteral: ()) { self = .null }
    /// A literal integer.
    package init(integerLiteral value: Int64) { self = .integer(value) }
    /// A literal real number.
    package init(floatLiteral value: Double) { self = .real(value) }
}

extension SQLiteValue: ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
    /// A literal text.
    package init(stringLiteral value: String) { self = .text(value) }
    /// A literal blob; `[]` is the empty one, not NULL.
    package init(arrayLiteral elements: UInt8...) { self = .blob(elements) }
}
