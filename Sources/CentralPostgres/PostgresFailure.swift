#if Postgres
    import CPostgres
    import Persistence

    /// What the server said of a statement that it did not carry out.
    struct PostgresFailure {
        /// The SQLSTATE; empty if the server said nothing.
        let state: String
        private let constraint: String?
        private let message: String?
        /// Whether the connection ended with it: the server said so, or libpq speaks, which gives no state.
        let isLast: Bool

        init(_ result: OpaquePointer) {
            func field(_ code: Character) -> String? {
                PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
            }
            state = field("C") ?? ""  // PG_DIAG_SQLSTATE
            constraint = field("n")  // PG_DIAG_CONSTRAINT_NAME
            message = field("M")  // PG_DIAG_MESSAGE_PRIMARY
            let severity = field("V")  // PG_DIAG_SEVERITY_NONLOCALIZED
            isLast = state.isEmpty || severity == "FATAL" || severity == "PANIC"
        }

        func error(in database: String, sql: String) -> DatabaseError {
            DatabaseError(server: database, kind, state: state, sql: sql, detail: detail)
        }

        private var kind: DatabaseError.Kind {
            switch state {
            case "23505": .constraint(.unique)
            case "23503": .constraint(.foreignKey)
            case "23502": .constraint(.notNull)
            case "23514": .constraint(.check)
            case "53100": .full
            case "58030": .io
            case "XX001", "XX002": .corrupt
            // A server that was demoted, or that gives up waiting: another try may find the right one.
            case "25006", "40001", "40P01", "55P03", "57014": .busy
            default:
                switch state.prefix(2) {
                case "08", "53", "57": .busy
                case "23": .constraint(.other)
                case "28", "3D",
                    "42" where state == "42501":
                    .cannotOpen
                default: isLast ? .busy : .other
                }
            }
        }

        /// The server's words only where they name the schema or the server's own state: elsewhere they may quote an argument.
        private var detail: String? {
            if let constraint { return constraint }
            return ["08", "25", "40", "42", "53", "55", "57", "58"].contains(state.prefix(2)) ? message : nil
        }
    }
#endif
