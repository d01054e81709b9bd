import CentralServer
import Cryptography
import FaultyLink
import Foundation
import Persistence
import Programs
import Testing
import WindowAgent

/// A disk that dies with everything on it, with the real programs.
@Suite("Recovery of a dead disk", .timeLimit(.minutes(6)), .onThreads)
struct RecoveryTests {
    /// A ward with a second copy and a recovery sheet.
    private struct Scene {
        let ward: Ward
        let stick: URL
        let code: String

        init() throws {
            ward = try Ward()
            stick = ward.stage.directory.appending(path: "stick")
            try FileManager.default.createDirectory(at: stick, withIntermediateDirectories: true)
            code = try ward.window.run("recovery", "sheet")["code"].text
            try ward.window.run("journal", "set", stick.path, "--same-disk")
        }

        /// Photographs a paper of a case.
        func addPhoto(to id: String) throws -> [UInt8] {
            let content = [0xFF, 0xD8, 0xFF, 0xE0] + SecureRandom.bytes(150_000)
            let file = ward.stage.directory.appending(path: "\(id).jpg")
            try Data(content).write(to: file)
            try ward.window.run("material", "add", id, "YF-M02a", file.path, "--page", "1")
            return content
        }

        func awaitJournal() throws -> Bool {
            try eventually {
                let status = try ward.window.run("journal", "status")
                return status["notice"]["state"].text == "whole"
                    && status["secondCopy"]["lackingChanges"].number == 0
            }
        }

        /// kill -9, and the disk is gone with the keys on it.
        func destroy() throws {
            ward.agent?.strike()
            ward.agent?.awaitEnd()
            try FileManager.default.removeItem(at: ward.window.data)
        }

        /// Starts the recovered window, brings everything to central, and compares both ends.
        func goOn() throws {
            ward.link.heal()
            ward.agent = try ward.window.serve("--idle-seconds", "1")
            #expect(try eventually(within: 60) { try ward.window.run("sync")["error"].text.isEmpty })
            #expect(try eventually(within: 60) { try ward.window.run("status")["outbox"].number == 0 })
            let verified = try ward.window.run("resync", "verify")
            #expect(verified["isEqual"] == .bool(true), "\(verified)")
            let checked = try ward.window.run("store", "check")
            #expect(checked["damagedChanges"].list.isEmpty && checked["file"].list.isEmpty, "\(checked)")
        }

        /// Central has the photos, byte for byte.
        func expectPhotos(_ photos: [[UInt8]]) throws {
            let files = try AttachmentFiles(
                directory: ward.central.data.appending(path: "attachments").path,
                key: try KeyFile.read(
                    ward.central.data.appending(path: "attachment.key").path,
                    byteCount: AttachmentFiles.keyByteCount))
            for photo in photos {
                let hash = SHA256.hash(photo)
                #expect(try eventually(within: 60) { try files.byteCount(of: hash) == photo.count })
                #expect(try files.read(hash, 0..<photo.count) == photo)
            }
        }
    }

    /// The bodies of a case's changes at a program, as far as its page tells them.
    private func counts(_ cases: [String], at tool: Tool, _ ward: Ward) throws -> [Int] {
        try cases.map { try ward.changes(of: $0, at: tool) }
    }

