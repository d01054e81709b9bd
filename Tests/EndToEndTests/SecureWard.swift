import FaultyLink
import Foundation
import Programs

/// Central that speaks TLS with a county's own certificate, and a window that trusts nothing else, as real processes.
final class SecureWard {
    let stage: Stage
    let county: Authority
    let central: Tool
    let window: Tool
    let link: FaultyLink
    var centralDaemon: Daemon
    var agent: Daemon
    /// The files that central reads its certificate and key from.
    let served: (certificate: URL, key: URL)
    /// What central says on standard error.
    let log: URL

    init() throws {
        stage = try Stage("birthwindow-tls")
        let folder = stage.directory
        county = try Authority(in: folder.appending(path: "county"))
        central = Tool("birthcentral", data: folder.appending(path: "central"), stage: stage)
        window = Tool("birthwindow", data: folder.appending(path: "window"), stage: stage)
        served = (folder.appending(path: "served.pem"), folder.appending(path: "served.key"))
        log = folder.appending(path: "central.log")
        try Self.put(try county.issue("first"), at: served)
        centralDaemon = try central.serve(
            "--certificate", served.certificate.path, "--key", served.key.path, log: log)
        link = try FaultyLink(to: "127.0.0.1", port: centralDaemon.port)
        let added = try central.run(
            "hospital", "add", "YF", "--name", "永福县医院", "--policy", "gx-yongfu", "--authority",
            county.certificate.path)
        agent = try window.serve("--idle-seconds", "86400")
        try window.run(
            "enroll", "--central", address, "--token", added["token"].text, "--authority",
            county.certificate.path)
    }

    deinit {
        stage.clear()
        link.close()
    }

    var address: String { "https://127.0.0.1:\(link.port)" }

    /// Puts a certificate and its key where central looks for them.
    static func put(_ issued: Authority.Issued, at place: (certificate: URL, key: URL)) throws {
        for (from, to) in [(issued.certificate, place.certificate), (issued.key, place.key)] {
            try Data(contentsOf: from).write(to: to)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: to.path)
        }
    }

    /// The subject of the certificate that central shows now.
    func shown() throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [
            "-c",
            "openssl s_client -connect 127.0.0.1:\(centralDaemon.port) </dev/null 2>/dev/null | openssl x509 -noout -subject",
        ]
        let output = Pipe()
        (process.standardOutput, process.standardError) = (output, FileHandle.nullDevice)
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// What central has logged so far.
    func logged() throws -> String { String(decoding: try Data(contentsOf: log), as: UTF8.self) }

    /// Registers a birth; answers its case's ID.
    func register() throws -> String {
        let answer = try window.run("case", "new", "--policy", "gx-yongfu", "--file", Ward.birth.path)
        return answer["cases"].list[0]["id"].text
    }
}
