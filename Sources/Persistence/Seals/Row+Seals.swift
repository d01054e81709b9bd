/// Values that were sealed. What does not open in its place, is cut or changed, or lacks its case's key, throws
/// ``DatabaseError/Kind/unexpectedValue(column:)``.
extension Row {
    /// The bytes that were sealed for this column of a table.
    package func sealed(_ column: Int32, _ place: String) throws(DatabaseError) -> [UInt8] {
        guard let plain = try sealedIfSound(column, place) else {
            throw unexpected(column, wanted: "what the store's key opens here")
        }
        return plain
    }

    /// The same; nil for what does not open.
    package func sealedIfSound(_ column: Int32, _ place: String) throws(DatabaseError) -> [UInt8]? {
        try opener().open(try blob(column), place)
    }

    /// The text that was sealed for this column of a table.
    package func sealedText(_ column: Int32, _ place: String) throws(DatabaseError) -> String {
        guard let text = try opener().open(text: try text(column), place) else {
            throw unexpected(column, wanted: "a text that the store's key opens here")
        }
        return text
    }

    /// The 32 bytes of a digest that was hidden.
    package func digestBytes(_ column: Int32) throws(DatabaseError) -> [UInt8] {
        guard let digest = try opener().open(digest: try blob(column)) else {
            throw unexpected(column, wanted: "32 bytes")
        }
        return digest
    }

    /// The name that was hidden.
    package func name(_ column: Int32) throws(DatabaseError) -> String {
        guard let name = try opener().open(name: try text(column)) else {
            throw unexpected(column, wanted: "a name that the store's key opens")
        }
        return name
    }
}
