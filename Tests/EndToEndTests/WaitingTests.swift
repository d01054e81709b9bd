import FaultyLink
import Foundation
import Programs
import Testing

/// Windows that wait at central, and links that are slow or paid, with the real programs.
@Suite("Waiting, slow and paid links", .timeLimit(.minutes(4)), .onThreads)
struct WaitingTests {
    /// Waits until the window waits at central.
    private func awaitWaiting(_ ward: Ward) throws {
        let isWaiting = try eventually {
            try ward.window.run("status")["link"]["activity"].text == "waiting"
        }
        try #require(isWaiting)
        ward.awaitQuiet()
    }

    private func note(of id: String, at ward: Ward) throws -> String {
        let agent = try #require(ward.agent)
        let answer = try ward.call("GET", "/api/v1/cases/\(id)").send(to: agent.port)
        return try Value(parsing: try #require(answer).body)["fields"]["fatherPhone"].text
    }

    @Test("What a department answers at central is at the window within seconds; the figure is printed")
    func results() throws {
        let ward = try Ward(idleSeconds: nil)
        let tokens = try ["health", "cdc", "police", "hrss", "medins", "tax"].reduce(into: [String: String]())
        {
            $0[$1] = try ward.central.run("department", "add", $1, "--name", $1)["token"].text
        }
        let id = try ward.register()
        try ward.window.run("case", "submit", id)
        try ward.window.run("case", "accept", id)
        try ward.window.run("sync")
        try awaitWaiting(ward)
        let agent = try #require(ward.agent)
        var milliseconds: [Int] = []
        for (department, token) in tokens.sorted(by: { $0.key < $1.key }) {
            for task in try ward.central.run("task", "list", department, "--token", token)["tasks"].list
            where task["state"].text == "ready" {
                let item = task["item"].text
                let began = ContinuousClock.now
                try ward.central.run(
                    [
                        "task", "result", department, id, item, "--id", "R-\(item)", "--outcome", "done",
                        "--date", "2026-06-01", "--token", token,
                    ] + ward.childNumber(item, of: id))
                let isHere = try eventually(within: 5) {
                    let answer = try ward.call("GET", "/api/v1/cases/\(id)").send(to: agent.port)
                    let items = try Value(parsing: try #require(answer).body)["items"].list
                    return items.contains { $0["item"].text == item && $0["state"].text == "done" }
                }
                #expect(isHere, "\(item)")
                milliseconds.append(Int((ContinuousClock.now - began) / .milliseconds(1)))
            }
        }
        #expect(milliseconds.count > 1)
        let median = milliseconds.sorted()[milliseconds.count / 2]
        print("result at the window: median \(median) ms of \(milliseconds), the command at central included")
        #expect(try ward.window.run("status")["link"]["sentence"].text == "在线，全部已发送")
    }

    @Test(
        "A poll that brings nothing is one round trip of at most 1,000 bytes; a server that stops lets it go at once"
    )
    func bytesAndStop() throws {
        let ward = try Ward(idleSeconds: nil)
        let id = try ward.register()
        let agent = try #require(ward.agent)
        for number in 0..<300 {
            let body = Data(#"{"set":{"note":"第\#(number)次"}}"#.utf8)
            #expect(
                try ward.call("PATCH", "/api/v1/cases/\(id)", body: body).send(to: agent.port)?.status == 200)
        }
        try ward.window.run("sync")
        try awaitWaiting(ward)
        let before = ward.link.counts
        let report = try ward.window.run("sync")
        #expect(report["exchanges"].number == 1)
        try awaitWaiting(ward)
        let asked = ward.link.counts
        let up = asked.bytesUp - before.bytesUp - report["bytesUp"].number
        let began = ContinuousClock.now
        #expect(ward.centralDaemon.stop())
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        #expect(seconds < 5, "it waits for those who wait: \(seconds) s")
        let down = ward.link.counts.bytesDown - asked.bytesDown
        print("a poll without news: \(up) bytes up, \(down) down; central stopped in \(seconds) s")
        #expect(up > 0 && down > 0 && up + down <= 1_000)
        #expect(try ward.window.run("status")["sync"]["failures"].number == 0)
    }

    @Test("A save goes at once while the window waits, and leaves no second change")
    func saveWhileWaiting() throws {
        let ward = try Ward(idleSeconds: nil)
        let id = try ward.register()
        try awaitWaiting(ward)
        for number in 0..<5 {
            try ward.window.run("case", "set", id, "note=\(number)")
            #expect(try eventually(within: 5) { try ward.window.run("status")["outbox"].number == 0 })
        }
        try awaitWaiting(ward)
        #expect(try ward.changes(of: id, at: ward.central) == 6)
        #expect(try ward.changes(of: id, at: ward.window) == 6)
        try ward.central.run("case", "set", id, "fatherPhone=19900000111")
        #expect(try eventually(within: 5) { try note(of: id, at: ward) == "19900000111" })
    }

    @Test("On a metered link nothing goes while nothing happens; a save brings what is new")
    func metered() throws {
        let ward = try Ward(idleSeconds: nil)
        let id = try ward.register()
        try awaitWaiting(ward)
        #expect(try ward.window.run("link", "set", "--metered", "yes")["metered"]["from"].text == "here")
        #expect(eventually { ward.link.counts.open <= 1 })
        ward.awaitQuiet()
        let before = ward.link.counts
        try ward.central.run("case", "set", id, "fatherPhone=19900000111")
        usleep(3_000_000)
        #expect(ward.link.counts.bytes == before.bytes && ward.link.counts.connections == before.connections)
        #expect(try note(of: id, at: ward) != "19900000111")
        let status = try ward.window.run("status")["link"]
        #expect(status["sentence"].text == "按流量计费，全部已发送，保存后随即交换")
        #expect(status["exchangeBytesToday"].number > 0)
        try ward.window.run("case", "set", id, "note=x")
        #expect(try eventually(within: 5) { try note(of: id, at: ward) == "19900000111" })
        // The next start has not forgotten.
        let bytes = try ward.window.run("status")["link"]["exchangeBytesToday"].number
        #expect(ward.agent?.stop() == true)
        ward.agent = try ward.window.serve()
        #expect(try eventually { try ward.window.run("status")["link"]["exchangeBytesToday"].number > bytes })
        #expect(try ward.window.run("link", "show")["metered"]["value"].text == "yes")
        #expect(try ward.window.run("status")["link"]["isMetered"] == .bool(true))
    }

    @Test("On a link of 3 kB/s and 1.4 s there and back nothing is given up, and a watch tells how it goes")
    func slowLink() throws {
        let ward = try Ward()
        let id = try ward.register()
        try ward.window.run("sync")
        ward.awaitQuiet()
        ward.link.cut(.reset)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<30 {
            let text = (0..<30).map { _ in String(random.next(), radix: 36) }.joined()
            try ward.window.run("case", "set", id, "note=\(text)")
        }
        ward.link.throttle(bytesPerSecond: 3_000)
        ward.link.delay(milliseconds: 700)
        ward.link.heal()
        let watched = try ward.window.attempt(["sync", "--watch"])
        #expect(watched.status == 0)
        let lines = watched.text.split(separator: "\n")
        print("watched:\n\(watched.text)")
        #expect(lines.contains { $0.hasPrefix("changes up ") } && lines.last == "done: nothing is left")
        #expect(try ward.changes(of: id, at: ward.central) == 31)
        #expect(try ward.window.run("status")["sync"]["failures"].number == 0)
    }
}
