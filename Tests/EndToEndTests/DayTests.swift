import FaultyLink
import Foundation
import OpenText
import Programs
import Testing

/// All that may happen in a day, with the real programs; then every file of either end is searched for what went in.
@Suite("After a day's work", .timeLimit(.minutes(10)), .onThreads)
struct DayTests {
    /// What went in: nobody of this name lives there.
    private static let (mother, child, father) = ("欧阳翠微莲", "欧阳望舒禾", "司徒砚青岩")
    private static let (draft, secondChild) = ("上官落霞秋", "欧阳望舒苗")
    private static let (phone, otherPhone) = ("13677218854", "19900000111")
    private static let (address, handwritten) = ("永福县苏桥镇望舒路八十八号", "住院号九三七一二床位靠窗")
    private static let (certificate, motherID) = (
        "Z450000001", CitizenNumber.make(birthDate: "1992-03-07", sex: "2", area: "450311")
    )

    private static let texts = [
        mother, child, father, draft, secondChild, phone, otherPhone, address, handwritten, certificate,
        motherID,
    ]

    /// Two ends as they are run, with their logs and temporary files in folders that are searched as well.
    private final class Town {
        let stage: Stage
        let central: Tool
        let window: Tool
        var centralDaemon: Daemon
        var agent: Daemon

        init() throws {
            stage = try Stage("birthwindow-day")
            let folder = stage.directory
            for name in ["logs", "stick", "bundle", "backups", "input", "department"] {
                try FileManager.default.createDirectory(
                    at: folder.appending(path: name), withIntermediateDirectories: true)
            }
            central = Tool("birthcentral", data: folder.appending(path: "central"), stage: stage)
            window = Tool("birthwindow", data: folder.appending(path: "window"), stage: stage)
            centralDaemon = try central.serve(log: folder.appending(path: "logs/central"))
            let added = try central.run(
                "hospital", "add", "YF", "--name", "永福县医院", "--policy", "gx-yongfu")
            agent = try window.serve("--idle-seconds", "86400", log: folder.appending(path: "logs/window"))
            try window.run(
                "enroll", "--central", "http://127.0.0.1:\(centralDaemon.port)", "--token",
                added["token"].text)
        }

        deinit { stage.clear() }

        func path(_ name: String) -> String { stage.directory.appending(path: name).path }

        /// Everything but what was put in by hand, and the department's own folder.
        var places: [String] {
            ["window", "central", "logs", "stick", "bundle", "backups", Stage.temporary].map(path)
        }

        /// A browser: curl with a jar for its session.
        @discardableResult
        func browse(_ daemon: Daemon, _ target: String, _ fields: [String: String]? = nil) throws -> String {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            var arguments = ["curl", "-s", "-L", "-c", path("input/jar"), "-b", path("input/jar")]
            for (name, value) in fields ?? [:] { arguments += ["--data-urlencode", "\(name)=\(value)"] }
            process.arguments = arguments + ["http://127.0.0.1:\(daemon.port)\(target)"]
            let output = Pipe()
            (process.standardOutput, process.standardError) = (output, FileHandle.nullDevice)
            try process.run()
            let text = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return String(decoding: text, as: UTF8.self)
        }

        /// A call of the agent's own API, with its token.
        func call(_ method: String, _ target: String, _ body: String, type: String = "application/json")
            throws -> Int
        {
            let file = try Value(parsing: try Data(contentsOf: window.data.appending(path: "daemon.json")))
            let headers = ["Authorization": "Bearer \(file["token"].text)", "Content-Type": type]
            return try WebCall(method, target, headers: headers, body: Data(body.utf8)).send(to: agent.port)?
                .status ?? 0
        }

        func restart() throws {
            for daemon in [agent, centralDaemon] {
                daemon.strike()
                daemon.awaitEnd()
            }
            centralDaemon = try central.serve(
                port: centralDaemon.port, log: URL(filePath: path("logs/central-2")))
            agent = try window.serve("--idle-seconds", "86400", log: URL(filePath: path("logs/window-2")))
        }
    }

