import FaultyLink
import Foundation
import Programs
import Testing

/// Central's backups, their restore and its damaged store, with the real programs.
@Suite("Backups of central, by the real programs", .timeLimit(.minutes(5)), .onThreads)
struct BackupTests {
    private func folder(_ ward: Ward) throws -> String {
        let folder = ward.stage.directory.appending(path: "backups")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.path
    }

    /// Makes a backup; answers its path.
    private func backUp(_ ward: Ward) throws -> String {
        let folder = try folder(ward)
        return folder + "/" + (try ward.central.run("backup", folder)["verified"]["name"].text)
    }

    /// Stops central, does something to its directory, and starts it again at the same port.
    private func whileStopped(_ ward: Ward, _ body: () throws -> Void) throws {
        ward.centralDaemon.strike()
        ward.centralDaemon.awaitEnd()
        try body()
        ward.centralDaemon = try ward.central.serve(port: ward.centralDaemon.port)
    }

    /// As people do it: the log of the old store, which was killed, stays beside the copy.
    private func copyByHand(_ backup: String, _ ward: Ward) throws {
        let store = ward.central.data.appending(path: "central.sqlite").path
        #expect(FileManager.default.fileExists(atPath: store + "-wal"))
        try FileManager.default.removeItem(atPath: store)
        try FileManager.default.copyItem(atPath: backup + "/central.sqlite", toPath: store)
    }

    private func synced(_ ward: Ward) throws -> Bool {
        try eventually {
            _ = try ward.window.attempt(["sync"])
            let status = try ward.window.run("status")
            return status["outbox"].number == 0 && status["repair"].text.isEmpty
        }
    }

