import CentralServer
import Cryptography
import FaultyLink
import Foundation
import Persistence
import Programs
import Testing
import WindowAgent

/// Photos between the real programs, and with other people's clients.
@Suite("Attachments", .timeLimit(.minutes(4)), .onThreads)
struct AttachmentTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let python = root.appending(path: ".build/python/bin/python").path
    static let hasTuspy =
        (try? Shell.run("\(python) -c 'import tusclient'").status) == 0  // no shell: no client

    /// The token that an exchange of this window would bring.
    private func token(for content: [UInt8], in ward: Ward) throws -> String {
        let key = try KeyFile.read(
            ward.central.data.appending(path: "attachment.key").path, byteCount: AttachmentFiles.keyByteCount)
        let status = try ward.central.run("hospital", "status", "YF")
        let device = try #require(DeviceID(status["computers"].list[0]["device"].text))
        let token = UploadToken(
            device: device, hash: SHA256.hash(content), byteCount: UInt64(content.count),
            expires: UInt64(Date().timeIntervalSince1970 * 1000) + 600_000)
        return token.text(UploadToken.codes(key: key))
    }

    private func upload(
        _ ward: Ward, _ port: UInt16, _ file: URL, _ token: String, chunk: Int, _ more: String = ""
    )
        throws -> Shell.Outcome
    {
        let script = Self.root.appending(path: "Tests/Attachments/tus_client.py").path
        return try Shell.run(
            "\(Self.python) \(script) http://127.0.0.1:\(port)/attachments/uploads \(token) \(file.path) \(chunk) \(more)"
        )
    }

    private func fetch(_ ward: Ward, _ content: [UInt8], _ options: String = "") throws -> Shell.Outcome {
        let staff = try String(contentsOf: ward.central.data.appending(path: "staff.token"), encoding: .utf8)
        let file = ward.stage.directory.appending(path: "fetched").path
        var outcome = try Shell.run(
            "curl -sS -H 'Authorization: Bearer \(staff)' \(options) -w '%{http_code}' -o \(file) "
                + "http://127.0.0.1:\(ward.centralDaemon.port)/attachments/\(SHA256.hash(content).bytes.hexadecimal)"
        )
        outcome.file = [UInt8](try Data(contentsOf: URL(filePath: file)))
        return outcome
    }

    private func content(_ count: Int, in ward: Ward) throws -> ([UInt8], URL) {
        let content = [0xFF, 0xD8, 0xFF, 0xE0] + SecureRandom.bytes(count - 4)
        let file = ward.stage.directory.appending(path: "photo.jpg")
        try Data(content).write(to: file)
        return (content, file)
    }

    @Test(
        "tuspy uploads in chunks, is interrupted by the network and by kill -9, goes on, and curl fetches ranges",
        .enabled(if: hasTuspy))
    func tuspy() throws {
        let ward = try Ward(hasAgent: false)
        let (content, file) = try content(3_000_000, in: ward)
        let token = try token(for: content, in: ward)
        // It stops by itself after some chunks.
        let first = try upload(ward, ward.link.port, file, token, chunk: 100_000, "--stop-at 500000")
        try #require(first.status == 0, "\(first.text)")
        let url = first.text.split(separator: "\n").first.map(String.init) ?? ""
        // The network breaks in the middle of a chunk: what central had taken in stays. (A reset drops what lies in the
        // kernel's buffer, so the link is no faster than central.)
        ward.link.throttle(bytesPerSecond: 2_000_000)
        ward.link.cut(.reset, after: 700_000, .up)
        #expect(try upload(ward, ward.link.port, file, token, chunk: 400_000, "--url \(url)").status == 1)
        ward.link.throttle(bytesPerSecond: nil)
        ward.link.heal()
        let path = "/attachments/uploads/\(SHA256.hash(content).bytes.hexadecimal)"
        let told = try offset(of: path, token, ward)
        #expect(told > 1_050_000 && told < 1_200_000)
        // The machine breaks; then the rest, with checksums.
        ward.centralDaemon.strike()
        ward.centralDaemon.awaitEnd()
        ward.centralDaemon = try ward.central.serve(port: ward.centralDaemon.port)
        #expect(try offset(of: path, token, ward) == told)
        #expect(try fetch(ward, content).text == "404")
        let before = ward.link.counts.bytesUp
        let last = try upload(
            ward, ward.link.port, file, token, chunk: 300_000, "--url \(url) --checksum --retries 2")
        #expect(last.text.hasSuffix("3000000\n"), "\(last.text)")
        let again = ward.link.counts.bytesUp - before
        print("tuspy: at byte \(told) of 3000000 after a cut and a kill -9, \(again) bytes went for the rest")
        #expect(again < content.count - told + 10_000)
        try ranges(of: content, ward)
    }

    /// Where an upload ends, as central tells it.
    private func offset(of path: String, _ token: String, _ ward: Ward) throws -> Int {
        let answer = try Shell.run(
            "curl -sSI -H 'Tus-Resumable: 1.0.0' -H 'Authorization: Bearer \(token)' "
                + "http://127.0.0.1:\(ward.centralDaemon.port)\(path)")
        let line = answer.text.split(separator: "\r\n").first { $0.hasPrefix("Upload-Offset: ") }
        return try #require(line.flatMap { Int($0.dropFirst(15)) })
    }

    private func ranges(of content: [UInt8], _ ward: Ward) throws {
        let whole = try fetch(ward, content)
        #expect(whole.text == "200" && whole.file == content)
        let seed = UInt64.random(in: 1...UInt64.max)
        var state = seed
        for _ in 0..<10 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let start = Int(state >> 33) % content.count
            let end = min(content.count, start + 1 + Int(state >> 40) % 200_000)
            let part = try fetch(ward, content, "--range \(start)-\(end - 1)")
            #expect(part.text == "206" && part.file == Array(content[start..<end]), "SEED \(seed) \(start)")
        }
        #expect(try fetch(ward, content, "--range \(content.count)-").text == "416")
        #expect(try fetch(ward, content, "-H 'Authorization: Bearer no'").text == "401")
    }

    @Test(
        "A window's photo reaches central over a link that breaks again and again, once the case data is there"
    )
    func window() throws {
        let ward = try Ward(idleSeconds: 1, hasAgent: false)
        let (content, file) = try content(2_000_000, in: ward)
        let id = try ward.register()
        try ward.window.run("material", "add", id, "YF-M02a", file.path, "--page", "1")
        let files = try AttachmentFiles(
            directory: ward.window.data.appending(path: "attachments").path,
            key: try AgentDirectory(path: ward.window.data.path).storeKey().attachments)
        let before = ward.link.counts.bytesUp
        ward.agent = try ward.window.serve("--idle-seconds", "1")
        for _ in 0..<4 {
            ward.link.cut(.drop, after: 300_000, .up)
            let mark = ward.link.counts.bytesUp
            #expect(
                eventually {
                    ward.link.counts.bytesUp >= mark + 200_000
                        || (try? files.waitingAttachments().isEmpty) == true
                })
            ward.link.heal()
        }
        #expect(try eventually(within: 60) { try files.waitingAttachments().isEmpty })
        let sent = ward.link.counts.bytesUp - before
        print("window: \(content.count) bytes in \(sent) bytes up, with 4 cuts")
        #expect(sent < content.count + content.count / 2)
        #expect(try fetch(ward, content).file == content)
    }
}

/// A command of the shell.
enum Shell {
    struct Outcome: Sendable {
        let status: Int32
        let text: String
        var file: [UInt8] = []
    }

    static func run(_ command: String) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", command]
        let output = Pipe()
        (process.standardOutput, process.standardInput) = (output, FileHandle.nullDevice)
        process.standardError = FileHandle.nullDevice
        try process.run()
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, text: String(decoding: printed, as: UTF8.self))
    }
}