    private func births(_ town: Town, _ name: String, child: String) throws -> String {
        // Wherever the example has them: the mother may be the head of the household as well.
        let birth = try Value(parsing: try Data(contentsOf: Ward.birth))
        var text = try String(contentsOf: Ward.birth, encoding: .utf8)
        for (key, value) in [
            ("motherName", Self.mother), ("childName", child), ("fatherName", Self.father),
            ("motherPhone", Self.phone), ("motherIdNo", Self.motherID),
        ] { text = text.replacing("\"\(birth[key].text)\"", with: "\"\(value)\"") }
        let path = town.path("input/\(name).json")
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    private func register(_ town: Town, _ name: String, child: String = Self.child) throws -> String {
        let answer = try town.window.run(
            "case", "new", "--policy", "gx-yongfu", "--file", try births(town, name, child: child))
        return answer["cases"].list[0]["id"].text
    }

    /// The morning: a registration with its photo, accepted, a certificate; a conflict, settled; the same child once more.
    private func morning(_ town: Town) throws -> String {
        let (window, central) = (town.window, town.central)
        try window.run("journal", "set", town.path("stick"), "--same-disk")
        try central.run("stock", "assign", "YF", Self.certificate, "Z450000023", "--date", "2025-09-01")
        let id = try register(town, "first")
        let photo = URL(filePath: town.path("input/photo.jpg"))
        try (Data([0xFF, 0xD8, 0xFF, 0xE0]) + Data(Self.handwritten.utf8)).write(to: photo)
        try window.run("material", "add", id, "YF-M02a", photo.path, "--page", "1")
        try window.run("sync")
        try window.run("case", "set", id, "birthCertNo=\(Self.certificate)")
        try window.run("case", "set", id, "note=\(Self.address)")
        try central.run("case", "set", id, "fatherPhone=\(Self.otherPhone)")
        try window.run("sync")
        for step in ["submit", "accept"] { try window.run("case", step, id) }
        // The same child once more: both ends say so.
        let again = try register(town, "second", child: Self.secondChild)
        try window.run("duplicates", again)
        try window.run("sync")
        try central.run("duplicates", "list")
        return id
    }

    /// People at browsers, and what they do wrong.
    private func browsing(_ town: Town, _ id: String) throws {
        let password = town.path("input/password")
        try Data("correct horse battery\n".utf8).write(to: URL(filePath: password))
        try town.central.run(
            "user", "add", "li.na", "--role", "administrator", "--password-file", password, "--hospital", "YF"
        )
        for wrong in [Self.mother, "li.na"] {
            try town.browse(town.centralDaemon, "/sign-in", ["user": wrong, "password": Self.phone])
        }
        try town.browse(
            town.centralDaemon, "/sign-in", ["user": "li.na", "password": "correct horse battery"])
        for target in [
            "/cases/\(id)", "/cases?q=\(Self.encoded(Self.mother))", "/cases/\(Self.encoded(Self.mother))",
        ] {
            try town.browse(town.centralDaemon, target)
        }
        // A draft; then malformed, wrong, not there, not allowed: each with somebody's name in it.
        #expect(
            try town.call(
                "PUT", "/api/v1/drafts/morning", #"{"motherName":"\#(Self.draft)","phone":"\#(Self.phone)"}"#)
                < 300)
        for (method, target, body) in [
            ("POST", "/api/v1/cases", #"{"newborns":[{"motherName":"\#(Self.mother)""#),
            ("POST", "/api/v1/cases", #"{"\#(Self.mother)":"\#(Self.motherID)"}"#),
            ("PATCH", "/api/v1/cases/\(id)", #"{"set":{"motherIdNo":"\#(Self.mother)"},"seen":{}}"#),
            ("PATCH", "/api/v1/cases/\(id)", #"{"set":{"\#(Self.mother)":"\#(Self.phone)"},"seen":{}}"#),
            ("POST", "/api/v1/cases/\(id)/steps", #"{"step":"\#(Self.mother)"}"#),
            ("GET", "/api/v1/cases?q=\(Self.encoded(Self.mother))&stage=\(Self.encoded(Self.father))", ""),
            ("GET", "/api/v1/\(Self.encoded(Self.mother))", ""),
            ("GET", "/cases/\(Self.encoded(Self.child))/sections/\(Self.phone)", ""),
        ] {
            #expect(try town.call(method, target, body) >= 400, "\(method) \(target.prefix(24))")
        }
        _ = try town.call(
            "POST", "/search", "q=\(Self.encoded(Self.mother))", type: "application/x-www-form-urlencoded")
        for tool in [town.window, town.central] {
            let refused = try tool.attempt(["case", "set", id, "motherIdNo=\(Self.mother)"])
            #expect(refused.status != 0)
        }
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }

    /// The evening: a stick, a backup, a department's folder.
    private func evening(_ town: Town) throws {
        try town.window.run("sync")
        try town.window.run("bundle", "export", town.path("bundle"))
        try town.central.run("backup", town.path("backups"))
        try town.central.run("department", "add", "health", "--name", "卫健局")
        try town.central.run(
            "folder", "--department", "health", "--folder", town.path("department"), "--once")
        #expect(
            try eventually {
                try town.window.run("journal", "status")["secondCopy"]["lackingChanges"].number == 0
            })
    }

    @Test(
        "No name, number, phone, address or word of a photo lies in any file of either end, while both run, after a kill -9, and after the next start"
    )
    func day() throws {
        let town = try Town()
        let open = OpenText(Self.texts)
        let id = try morning(town)
        try browsing(town, id)
        #expect(try found(open, in: town) == [], "in the middle of the day")
        try town.restart()
        try evening(town)
        #expect(try found(open, in: town) == [], "while both run")
        town.agent.strike()
        town.centralDaemon.strike()
        town.agent.awaitEnd()
        town.centralDaemon.awaitEnd()
        #expect(try found(open, in: town) == [], "after a kill -9")
        // It was all there, and is: the programs show it, and what a department is given is plain, in its own folder.
        for tool in [town.window, town.central] {
            let fields = try tool.run("case", "show", id)["fields"]
            #expect(fields["motherName"].text == Self.mother && fields["note"].text == Self.address)
            #expect(fields["birthCertNo"].text == Self.certificate)
        }
        #expect(try open.found(in: town.path("department")).contains { $0.hasPrefix(Self.mother) })
        #expect(try found(open, in: town) == [], "after the next start")
    }

    private func found(_ open: OpenText, in town: Town) throws -> [String] {
        try town.places.flatMap { try open.found(in: $0) }
    }
}
