import Commands
import Cryptography
import Foundation
import Persistence
import SyncProtocol
import WindowAgent

extension Command {
    /// Rebuilds a window from its second copy.
    static let recover = Command(
        "recover", "--from JOURNAL (--sheet CODE | --key FILE) [--header FILE] [--dry-run]",
        "rebuild this window from its second copy, in an empty directory",
        discussion: """
            JOURNAL is the directory of the second copy, or one journal in it. --sheet takes the code of the recovery sheet
            (`-` reads it from standard input), --key the store.key if that and the store.ring beside
            it survived. Without either, take the journal's file
            `header` to central: `birthcentral recovery open` gives back a header for --header and a code for --sheet.

            The directory (--data) must be empty or absent; nothing is overwritten. If it is cut short, give it again. Then
            run `birthwindow serve`: central's feed is read again and brings what the journal lacks. --dry-run only tells what
            would be recovered.
            """,
        valued: ["--from", "--sheet", "--key", "--header"]
    ) { arguments, console in
        let window = Window(&arguments)
        let from = try arguments.required("--from")
        let (sheet, keyPath) = (arguments.option("--sheet"), arguments.option("--key"))
        let headerPath = arguments.option("--header")
        let isDryRun = arguments.flag("--dry-run")
        try arguments.finish()
        do {
            let header = try headerPath.map(readHeader)
            let reader = try JournalReader(DirectoryMedium(from, notOnDiskOf: nil), header: header)
            let key = try storeKey(
                reader, from, sheet: sheet == "-" ? readLine() ?? "" : sheet,
                ring: try keyPath.map { KeyRing(keyPath: $0, passphrase: try window.passphrase()) })
            let recovery = try Recovery(reader, key: key)
            let report =
                isDryRun
                ? try await recovery.trial(beside: window.path) : try await recovery.run(into: window.path)
            if window.isJSON {
                console.print(String(decoding: try JSONEncoder().encode(report), as: UTF8.self))
            } else {
                for line in report.lines(window.path) { console.print(line) }
            }
            return report.isWhole ? .ok : .dataError
        } catch let fault as JournalReader.Fault { throw fault.error(from) } catch let refusal
            as Recovery.Refusal
        {
            throw refusal.error
        } catch let error as DatabaseError {
            throw CommandError(error, at: window.path)
        } catch let error as KeyFileError {
            throw CommandError(
                "\(window.path): a key file cannot be written (\(error))", status: .cannotCreate)
        } catch let error as KeyRingError {
            let ring = KeyRing(keyPath: AgentDirectory(path: window.path).storeKeyPath)
            throw CommandError(error.sentence(ring), status: .cannotCreate)
        }
    }

    private static func readHeader(_ path: String) throws -> RecoveryHeader {
        let bytes = try InputFile.read(path, bytesMax: RecoveryHeader.byteCountMax)
        do throws(CBORError) { return try RecoveryHeader(decoding: bytes) } catch {
            throw CommandError("\(path) is no header of a journal, or is damaged", status: .dataError)
        }
    }

    private static func storeKey(
        _ reader: JournalReader, _ from: String, sheet: String?, ring: KeyRing?
    ) throws -> StoreKey {
        if let ring {
            do throws(KeyRingError) { return StoreKey(secret: try ring.read()) } catch {
                throw CommandError(error.sentence(ring), status: .noInput)
            }
        }
        guard let sheet else {
            throw UsageError(
                "who opens the journal is missing: give --sheet CODE or --key FILE; without either take "
                    + "\(from)/\(reader.headerPath) to central, for `birthcentral recovery open`")
        }
        let code: RecoveryCode
        do throws(RecoveryCode.Fault) { code = try RecoveryCode(sheet) } catch {
            throw CommandError(error.sentence, status: .dataError)
        }
        guard let wrap = reader.header.sheet else {
            throw CommandError(
                "this journal was never given a recovery sheet: take \(from)/\(reader.headerPath) to central",
                status: .dataError)
        }
        guard let secret = wrap.open(code) else {
            throw CommandError(
                "the code is typed right, but it is of another sheet: look for the one made last before the journal ended",
                status: .noPermission)
        }
        return StoreKey(secret: secret)
    }
}

extension RecoveryCode.Fault {
    fileprivate var sentence: String {
        switch self {
        case .length(let count):
            "a recovery code has \(RecoveryCode.groupCount) groups of \(RecoveryCode.groupLength) characters; this has \(count) characters"
        case .groups(let groups):
            "mistyped: group \(groups.map(String.init).joined(separator: ", ")) of the code is not as it is printed"
        }
    }
}

extension JournalReader.Fault {
    fileprivate func error(_ from: String) -> CommandError {
        switch self {
        case .none: CommandError("\(from) holds no journal", status: .noInput)
        case .several(let names):
            CommandError(
                "\(from) holds several journals: name one of them, --from \(from)/NAME:\n\(names.joined(separator: "\n"))",
                status: .noInput)
        case .noHeader:
            CommandError(
                "the header of the journal is damaged, both copies: give --header FILE", status: .dataError)
        case .wrongKey:
            CommandError("the key does not open this journal: it is another window's", status: .noPermission)
        case .medium(let error): CommandError("\(from) cannot be read (\(error))", status: .ioError)
        }
    }
}

extension Recovery.Refusal {
    fileprivate var error: CommandError {
        switch self {
        case .notEmpty(let path):
            CommandError(
                "\(path) is not empty, and is not touched: move it aside first, or choose another directory with --data",
                status: .cannotCreate)
        case .cannotMake(let path), .cannotPlace(let path):
            CommandError(
                "\(path) cannot be made or moved: check the rights and the room", status: .cannotCreate)
        }
    }
}

extension RecoveryReport {
    fileprivate func lines(_ path: String) -> [String] {
        var lines = [
            "\(isDryRun ? "would recover" : "recovered")  \(changes) changes of \(cases) cases (\(ownChanges) of this window), "
                + "\(attachments) photos, \(drafts) drafts",
            "latest        \(Date(timeIntervalSince1970: Double(latestAt) / 1000).formatted(.iso8601))",
        ]
        for damage in damaged {
            let numbers = damage.records.prefix(20).map(String.init).joined(separator: ", ")
            lines.append(
                "damaged       segment \(damage.segment): \(damage.records.count) records (\(numbers))")
        }
        lines += missingSegments.map { "missing       segment \($0), or its end" }
        if damagedDrafts > 0 { lines.append("damaged       \(damagedDrafts) drafts") }
        lines += gaps.map {
            "lacks         changes \($0.first) to \($0.last) of replica \($0.replica): central sends those it has"
        }
        if isDryRun { return lines }
        lines.append(
            "next          birthwindow serve --data \(path); birthwindow sync; birthwindow journal set DIRECTORY"
        )
        lines.append(
            hasDeviceKey
                ? "then          birthwindow device rotate: the old key may still be on the dead disk"
                : "then          birthwindow enroll: the journal holds no device key")
        return lines
    }
}
