#if Postgres
    import CPostgres
    import Persistence

    /// The arguments of one statement as libpq takes them: binary, each with its type. NULL has no type: it is that of the place
    /// where it stands.
    ///
    /// PostgreSQL keeps no NUL in a text: U+FFFD takes its place. Only texts that are made of the log can hold one, because
    /// somebody wrote it in a change; its body is a blob and stays as it is, and nobody's exchange may fail for it.
    struct PostgresArguments {
        /// The types of this program's values, by their numbers in `pg_type`.
        enum TypeID {
            static let bytes: UInt32 = 17
            static let integer: UInt32 = 20
            static let text: UInt32 = 25
            static let real: UInt32 = 701
        }

        private var types: [UInt32] = []
        private var lengths: [Int32] = []
        private var bytes: [UInt8] = []
        private var starts: [Int?] = []
        /// Tells lists of arguments with other types apart: a statement is prepared for each.
        private(set) var signature: UInt64 = 1

        var count: Int { types.count }

        init(_ values: [SQLiteValue]) {
            for value in values {
                switch value {
                case .null: add(0, nil)
                case .integer(let number): add(TypeID.integer, UInt64(bitPattern: number))
                case .real(let number): add(TypeID.real, number.bitPattern)
                case .blob(let blob): add(TypeID.bytes, blob)
                case .text(let text): add(TypeID.text, Self.storable(text))
                case .sealed, .sealedText, .digest, .name:
                    preconditionFailure("a value that was not closed")
                }
            }
        }

        private static func storable(_ text: String) -> [UInt8] {
            let bytes = Array(text.utf8)
            guard bytes.contains(0) else { return bytes }
            return bytes.flatMap { $0 == 0 ? [0xEF, 0xBF, 0xBD] : [$0] }
        }

        private mutating func add(_ type: UInt32, _ number: UInt64) {
            add(type, (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) })
        }

        private mutating func add(_ type: UInt32, _ value: [UInt8]?) {
            types.append(type)
            signature = signature &* 31 &+ UInt64(type)
            starts.append(value == nil ? nil : bytes.count)
            lengths.append(Int32(value?.count ?? 0))
            bytes += value ?? []
        }

        /// One row in the binary form of COPY.
        func appendRow(to buffer: inout [UInt8]) {
            func append(_ number: Int, _ byteCount: Int) {
                for shift in (0..<byteCount).reversed() {
                    buffer.append(UInt8(truncatingIfNeeded: number >> (8 * shift)))
                }
            }
            append(count, 2)
            for (start, length) in zip(starts, lengths) {
                append(start == nil ? -1 : Int(length), 4)
                if let start { buffer += bytes[start..<start + Int(length)] }
            }
        }

        typealias Types = UnsafePointer<Oid>
        typealias Values = UnsafePointer<UnsafePointer<CChar>?>
        typealias Numbers = UnsafePointer<Int32>

        func withPointers<R>(_ body: (Types, Values, Numbers, Numbers) -> R) -> R {
            // An empty value needs an address, too: without one it is NULL.
            (bytes + [0]).withUnsafeBytes { all in
                let start = all.baseAddress?.assumingMemoryBound(to: CChar.self)
                let values = starts.map { offset in offset.flatMap { start?.advanced(by: $0) } }
                return body(types, values, lengths, [Int32](repeating: 1, count: types.count))
            }
        }
    }
#endif
