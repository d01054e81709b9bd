import Foundation
import Programs
import Testing

/// A department's front-end machine: files, and a program that is killed again and again.
@Suite("A department's folder, with the real programs", .timeLimit(.minutes(5)), .onThreads)
struct FolderTests {
    private struct Office {
        let ward: Ward
        let path: URL
        /// Every telling of a task that was seen, as `case item turn`.
        var told: [String] = []
        var sent = 0

        init(_ ward: Ward) throws {
            self.ward = ward
            path = ward.stage.directory.appending(path: "health")
            try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
            try ward.central.run("department", "add", "health", "--name", "卫健局")
        }

        var command: [String] { ["folder", "--department", "health", "--folder", path.path] }

        func names(_ folder: String) -> [String] {
            // A folder that is not there yet has no files.
            (try? FileManager.default.contentsOfDirectory(atPath: path.appending(path: folder).path))?
                .sorted() ?? []
        }

        /// What the department does: takes the task files away and answers what is ready.
        mutating func work(hurried: Bool = true) throws {
            for name in names("out") where name.hasSuffix(".json") {
                let file = path.appending(path: "out/\(name)")
                let tasks = try Value(parsing: try Data(contentsOf: file))["tasks"].list
                try FileManager.default.removeItem(at: file)
                told += tasks.map { "\($0["caseID"].text) \($0["item"].text) \($0["turn"].text)" }
                let ready = tasks.filter { $0["state"].text == "ready" }
                if !ready.isEmpty { try answer(ready) }
            }
        }

        private mutating func answer(_ tasks: [Value]) throws {
            sent += 1
            let rows = tasks.map { task in
                """
                {"id":"\(task["caseID"].text)-\(task["item"].text)","caseID":"\(task["caseID"].text)",\
                "item":"\(task["item"].text)","outcome":"done","date":"2026-06-01","asOf":"\(task["asOf"].text)"}
                """
            }
            let (temporary, place) = (
                path.appending(path: "in/.new"), path.appending(path: "in/results-\(sent).json")
            )
            try Data(#"{"format":1,"results":[\#(rows.joined(separator: ","))]}"#.utf8).write(to: temporary)
            // As if it had been written a while ago.
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: temporary.path)
            try FileManager.default.moveItem(at: temporary, to: place)
        }
    }

    @Test("Killed again and again, it gives each telling of a task once and takes each result once")
    func killed() throws {
        let ward = try Ward(hasAgent: false)
        var office = try Office(ward)
        var cases: [String] = []
        for round in 0..<24 {
            if round % 4 == 0 {
                let id = try ward.register()
                cases.append(id)
                for step in ["submit", "accept"] { try ward.window.run("case", step, id) }
                try ward.window.run("sync")
            }
            let running = try ward.central.begin(office.command)
            usleep(UInt32.random(in: 20_000...400_000))
            running.strike()
            try office.work()
        }
        // Undisturbed to the end: twice for the results, whose tasks have been told by then.
        for _ in 0..<4 {
            try ward.central.run(office.command + ["--once"])
            try office.work()
        }
        #expect(Set(office.told).count == office.told.count)
        #expect(
            Set(office.told.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }).count == cases
                .count * 2)
        let tasks = try ward.central.run("task", "list", "health")["tasks"].list
        #expect(tasks.count == cases.count * 2 && tasks.allSatisfy { $0["state"].text == "done" })
        for kind in ["conflict", "result"] {
            #expect(try ward.central.run("desk", "list", "--kind", kind)["entries"].list.isEmpty)
        }
        #expect(office.names("in").isEmpty && office.names("reject").isEmpty)
        #expect(office.names("receipts").count == office.names("done").count)
    }

    @Test(
        "The daemon looks after a folder by itself; over the network it needs the department's token; CSV goes round"
    )
    func daemon() throws {
        let ward = try Ward(hasAgent: false)
        var office = try Office(ward)
        let id = try ward.register()
        for step in ["submit", "accept"] { try ward.window.run("case", step, id) }
        try ward.window.run("sync")
        let token = try ward.central.run("department", "token", "health")["token"].text
        let file = ward.stage.directory.appending(path: "token").path
        try Data((token + "\n").utf8).write(to: URL(filePath: file))
        let remote = [
            "--central", "http://127.0.0.1:\(ward.centralDaemon.port)", "--token-file", file, "--once",
        ]
        #expect(try ward.central.run(office.command + remote)["tasks"].number == 2)
        try office.work()
        #expect(try ward.central.run(office.command + remote)["results"]["taken"].number == 2)
        try ward.central.run("department", "disable", "health")
        #expect(try ward.central.attempt(office.command + remote).status != 0)
        #expect(try ward.central.attempt(office.command + ["--central", "http://10.0.0.1"]).status == 64)

        let police = ward.stage.directory.appending(path: "police")
        try FileManager.default.createDirectory(at: police, withIntermediateDirectories: true)
        #expect(ward.centralDaemon.stop())
        ward.centralDaemon = try ward.central.serve(
            port: ward.centralDaemon.port, "--folder", "police=\(police.path)", "--folder-format", "csv")
        let out = police.appending(path: "out").path
        #expect(eventually { ((try? FileManager.default.contentsOfDirectory(atPath: out)) ?? []).count == 1 })
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: out).first)
        #expect(name.hasPrefix("tasks-police-") && name.hasSuffix(".csv"))
        let table = try Data(contentsOf: URL(filePath: out + "/" + name))
        #expect(table.starts(with: [0xEF, 0xBB, 0xBF]))
        #expect(String(decoding: table, as: UTF8.self).contains("[=childIdNo]"))
    }

    @Test(
        "What a department sends back shows at the window with its sentence, and comes again when it is handed in again"
    )
    func returned() throws {
        let ward = try Ward(hasAgent: false)
        try ward.central.run("department", "add", "health", "--name", "卫健局")
        let id = try ward.register()
        for step in ["submit", "accept"] { try ward.window.run("case", step, id) }
        try ward.window.run("sync")
        let result = ["task", "result", "health", id, "birthCert", "--date", "2026-06-01"]
        let silent = try ward.central.attempt(result + ["--id", "R1", "--outcome", "returned"])
        #expect(silent.status != 0 && silent.error.contains("请写明原因"))
        try ward.central.run(result + ["--id", "R1", "--outcome", "returned", "--note", "请重新拍摄产时记录页。"])
        #expect(try ward.window.run("case", "list", "--returned")["cases"].list.isEmpty)
        try ward.window.run("sync")
        #expect(try ward.window.run("case", "list", "--returned")["cases"].list.map { $0["id"].text } == [id])
        #expect(try ward.window.attempt(["case", "show", id]).text.contains("已退回（请重新拍摄产时记录页。）"))
        try ward.window.run("case", "resubmit", id, "--reason", "已重拍")
        #expect(try ward.window.run("case", "list", "--returned")["cases"].list.isEmpty)
        #expect(try ward.window.attempt(["case", "resubmit", id]).status == 65)
        try ward.window.run("sync")
        let task = try ward.central.run("task", "show", "health", id, "birthCert")
        #expect(task["state"].text == "ready" && !task["due"].text.isEmpty)
        try ward.central.run(result + ["--id", "R2", "--outcome", "done"])
        try ward.window.run("sync")
        let items = try ward.window.run("case", "show", id)["items"].list
        #expect(items.first { $0["item"].text == "birthCert" }?["state"].text == "done")
    }
}
