import CSQLite

extension DatabaseError: CustomStringConvertible {
    /// One sentence about what is wrong and where, one about what to do next, then the statement.
    package var description: String {
        var text = "\(fileName): \(finding)"
        if let detail { text += " (\(detail))" }
        text += ". \(advice)."
        if case .server(_, let state) = cause, !state.isEmpty { text += " [SQLSTATE \(state)]" }
        if extendedCode != SQLITE_OK { text += " [SQLite \(extendedCode)]" }
        if !sql.isEmpty { text += " In: \(sql.split(whereSeparator: \.isWhitespace).joined(separator: " "))" }
        return text
    }

    private var finding: String {
        switch cause {
        case .newer(let found, let known):
            return "the file is at \(found), which this version, knowing \(known), cannot read"
        case .otherApplication(let found):
            return "the file belongs to another application (\(found))"
        case .unexpectedValue(let column, let wanted, let found):
            return "column \(column) holds \(found) where \(wanted) is expected"
        case .sealed(.otherKey): return "the records were sealed under another key than the one at hand"
        case .sealed(.noKey): return "the records are sealed, and no key is at hand"
        case .server(let kind, _):
            if let finding = serverFinding(kind) { return finding }
        case .result: break
        }
        switch kind {
        case .busy: return "the database is in use by another connection"
        case .full: return "the disk is full, and nothing of this was saved"
        case .readOnly: return "the file or its directory may not be written"
        case .corrupt: return "the file is damaged or is not a database"
        case .constraint: return "the change breaks a rule of the schema"
        case .io: return "the disk reports an error"
        case .cannotOpen: return "the file cannot be opened"
        default: return "SQLite reports: \(String(cString: sqlite3_errstr(extendedCode)))"
        }
    }

    /// What is said of a server in other words than of a file.
    private func serverFinding(_ kind: Kind) -> String? {
        switch kind {
        case .busy: "the database server cannot do it now"
        case .unknownOutcome:
            "the connection broke during the commit, and whether it was saved is not known"
        case .full: "the database server's disk is full, and nothing of this was saved"
        case .corrupt: "the database server finds its files damaged"
        case .io: "the database server's disk reports an error"
        case .cannotOpen: "the database cannot be opened"
        case .other: "the database server refuses the statement"
        default: nil
        }
    }

    private var serverAdvice: String? {
        guard case .server(let kind, _) = cause else { return nil }
        return switch kind {
        case .busy: "See whether the server runs and takes connections, and try again"
        case .corrupt: "Take another copy of the server into use, or restore a backup"
        case .io: "See the server's log and its disk"
        case .cannotOpen: "Check the connection string, the user's rights and the server's log"
        default: nil
        }
    }

    private var advice: String {
        if let serverAdvice { return serverAdvice }
        return switch kind {
        case .busy: "Close what else has the file open, and try again"
        case .full: "Free some space and try again"
        case .readOnly: "Give the program's user the right to write the file and its directory"
        case .corrupt: "Keep the file for examination and recover from the second copy"
        case .unknownOutcome: "Look whether it was saved before you do it again"
        case .constraint, .other: "Report this as a defect of the program"
        case .io: "Save the second copy, check the disk, and start the program again"
        case .cannotOpen: "Check that the path exists and that the program's user may use it"
        case .sealed: "Put the key files back from where they are kept; the records were left as they are"
        case .newer: "Install the newer version; the file was left as it is"
        case .otherApplication: "Check the path; the file was left as it is"
        case .unexpectedValue: "Run the integrity check, and report this as a defect of the program"
        }
    }
}
