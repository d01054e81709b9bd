#if Postgres
    /// Says central's statements in PostgreSQL's words.
    ///
    /// - `?` becomes `$1`, `$2` …, and `?2` becomes `$2`.
    /// - Hints for SQLite's planner are left out: `CROSS JOIN x ON` is `JOIN x ON`, `INDEXED BY i` is nothing.
    /// - In `CREATE TABLE` and `ALTER TABLE`: INTEGER is BIGINT, BLOB is BYTEA, TEXT is ordered by its bytes, as SQLite does;
    ///   STRICT and WITHOUT ROWID are nothing.
    /// - `x'…'`, a blob in hexadecimal, is `'\x…'`.
    ///
    /// What stands in quotes stays as it is.
    struct Dialect {
        private var rest: Substring.UTF8View
        private var output: [UInt8] = []
        private var argumentCount = 0
        private let isTable: Bool

        /// The statement as PostgreSQL understands it.
        static func translated(_ sql: String) -> String {
            var dialect = Dialect(sql)
            dialect.translate()
            return String(decoding: dialect.output, as: UTF8.self)
        }

        private init(_ sql: String) {
            let isTable = sql.hasPrefix("CREATE TABLE") || sql.hasPrefix("ALTER TABLE")
            var text = sql[...]
            for suffix in [", WITHOUT ROWID", " STRICT"] where isTable && text.hasSuffix(suffix) {
                text = text.dropLast(suffix.count)
            }
            self.isTable = isTable
            rest = text.utf8
        }

        private mutating func translate() {
            while let byte = rest.first {
                switch byte {
                case UInt8(ascii: "'"), UInt8(ascii: "\""): copyQuoted(byte)
                case UInt8(ascii: "?"): copyArgument()
                case _ where Self.isLetter(byte): copyWord()
                default: copy(1)
                }
            }
        }

        private mutating func copy(_ count: Int) {
            output += rest.prefix(count)
            rest = rest.dropFirst(count)
        }

        /// A doubled quote ends one quoted text and begins the next.
        private mutating func copyQuoted(_ quote: UInt8) {
            let inner = rest.dropFirst().prefix { $0 != quote }
            copy(inner.count + 2)
        }

        private mutating func copyArgument() {
            rest = rest.dropFirst()
            let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            if digits.isEmpty {
                argumentCount += 1
                output += Array("$\(argumentCount)".utf8)
            } else {
                output.append(UInt8(ascii: "$"))
                copy(digits.count)
            }
        }

        private mutating func copyWord() {
            let word = takeWord()
            switch word {
            case "CROSS": skipSpaces()
            case "x" where rest.first == UInt8(ascii: "'"):
                output += Array("'\\x".utf8)
                rest = rest.dropFirst()
                copy(rest.prefix { $0 != UInt8(ascii: "'") }.count + 1)
            case "INDEXED":
                for _ in 0..<2 {  // BY and the index's name
                    skipSpaces()
                    _ = takeWord()
                }
            case "INTEGER" where isTable: output += Array("BIGINT".utf8)
            case "BLOB" where isTable: output += Array("BYTEA".utf8)
            case "TEXT" where isTable: output += Array("TEXT COLLATE \"C\"".utf8)
            default: output += Array(word.utf8)
            }
        }

        private mutating func takeWord() -> String {
            let word = rest.prefix { Self.isLetter($0) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            rest = rest.dropFirst(word.count)
            return String(Substring(word))
        }

        private mutating func skipSpaces() {
            rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
        }

        private static func isLetter(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
#endif
