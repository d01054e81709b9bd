import Casework
import Commands
import Foundation
import Web
import WindowAgent

extension Command {
    static let journals = [journalSet, journalStatus, recoverySheet, recover, storeCheck]

    private struct JournalOrder: Encodable {
        let path: String
        let allowsSameDisk: Bool
    }

    private struct JournalAnswer: Decodable {
        let secondCopy: SecondCopyStatus
        let notice: SecondCopyStatus.Notice
    }

    private static let journalSet = Command(
        "journal set", "DIRECTORY|none [--same-disk]", "choose where the second copy of everything is kept",
        discussion: """
            DIRECTORY is on a second disk, a stick or a share, and is there already. Everything saved is appended to a journal
            there, sealed, within 5 seconds while the agent runs; a medium that was away catches up by itself. What is there
            already, another window's journal too, is never overwritten. --same-disk allows the database's own disk, for a trial.
            """
    ) { arguments, console in
        let window = Window(&arguments)
        let allowsSameDisk = arguments.flag("--same-disk")
        let path = try arguments.word("the directory, or “none”")
        try arguments.finish()
        let order = JournalOrder(
            path: URL(filePath: path).path(percentEncoded: false), allowsSameDisk: allowsSameDisk)
        let answer = try await window.withEndpoint { endpoint in
            path == "none"
                ? try await endpoint.call(.delete, "/api/v1/journal")
                : try await endpoint.call(.put, "/api/v1/journal", json: order)
        }
        try showJournal(answer, window, console)
        return .ok
    }

    private static let journalStatus = Command(
        "journal status", "", "show where the second copy is, how old, and what it lacks"
    ) { arguments, console in
        let window = Window(&arguments)
        try arguments.finish()
        let answer = try await window.withEndpoint { try await $0.call(.get, "/api/v1/journal") }
        try showJournal(answer, window, console)
        return .ok
    }

    private static func showJournal(_ answer: [UInt8], _ window: Window, _ console: Console) throws {
        if window.isJSON { return console.print(String(decoding: answer, as: UTF8.self)) }
        for line in try JSONDecoder().decode(JournalAnswer.self, from: Data(answer)).secondCopy.lines {
            console.print(line)
        }
    }

    private static let recoverySheet = Command(
        "recovery sheet", "[--html | --text]",
        "print a new recovery sheet: the code that opens the second copy",
        discussion: """
            The code is shown once and kept nowhere. From the next append on, the journal is opened by the new code; copies of a
            journal that were taken away before still open with the old one: destroy the old sheet with them.
            """
    ) { arguments, console in
        let window = Window(&arguments)
        let (isHTML, _) = (arguments.flag("--html"), arguments.flag("--text"))
        try arguments.finish()
        let answer = try await window.withEndpoint(isRunning: true) {
            try await $0.call(.post, "/api/v1/recovery-sheet")
        }
        console.show(answer, asJSON: window.isJSON) { json in
            let sheet = RecoverySheet(
                hospital: json["hospital"].word, hospitalName: json["hospitalName"].word,
                date: CalendarDate(milliseconds: UInt64(json["madeAt"].word) ?? 0).description,
                code: json["code"].word)
            return [isHTML ? sheet.html : sheet.text]
        }
        return .ok
    }

    private static let storeCheck = Command(
        "store check", "", "read everything that is stored, and compare it with itself",
        discussion: """
            The file, the content of every change, the chains of own replicas, and the caches. Reads only; the work goes on
            meanwhile. Exit code 65 if anything is wrong.
            """
    ) { arguments, console in
        let window = Window(&arguments)
        try arguments.finish()
        let answer = try await window.withEndpoint { try await $0.call(.post, "/api/v1/store/check") }
        let report = try JSONDecoder().decode(StoreReport.self, from: Data(answer))
        if window.isJSON {
            console.print(String(decoding: answer, as: UTF8.self))
        } else {
            for line in report.lines { console.print(line) }
        }
        return report.isSound ? .ok : .dataError
    }
}

extension SecondCopyStatus {
    /// The lines of `journal status`.
    var lines: [String] {
        guard let place else {
            return ["no second copy: choose a place with `birthwindow journal set DIRECTORY`", sheetLine]
        }
        var lines = ["second copy   \(place)  \(state)"]
        if let journal { lines.append("journal       birthwindow-\(journal)") }
        if let ageSeconds {
            lines.append(
                "age           \(ageSeconds == 0 ? "everything is in it" : "\(ageSeconds) s ago it had everything")"
            )
        }
        if lackingChanges > 0 || lackingAttachments > 0 {
            lines.append("lacks         \(lackingChanges) changes, \(lackingAttachments) photos")
        }
        if otherJournals > 0 {
            lines.append("beside it     \(otherJournals) other journals, which are left alone")
        }
        if let failure { lines.append("failure       \(failure.sentence)") }
        return lines + [sheetLine]
    }

    private var sheetLine: String {
        guard let sheetMadeAt else {
            return "sheet         never made: run `birthwindow recovery sheet --html`"
        }
        return "sheet         made on \(CalendarDate(milliseconds: sheetMadeAt))"
    }
}

extension JournalFailure {
    fileprivate var sentence: String {
        switch self {
        case .absent: "the directory is not there: put the stick in, or mount the share"
        case .sameDisk: "the directory is on the database's own disk: the medium is not mounted there"
        case .full: "the medium is full: use another one, or make room"
        case .readOnly: "the medium may not be written: check its switch and the rights"
        case .medium: "the medium reports errors: use another one"
        case .store: "this window's own database could not be read: run `birthwindow store check`"
        }
    }
}

extension StoreReport {
    fileprivate var lines: [String] {
        if isSound { return ["sound: \(changes) changes of \(cases) cases"] }
        return file.map { "file          \($0)" } + damagedChanges.map { "damaged       change \($0)" }
            + brokenChains.map { "broken chain  replica \($0)" }
            + staleCaches.map { "stale cache   case \($0): run `birthwindow resync rebuild`" }
            + (damage == nil
                ? []
                : [
                    "stop the agent, keep its directory, move it aside, and run: birthwindow recover --from JOURNAL"
                ])
    }
}
