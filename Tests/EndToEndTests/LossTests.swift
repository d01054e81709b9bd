import Cryptography
import Foundation
import Programs
import Testing

/// Photos that one side has lost come back from the other.
@Suite("Lost photos", .timeLimit(.minutes(4)), .onThreads)
struct LossTests {
    private func photo(_ ward: Ward, _ name: String, bytes: Int = 90_000) throws -> (hash: String, file: URL)
    {
        let content = [0xFF, 0xD8, 0xFF, 0xE0] + SecureRandom.bytes(bytes)
        let file = ward.stage.directory.appending(path: name)
        try Data(content).write(to: file)
        return (SHA256.hash(content).bytes.hexadecimal, file)
    }

    private func secondWindow(_ ward: Ward) throws -> (tool: Tool, daemon: Daemon) {
        let token = try ward.central.run("hospital", "token", "YF")["token"].text
        let tool = Tool(
            "birthwindow", data: ward.stage.directory.appending(path: "second"), stage: ward.stage)
        let daemon = try tool.serve("--idle-seconds", "1")
        try tool.run("enroll", "--central", "http://127.0.0.1:\(ward.link.port)", "--token", token)
        return (tool, daemon)
    }

    private func states(_ ward: Ward, _ id: String) throws -> [String] {
        try ward.central.run("attachment", "list", id)["attachments"].list.map { $0["state"].text }
    }

    private func fetched(_ tool: Tool, _ ward: Ward, _ words: String...) throws -> Data {
        let file = ward.stage.directory.appending(path: "fetched-\(UUID().uuidString)")
        try tool.run(words + ["--to", file.path])
        return try Data(contentsOf: file)
    }

    @Test(
        "Central loses its attachments: every photo comes back from a window that has it, also another window's"
    )
    func centralLoses() throws {
        let ward = try Ward(idleSeconds: 1)
        let id = try ward.register()
        let (mine, other) = (try photo(ward, "mine.jpg"), try photo(ward, "other.jpg"))
        try ward.window.run("material", "add", id, "YF-M02a", mine.file.path, other.file.path)
        #expect(try eventually { try states(ward, id) == ["here", "here"] })
        // A second window looks at one of them, and so has it.
        let (second, secondDaemon) = try secondWindow(ward)
        #expect(try eventually { try second.attempt(["case", "show", id]).status == 0 })
        #expect(try fetched(second, ward, "material", "show", id, other.hash) == Data(contentsOf: other.file))
        // The first window loses that one, and central loses all.
        let agent = try #require(ward.agent)
        #expect(agent.stop())
        let list = try ward.window.run("material", "list", id)["attachments"].list
        #expect(list.map { $0["state"].text } == ["here", "here"])
        try dropFile(of: other, at: ward)
        ward.centralDaemon.strike()
        ward.centralDaemon.awaitEnd()
        try FileManager.default.removeItem(at: ward.central.data.appending(path: "attachments"))
        ward.centralDaemon = try ward.central.serve(port: ward.centralDaemon.port)
        ward.agent = try ward.window.serve("--idle-seconds", "1")
        #expect(try eventually(within: 60) { try states(ward, id) == ["here", "here"] })
        for (hash, file) in [mine, other] {
            #expect(try fetched(ward.central, ward, "attachment", "show", hash) == Data(contentsOf: file))
        }
        #expect(secondDaemon.stop())
    }

    /// Removes a window's file of one photo: the one that was written last.
    private func dropFile(of photo: (hash: String, file: URL), at ward: Ward) throws {
        let folder = ward.window.data.appending(path: "attachments/whole")
        let files = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: [.contentModificationDateKey])
        let dated = try files.map {
            (
                $0,
                try $0.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate
                    ?? .distantPast
            )
        }
        let last = try #require(dated.max { $0.1 < $1.1 }?.0)
        try FileManager.default.removeItem(at: last)
    }

    @Test("A photo that is damaged at the window is said, and fetched again when somebody looks at it")
    func windowDamages() throws {
        let ward = try Ward(idleSeconds: 1)
        let id = try ward.register()
        let photo = try photo(ward, "photo.jpg")
        try ward.window.run("material", "add", id, "YF-M02a", photo.file.path, "--page", "1")
        #expect(try eventually { try states(ward, id) == ["here"] })
        #expect(try eventually { try ward.window.run("status")["attachments"]["waiting"].number == 0 })
        let folder = ward.window.data.appending(path: "attachments/whole")
        let file = try #require(
            try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).first)
        var sealed = try Data(contentsOf: file)
        sealed[70_000] ^= 1
        try sealed.write(to: file)
        ward.link.cut(.hold)
        // Half of it comes, and the connection breaks: a part is never taken for the whole.
        let target = "/api/v1/cases/\(id)/attachments/\(photo.hash)"
        let answer = try? ward.call("GET", target).send(to: try #require(ward.agent).port)
        #expect(answer?.body.count != 90_004)
        #expect(
            try ward.window.run("material", "list", id)["attachments"].list.map { $0["state"].text } == [
                "damaged"
            ])
        #expect(try ward.window.run("status")["attachments"]["damaged"].number == 1)
        ward.link.heal()
        #expect(
            try fetched(ward.window, ward, "material", "show", id, photo.hash) == Data(contentsOf: photo.file)
        )
        #expect(try ward.window.run("status")["attachments"]["damaged"].number == 0)
    }
}