    @Test(
        "Disk and key files gone after a day offline: the sheet, or central's recovery key, brings back every change and photo",
        arguments: [false, true])
    func deadDisk(withCentral: Bool) throws {
        let scene = try Scene()
        let ward = scene.ward
        // Some is confirmed at central, and central writes what never reaches the window.
        let first = try ward.register()
        try ward.window.run("sync")
        ward.awaitQuiet()
        ward.link.cut(.hold)
        try ward.central.run("case", "set", first, "fatherPhone=19900000111")
        // A day offline.
        var cases = [first]
        var photos: [[UInt8]] = []
        for _ in 0..<2 {
            cases.append(try ward.register())
            photos.append(try scene.addPhoto(to: cases[cases.count - 1]))
        }
        try ward.window.run("case", "set", first, "childBloodType=2")
        let fingerprintsBefore = try counts(cases, at: ward.window, ward)
        let nameOnStick = try ward.window.run("case", "show", cases[1])["fields"]["motherName"].text
        try #require(!nameOnStick.isEmpty)
        #expect(try scene.awaitJournal())
        try scene.destroy()

        #expect(try Shell.run("grep -rlaF '\(nameOnStick)' '\(scene.stick.path)'").text.isEmpty)
        #expect(try Shell.run("grep -rlaE '199[0-9]{8}|\(scene.code)' '\(scene.stick.path)'").text.isEmpty)

        var arguments = ["recover", "--from", scene.stick.path]
        if withCentral {
            let journal = try #require(
                try FileManager.default.contentsOfDirectory(atPath: scene.stick.path).first {
                    $0.hasPrefix("birthwindow-")
                })
            let opened = scene.stick.appending(path: "opened").path
            let help = try ward.central.run(
                "recovery", "open", scene.stick.appending(path: "\(journal)/header").path, "--to", opened)
            arguments += ["--header", opened, "--sheet", help["code"].text]
        } else {
            arguments += ["--sheet", scene.code.lowercased()]
        }
        let report = try ward.window.run(arguments)
        #expect(
            report["changes"].number > 3 && report["attachments"].number == 2 && report["gaps"].list.isEmpty)
        #expect(report["hasDeviceKey"] == .bool(true))
        // Nothing is lost before central is reached.
        #expect(try counts(cases, at: ward.window, ward) == fingerprintsBefore)
        try scene.goOn()
        for (id, count) in zip(cases, fingerprintsBefore) {
            #expect(try ward.changes(of: id, at: ward.central) >= count)
            #expect(try ward.changes(of: id, at: ward.central) == ward.changes(of: id, at: ward.window))
        }
        // What central wrote meanwhile has come, beside what the window wrote.
        let fields = try ward.window.run("case", "show", first)["fields"]
        #expect(fields["fatherPhone"].text == "19900000111" && fields["childBloodType"].text == "2")
        try scene.expectPhotos(photos)
        // It is the same computer to central: nothing was renamed, nobody was enrolled anew.
        #expect(try ward.central.run("device", "list")["devices"].list.count == 1)
        try ward.window.run("device", "rotate")
    }

    @Test(
        "A mistyped code names the group; another sheet's code, no code, and a directory in use are refused with the next step"
    )
    func refusals() throws {
        let scene = try Scene()
        _ = try scene.ward.register()
        #expect(try scene.awaitJournal())
        let full = try scene.ward.window.attempt([
            "recover", "--from", scene.stick.path, "--sheet", scene.code,
        ])
        #expect(full.status == 73 && full.error.contains("is not empty, and is not touched"), "\(full.error)")
        try scene.destroy()
        var typed = Array(scene.code)
        typed[7] = typed[7] == "A" ? "B" : "A"
        let wrong = try scene.ward.window.attempt([
            "recover", "--from", scene.stick.path, "--sheet", String(typed),
        ])
        #expect(wrong.status == 65 && wrong.error.contains("group 2"), "\(wrong.error)")
        let none = try scene.ward.window.attempt(["recover", "--from", scene.stick.path])
        #expect(none.status == 64 && none.error.contains("birthcentral recovery open"), "\(none.error)")
        let nowhere = try scene.ward.window.attempt(["recover", "--from", "/nowhere", "--sheet", scene.code])
        #expect(nowhere.status != 0 && nowhere.error.contains("/nowhere"), "\(nowhere.error)")
        #expect(!FileManager.default.fileExists(atPath: scene.ward.window.data.path))
    }

    @Test(
        "A database of noise and a missing key file are told with the file and the next command, and left as they are"
    )
    func damaged() throws {
        let scene = try Scene()
        let ward = scene.ward
        _ = try ward.register()
        #expect(try scene.awaitJournal())
        #expect(ward.agent?.stop() == true)
        scene.ward.agent = nil
        let (database, key) = (
            ward.window.data.appending(path: "window.sqlite"), ward.window.data.appending(path: "store.key")
        )
        let aside = ward.stage.directory.appending(path: "store.key")
        try FileManager.default.moveItem(at: key, to: aside)
        let missing = try ward.window.attempt(["status"])
        #expect(missing.status == 78 && missing.error.contains("store.key is missing"), "\(missing.error)")
        #expect(
            missing.error.contains("birthwindow recover") && !FileManager.default.fileExists(atPath: key.path)
        )
        try FileManager.default.moveItem(at: aside, to: key)
        let noise = Data(SecureRandom.bytes(100_000))
        try noise.write(to: database)
        let broken = try ward.window.attempt(["status"])
        #expect(broken.status == 65 && broken.error.contains("birthwindow recover --from"), "\(broken.error)")
        #expect(broken.error.contains(database.path))
        #expect(try Data(contentsOf: database) == noise)
        // The next step works: with the key file that survived, in a directory beside.
        let other = Tool(
            "birthwindow", data: ward.stage.directory.appending(path: "window-2"), stage: ward.stage)
        let report = try other.run("recover", "--from", scene.stick.path, "--key", key.path)
        #expect(report["cases"].number == 1)
    }
}
