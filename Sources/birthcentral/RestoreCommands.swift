import CentralServer
import Commands
import Foundation
import Persistence

extension Command {
    static let restores = [restore, check, rebuild]

    private static let restore = Command(
        "restore", "FROM [--dry-run] [--force]", "put a backup in the place of central's store",
        discussion: """
            FROM is a backup (TO/NAME). Central must be stopped. The backup is verified first; the present store is kept in
            replaced-N beside the new one, never deleted. Attachments are added. The feeds begin another life: at its next
            contact every window finds that central went back, and brings back what central lacks, also what was not its own. \
            What happened to hospitals and computers themselves since the backup (added, enrolled, revoked) has to be done again. \
            --force is needed where the present store is sound and has more than the backup.
            """
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let from = absolute(try arguments.word("the backup"))
        let (isDryRun, isForced) = (arguments.flag("--dry-run"), arguments.flag("--force"))
        try arguments.finish()
        try central.requireFile()
        try central.makeDirectory()
        let outcome: Restoration.Outcome
        do {
            let lock = try Central.lock(central.path)
            defer { withExtendedLifetime(lock) {} }
            let backup = try BackupFolder(path: from)
            try requireKeys(in: central.path, hasAttachments: backup.manifest.attachmentCount > 0)
            outcome = try Restoration(backup, into: central.path, environment: .system).perform(
                try central.storeKeys(), isDryRun: isDryRun, isForced: isForced)
        } catch let error as BackupError {
            throw CommandError(error, at: central.path)
        } catch FileLockError.heldByAnother(let process) {
            throw CommandError(
                "central runs on \(central.path)\(process.map { " (process \($0))" } ?? ""): stop it first",
                status: .temporaryFailure)
        }
        let told = RestoreAnswer(outcome, isDryRun: isDryRun)
        if central.isJSON {
            console.print(String(decoding: try JSONEncoder().encode(told), as: UTF8.self))
        } else {
            for line in told.lines { console.print(line) }
        }
        return .ok
    }

    private static func requireKeys(in path: String, hasAttachments: Bool) throws {
        let missing = Central.missingKeys(in: path, hasAttachments: hasAttachments)
        guard missing.isEmpty else {
            throw CommandError(
                "\(path) has no \(missing.joined(separator: " and no ")): put it back first from where it is kept; it is in no backup",
                status: .configuration)
        }
    }

    private struct RestoreAnswer: Encodable {
        let isDryRun: Bool
        let backup: String
        let changesAhead: UInt64?
        let isPresentSound: Bool
        let attachmentsBrought: Int
        let keptAside: String?
        let epoch: String

        init(_ outcome: Restoration.Outcome, isDryRun: Bool) {
            self.isDryRun = isDryRun
            (backup, changesAhead) = (outcome.backup, outcome.changesAhead)
            (isPresentSound, attachmentsBrought) = (outcome.isPresentSound, outcome.attachmentsBrought)
            (keptAside, epoch) = (outcome.keptAside, outcome.epoch)
        }

        var lines: [String] {
            let verb = isDryRun ? "would restore" : "restored"
            var lines = [
                "\(verb) \(backup), and \(attachmentsBrought) attachments that were missing or altered"
            ]
            lines.append(
                changesAhead.map {
                    "the \(isDryRun ? "present" : "old") store \(isPresentSound ? "is sound" : "is damaged") and has \($0) changes that the backup lacks"
                } ?? "there is no \(isDryRun ? "present" : "old") store that can be read")
            if let keptAside { lines.append("the old store is kept in \(keptAside)") }
            if !isDryRun {
                lines.append(
                    "start central: at its next contact each window brings back what is missing; see: birthcentral hospital status"
                )
            }
            return lines
        }
    }

    private static let check = Command(
        "check", "", "look at the whole store for damage, whether central works or not",
        discussion: """
            Its pages, every change against its content ID, every replica's chain, every feed's chain, running sum and receipts,
            and the caches. Ends with 65 if anything but a cache is wrong.
            """
    ) { arguments, console in
        let central = CentralSite(&arguments)
        try arguments.finish()
        let store = try central.storeEnd()
        let report = try store.report(keys: try central.storeKeys())
        if central.isJSON {
            console.print(String(decoding: try JSONEncoder().encode(report), as: UTF8.self))
        } else {
            for line in report.lines(of: store.name) { console.print(line) }
        }
        return report.isDamaged ? .dataError : .ok
    }

    private static let rebuild = Command(
        "rebuild", "", "drop the caches and make them anew from the log",
        discussion: "The log is not touched. Exchanges wait meanwhile."
    ) { arguments, console in
        let central = CentralSite(&arguments)
        try arguments.finish()
        let answer = try await central.withEndpoint { try await $0.call(.post, "/api/v1/rebuild") }
        console.show(answer, asJSON: central.isJSON) { ["made the caches of \($0["cases"].word) cases anew"] }
        return .ok
    }
}

extension AuditReport {
    fileprivate func lines(of path: String) -> [String] {
        if problemCount == 0 { return ["\(path) is sound: \(summary)"] }
        let head =
            "\(path) \(isDamaged ? "is DAMAGED" : "is sound, its caches are not"): \(problemCount) problems"
        let next = isDamaged ? Central.damageAdvice : "Next: birthcentral rebuild"
        return [head] + problems.map { "  \($0.part.rawValue): \($0.sentence)" } + [next]
    }
}
