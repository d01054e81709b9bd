import Casework
import CentralServer
import Commands
import Foundation

extension Command {
    static let backups = [backup, backupVerify, backupList, backupPrune]

    /// What every backup leaves out.
    private static let leftOut =
        "not in it: the files *.key, recovery.public and staff.token; keep copies of these elsewhere, apart from the backups"

    private static let backup = Command(
        "backup", "TO", "make a verified backup of central in the folder TO, while central works",
        discussion: """
            Makes TO/NAME with the store and the attachments, reads all of it back, and only then counts what it holds as backed
            up. TO must exist: so a disk that is not mounted is noticed. It should be on another disk; one folder for one
            central. Attachments that the last backup there has are not written again. \
            Central's own directory also has receipt.key, attachment.key, central.key, recovery.key, recovery.public and staff.token: they are never in a backup. Without
            them a restored central cannot prove what it once acknowledged, nor open an attachment.
            """
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let folder = absolute(try arguments.word("the folder"))
        try arguments.finish()
        let status = try await central.withEndpoint { endpoint in
            _ = try await endpoint.call(.post, "/api/v1/backups", json: ["to": folder])
            while true {
                let answer = try await endpoint.call(.get, "/api/v1/backups")
                guard try JSON(parsing: answer).members?["isRunning"] == .bool(true) else { return answer }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        let members = try JSON(parsing: status).members ?? [:]
        if let fault = members["fault"] {
            throw CommandError("the backup was not made, \(fault.word)", status: .cannotCreate)
        }
        console.show(status, asJSON: central.isJSON) { json in
            let name = json["verified"]?.members?["name"].word ?? ""
            return ["verified \(folder)/\(name)", leftOut]
        }
        return .ok
    }

    private static let backupVerify = Command(
        "backup verify", "PATH", "read a backup from its medium and check all of it",
        discussion: """
            Every file against its hash, and the store: its pages, every change, every chain and every feed; with the
            receipt.key of --data also every receipt. Central may be at work. \
            `sha256sum -c SHA256SUMS` in the backup's folder checks the files without this program.
            """
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let path = absolute(try arguments.word("the backup"))
        try arguments.finish()
        let keys = try central.storeKeys()
        do throws(BackupError) {
            let backup = try BackupFolder(path: path)
            let report = try backup.verify(keys)
            let line =
                "\(backup.name) is sound: \(report.summary), \(backup.manifest.attachmentCount) attachments"
            console.print(central.isJSON ? #"{"name":"\#(backup.name)","isSound":true}"# : line)
        } catch { throw CommandError(error, at: path) }
        return .ok
    }

    private static let backupList = Command(
        "backup list", "TO", "list the whole backups in a folder, the oldest first"
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let folder = absolute(try arguments.word("the folder"))
        try arguments.finish()
        let found: [BackupFolder]
        do throws(BackupError) { found = try BackupFolder.all(in: folder) } catch {
            throw CommandError(error, at: folder)
        }
        let answer = [UInt8](try JSONEncoder().encode(["backups": found.map(ListedBackup.init)]))
        console.showList(answer, "backups", asJSON: central.isJSON, empty: "no backups") { line in
            "\(line["name"].word)  \(line["changes"].word) changes  \(line["attachments"].word) attachments"
                + "  \(line["byteCount"].word) bytes"
        }
        return .ok
    }

    private struct ListedBackup: Encodable {
        let name: String
        let madeMilliseconds: UInt64
        let changes: UInt64
        let attachments: Int
        let byteCount: Int

        init(_ backup: BackupFolder) {
            name = backup.name
            madeMilliseconds = backup.manifest.madeMilliseconds
            changes = backup.manifest.replicas.reduce(0) { $0 + $1.length }
            attachments = backup.manifest.attachmentCount
            byteCount = backup.manifest.byteCount
        }
    }

    private static let backupPrune = Command(
        "backup prune", "TO --keep N [--dry-run]", "remove the oldest backups but for the newest N",
        valued: ["--keep"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let folder = absolute(try arguments.word("the folder"))
        guard let keep = Int(try arguments.required("--keep")), keep >= 1 else {
            throw UsageError("--keep takes a number from 1 on")
        }
        let isDryRun = arguments.flag("--dry-run")
        try arguments.finish()
        let removed: [String]
        do throws(BackupError) {
            removed = try BackupFolder.prune(folder, keep: keep, isDryRun: isDryRun)
        } catch { throw CommandError(error, at: folder) }
        let answer = [UInt8](try JSONEncoder().encode(["removed": removed]))
        guard !central.isJSON else {
            console.print(String(decoding: answer, as: UTF8.self))
            return .ok
        }
        for name in removed { console.print("\(isDryRun ? "would remove" : "removed") \(name)") }
        if removed.isEmpty { console.print("nothing to remove") }
        return .ok
    }

    /// A daemon has another working directory than the command.
    static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}

extension AuditReport {
    /// How much was looked at.
    var summary: String {
        "\(changeCount) changes of \(caseCount) cases and \(replicaCount) replicas, \(entryCount) feed entries"
    }
}
