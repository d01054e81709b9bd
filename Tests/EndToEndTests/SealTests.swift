import FaultyLink
import Foundation
import OpenText
import Programs
import Testing

/// A day's work with the real programs, after which no file tells of anybody.
@Suite("Sealed at rest, by the real programs", .timeLimit(.minutes(6)), .onThreads)
struct SealTests {
    /// What of a birth is personal, as it was written into the file.
    private static let keys = [
        "childName", "motherName", "motherIdNo", "motherPhone", "motherHukouAddress", "motherAddress",
        "fatherName", "fatherIdNo", "fatherPhone", "fatherHukouAddress", "fatherAddress", "settleAddress",
    ]

    private func personal() throws -> [String] {
        let birth = try Value(parsing: try Data(contentsOf: Ward.birth))
        let texts = Self.keys.map { birth[$0].text }.filter { $0.utf8.count >= 6 }
        #expect(texts.count > 5)
        return texts + ["19900000111", "永福县百寿镇无名街七号"]
    }

    /// Two windows' worth of a day: a registration with a photo, words of central, a second copy, a bundle, a backup.
    private func work(_ ward: Ward, _ folder: URL) throws -> String {
        for name in ["stick", "bundle", "backups"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: name), withIntermediateDirectories: true)
        }
        try ward.window.run("journal", "set", folder.appending(path: "stick").path, "--same-disk")
        let id = try ward.register()
        let photo = ward.stage.directory.appending(path: "photo.jpg")
        try (Data([0xFF, 0xD8, 0xFF, 0xE0]) + Data("永福县百寿镇无名街七号".utf8)).write(to: photo)
        try ward.window.run("material", "add", id, "YF-M02a", photo.path, "--page", "1")
        try ward.window.run("sync")
        try ward.central.run("case", "set", id, "fatherPhone=19900000111")
        try ward.window.run("sync")
        try ward.window.run("case", "set", id, "note=永福县百寿镇无名街七号")
        try ward.window.run("sync")
        try ward.window.run("bundle", "export", folder.appending(path: "bundle").path)
        try ward.central.run("backup", folder.appending(path: "backups").path)
        try FileManager.default.removeItem(at: photo)
        return id
    }

    @Test(
        "After a day's work no name, number, phone or address is in any file of either end, nor in a copy of them"
    )
    func nothingOpen() throws {
        let ward = try Ward()
        let folder = ward.stage.directory.appending(path: "elsewhere")
        let id = try work(ward, folder)
        #expect(
            try eventually {
                try ward.window.run("journal", "status")["secondCopy"]["lackingChanges"].number == 0
            })
        let open = OpenText(try personal())
        #expect(try open.found(in: ward.stage.directory.path) == [], "while both run")
        // Killed, so that the logs of the databases stay as they are.
        ward.agent?.strike()
        ward.centralDaemon.strike()
        ward.agent?.awaitEnd()
        ward.centralDaemon.awaitEnd()
        #expect(try open.found(in: ward.stage.directory.path) == [], "after a kill -9")
        #expect(try !ward.window.run("case", "show", id)["fields"]["motherName"].text.isEmpty)
        #expect(try !ward.central.run("case", "show", id)["fields"]["motherName"].text.isEmpty)
    }

    @Test(
        "Another key and a passphrase, at both ends: the old key file opens nothing, the new one and the passphrase all"
    )
    func rotation() throws {
        let ward = try Ward()
        let id = try ward.register()
        try ward.window.run("sync")
        let secret = ward.stage.directory.appending(path: "passphrase")
        try Data("correct horse battery\n".utf8).write(to: secret)
        for (tool, name) in [(ward.window, "store.key"), (ward.central, "seal.key")] {
            let key = tool.data.appending(path: name)
            let old = try Data(contentsOf: key)
            #expect(try tool.run("seal", "status")["hasPassphrase"] == .bool(false))
            // Beside the program that runs.
            try tool.run("seal", "rotate", "--new-passphrase-file", secret.path)
            #expect(try tool.run("seal", "status")["hasPassphrase"] == .bool(true))
            if tool.program == "birthwindow" {
                ward.agent?.strike()
                ward.agent?.awaitEnd()
            } else {
                ward.centralDaemon.strike()
                ward.centralDaemon.awaitEnd()
            }
            let bare = try tool.attempt(["case", "show", id])
            #expect(
                bare.status == 78 && bare.error.contains("--passphrase-file"), "\(bare.status) \(bare.error)")
            let shown = try tool.run("case", "show", id, "--passphrase-file", secret.path)
            #expect(!shown["fields"]["motherName"].text.isEmpty)
            let new = try Data(contentsOf: key)
            try old.write(to: key)
            let refused = try tool.attempt(["case", "show", id])
            #expect(refused.status != 0 && refused.error.contains(".ring"), "\(refused.error)")
            try new.write(to: key)
            try tool.run("seal", "rotate", "--no-passphrase", "--passphrase-file", secret.path)
            #expect(try !tool.run("case", "show", id)["fields"]["motherName"].text.isEmpty)
        }
    }

    @Test("A restore without the sealing key says so before anything is touched, and goes through with it")
    func restoreWithoutKey() throws {
        let ward = try Ward()
        let id = try ward.register()
        try ward.window.run("sync")
        let folder = ward.stage.directory.appending(path: "backups")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let name = try ward.central.run("backup", folder.path)["verified"]["name"].text
        ward.centralDaemon.strike()
        ward.centralDaemon.awaitEnd()
        let (key, aside) = (
            ward.central.data.appending(path: "seal.key"), ward.stage.directory.appending(path: "seal.key")
        )
        try FileManager.default.moveItem(at: key, to: aside)
        let store = ward.central.data.appending(path: "central.sqlite")
        let before = try Data(contentsOf: store)
        let backup = folder.appending(path: name).path
        let refused = try ward.central.attempt(["restore", backup, "--force"])
        #expect(
            refused.status == 78 && refused.error.contains("seal.key"), "\(refused.status) \(refused.error)")
        #expect(try Data(contentsOf: store) == before)
        let start = try ward.central.attempt(["case", "show", id])
        #expect(start.status != 0 && start.error.contains("seal.key"), "\(start.error)")
        #expect(!FileManager.default.fileExists(atPath: key.path), "no key is made anew")
        try FileManager.default.moveItem(at: aside, to: key)
        try ward.central.run("restore", backup, "--force")
        #expect(try !ward.central.run("case", "show", id)["fields"]["motherName"].text.isEmpty)
    }

    @Test("No core dump is written of either program")
    func dumps() throws {
        let ward = try Ward()
        for process in [try #require(ward.agent).processIdentifier, ward.centralDaemon.processIdentifier] {
            let limits = try String(contentsOfFile: "/proc/\(process)/limits", encoding: .utf8)
            let line = try #require(
                limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
            #expect(line.split(whereSeparator: \.isWhitespace)[4...5] == ["0", "0"])
        }
    }
}