    @Test(
        "Everything acknowledged before the disaster is back after the next contacts, by command and by plain copy",
        arguments: [true, false])
    func comesBack(byCommand: Bool) throws {
        let ward = try Ward()
        let id = try ward.register()
        try ward.window.run("sync")
        let first = try backUp(ward)
        try ward.window.run("sync")
        #expect(try ward.window.run("status")["backedUp"].number == 1)
        try ward.window.run("case", "set", id, "note=二")
        try ward.window.run("sync")
        let second = try backUp(ward)
        try ward.central.run("case", "set", id, "fatherPhone=19900000111")
        try ward.window.run("case", "set", id, "note=三")
        try ward.window.run("sync")
        #expect(try ward.window.run("status")["backedUp"].number == 2)
        let fingerprint = try ward.central.run("case", "show", id)["fingerprint"].text
        // Twice, to two backups, and central writes before the first contact.
        ward.link.cut(.reset)
        for backup in [second, first] {
            try whileStopped(ward) {
                if byCommand {
                    let outcome = try ward.central.run("restore", backup, "--force")
                    #expect(!outcome["keptAside"].text.isEmpty)
                } else {
                    try copyByHand(backup, ward)
                }
            }
            #expect(try ward.central.run("case", "show", id)["fingerprint"].text != fingerprint)
        }
        try ward.central.run("case", "set", id, "motherPhone=19900000222")
        ward.link.heal()
        #expect(try synced(ward))
        let (here, there) = (
            try ward.window.run("case", "show", id), try ward.central.run("case", "show", id)
        )
        for name in ["fields", "seen", "changes", "fingerprint"] { #expect(here[name] == there[name]) }
        #expect(there["fields"]["fatherPhone"].text == "19900000111")
        #expect(there["fields"]["motherPhone"].text == "19900000222")
        #expect(there["fields"]["note"].text == "三")
        let status = try ward.window.run("status")
        #expect(status["acknowledged"].number == status["saved"].number)
        // What was in a verified backup is never said to be in less.
        #expect(status["backedUp"].number >= 2)
        let window = try ward.window.attempt(["status"]).text
        #expect(window.contains("repair        ended, last under way "))
        let central = try ward.central.attempt(["hospital", "status", "YF"]).text
        #expect(central.contains("CENTRAL WENT BACK: last found so "))
        #expect(try ward.central.attempt(["check"]).status == 0)
    }

    @Test("A window that brings back what central lost says so while it lasts")
    func saysSo() throws {
        let ward = try Ward(hasAgent: false)
        let id = try ward.register()
        try ward.window.run("sync")
        let backup = try backUp(ward)
        for number in 0..<3 { try ward.window.run("case", "set", id, "note=\(number)") }
        try ward.window.run("sync")
        try whileStopped(ward) { try ward.central.run("restore", backup, "--force") }
        // One exchange finds out; the link breaks before the next.
        ward.link.cut(.reset, after: 900, .up)
        _ = try ward.window.attempt(["sync"])
        let during = try ward.window.attempt(["status"]).text
        ward.link.heal()
        #expect(during.contains("repair        under way (centralWentBack): bringing central what it lacks"))
        #expect(try synced(ward))
        #expect(try ward.changes(of: id, at: ward.central) == 4)
    }

    @Test(
        "A damaged database is told in one line with the next command, takes nothing, and is mended by a restore and the windows",
        arguments: ["header", "page", "cut"])
    func damaged(how: String) throws {
        let ward = try Ward()
        var ids: [String] = []
        for number in 0..<8 {
            ids.append(try ward.register())
            try ward.window.run("case", "set", ids[number], "note=\(String(repeating: "旧", count: 300))")
        }
        try ward.window.run("sync")
        let backup = try backUp(ward)
        for id in ids { try ward.window.run("case", "set", id, "note=\(String(repeating: "新", count: 300))") }
        try ward.window.run("sync")
        #expect(ward.centralDaemon.stop())
        let store = ward.central.data.appending(path: "central.sqlite")
        var data = try Data(contentsOf: store)
        switch how {
        case "header": data.replaceSubrange(0..<16, with: Data(count: 16))
        case "cut": data.removeLast(data.count / 2)
        default:
            for page in 2..<(data.count / 4096) where page % 2 == 0 {
                data.replaceSubrange((page * 4096)..<(page * 4096 + 4096), with: Data(count: 4096))
            }
        }
        try data.write(to: store)
        let check = try ward.central.attempt(["check"])
        #expect(
            check.status == 65 && check.text.contains("DAMAGED")
                && check.text.contains("birthcentral restore BACKUP"))
        let opened = try ward.central.attempt(["case", "list"])
        #expect(opened.status != 0 && (opened.error + opened.text).contains("damaged"))
        let plan = try ward.central.run("restore", backup, "--dry-run")
        #expect(plan["isPresentSound"].text == "false")
        #expect(try Data(contentsOf: store) == data)
        let restored = try ward.central.attempt(["restore", backup])
        #expect(
            restored.status == 0 && restored.text.contains("the old store is kept in "), "\(restored.error)")
        ward.centralDaemon = try ward.central.serve(port: ward.centralDaemon.port)
        #expect(try synced(ward))
        for id in ids {
            let (here, there) = (
                try ward.window.run("case", "show", id), try ward.central.run("case", "show", id)
            )
            #expect(here["fingerprint"] == there["fingerprint"] && there["changes"].number == 3)
        }
        #expect(try ward.central.attempt(["check"]).status == 0)
    }

    @Test("Killed while it backs up, central leaves whole backups only", arguments: 0..<2)
    func killedBackingUp(round: Int) throws {
        let ward = try Ward(hasAgent: false)
        for _ in 0..<5 { _ = try ward.register() }
        try ward.window.run("sync")
        let folder = try folder(ward)
        let token = try String(contentsOf: ward.central.data.appending(path: "staff.token"), encoding: .utf8)
        let headers = ["Authorization": "Bearer \(token)", "Content-Type": "application/json"]
        for _ in 0..<6 {
            let order = WebCall(
                "POST", "/api/v1/backups", headers: headers, body: Data(#"{"to":"\#(folder)"}"#.utf8))
            #expect(try order.send(to: ward.centralDaemon.port)?.status == 202)
            let microseconds = UInt32.random(in: 0...40_000)
            usleep(microseconds)
            try whileStopped(ward) {}
            for backup in try ward.central.run("backup", "list", folder)["backups"].list {
                let verified = try ward.central.attempt([
                    "backup", "verify", folder + "/" + backup["name"].text,
                ])
                #expect(verified.status == 0, "killed after \(microseconds) µs: \(verified.error)")
            }
        }
        _ = try backUp(ward)
        let left = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
            $0.hasPrefix(".unfinished")
        }
        #expect(left == [])
    }

    @Test("Killed while it restores, the old store or the new one is there, whole")
    func killedRestoring() throws {
        let ward = try Ward(hasAgent: false)
        let id = try ward.register()
        try ward.window.run("sync")
        let backup = try backUp(ward)
        try ward.window.run("case", "set", id, "note=二")
        try ward.window.run("sync")
        ward.centralDaemon.strike()
        ward.centralDaemon.awaitEnd()
        for round in 0..<20 {
            let microseconds = Int.random(in: 0...60_000)
            // The shell kills its own process after a while, whatever that does by then.
            _ = try ward.central.attempt(
                ["restore", backup, "--force"],
                setup: "( sleep 0.\(String(format: "%06d", microseconds)); kill -9 $$ ) &")
            let told = "round \(round), after \(microseconds) µs"
            let changes = try ward.changes(of: id, at: ward.central)
            #expect([1, 2].contains(changes), "\(told)")
            #expect(try ward.central.attempt(["check"]).status == 0, "\(told)")
        }
        ward.centralDaemon = try ward.central.serve(port: ward.centralDaemon.port)
        #expect(try synced(ward))
        #expect(try ward.changes(of: id, at: ward.central) == 2)
    }

    @Test("Without room for it a backup is refused in words, and nothing is left that bears a name")
    func full() throws {
        let ward = try Ward(hasAgent: false)
        for _ in 0..<3 { _ = try ward.register() }
        try ward.window.run("sync")
        #expect(ward.centralDaemon.stop())
        let folder = try folder(ward)
        // Blocks of 512 bytes; the signal is ignored, so that write(2) fails with EFBIG.
        let refused = try ward.central.attempt(["backup", folder], setup: "trap '' XFSZ; ulimit -f 200")
        #expect(refused.status == 73 && refused.error.contains("full"), "\(refused.error)")
        #expect(try ward.central.run("backup", "list", folder)["backups"].list.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [".lock"])
        #expect(try ward.central.attempt(["backup", folder]).status == 0)
    }

    @Test(
        "By itself central backs up when it is due; a failure is in the log and in the status, and it goes on when it can"
    )
    func byItself() throws {
        let ward = try Ward(hasAgent: false)
        let folder = ward.stage.directory.appending(path: "later").path
        let log = ward.stage.directory.appending(path: "central.log")
        #expect(ward.centralDaemon.stop())
        ward.centralDaemon = try ward.central.serve(
            port: ward.centralDaemon.port, "--backup-to", folder, "--backup-every", "1", log: log)
        #expect(
            try eventually {
                try String(contentsOf: log, encoding: .utf8).contains("the backup to \(folder) failed: ")
            })
        let status = try ward.central.attempt(["hospital", "status", "YF"]).text
        #expect(status.contains("NO VERIFIED BACKUP yet") && status.contains("BACKUP FAILED"))
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        #expect(ward.centralDaemon.stop())
        ward.centralDaemon = try ward.central.serve(
            port: ward.centralDaemon.port, "--backup-to", folder, "--backup-every", "1", log: log)
        #expect(try eventually { try ward.central.run("backup", "list", folder)["backups"].list.count == 1 })
        #expect(
            try eventually {
                try ward.central.attempt(["hospital", "status", "YF"]).text.contains("last verified backup")
            })
    }

    @Test("A restore is refused while central runs, without the keys, and from what is no backup")
    func refused() throws {
        let ward = try Ward(hasAgent: false)
        let backup = try backUp(ward)
        #expect(try ward.central.attempt(["restore", backup]).status == 75)
        #expect(ward.centralDaemon.stop())
        #expect(try ward.central.attempt(["restore", ward.stage.directory.path]).status == 66)
        let other = Tool(
            "birthcentral", data: ward.stage.directory.appending(path: "other"), stage: ward.stage)
        let keyless = try other.attempt(["restore", backup])
        #expect(keyless.status == 78 && keyless.error.contains("receipt.key"))
        for name in ["receipt.key", "central.key", "recovery.public", "seal.key", "seal.ring"] {
            try FileManager.default.copyItem(
                at: ward.central.data.appending(path: name), to: other.data.appending(path: name))
        }
        #expect(try other.attempt(["restore", backup]).status == 0)
        #expect(try other.run("hospital", "list")["hospitals"].list.count == 1)
        try FileManager.default.removeItem(atPath: backup + "/manifest.json")
        #expect(try ward.central.attempt(["backup", "verify", backup]).status == 66)
    }
}
