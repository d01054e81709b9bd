import FaultyLink
import Foundation
import Programs
import Testing

/// The agent's daemon and the commands, on one directory.
@Suite("Daemon and commands", .timeLimit(.minutes(4)), .onThreads)
struct DaemonTests {
    @Test("What a killed agent had answered is there, however often it is killed, and nothing is there twice")
    func killed() throws {
        let ward = try Ward()
        let id = try ward.register()
        var answered = 0
        for round in 0..<12 {
            let saves = try saveUntilKilled(ward, id, round: round)
            answered += saves
            ward.agent = try ward.window.serve("--idle-seconds", "86400")
            let after = try ward.changes(of: id, at: ward.window)
            #expect((1 + answered...2 + answered).contains(after), "round \(round)")
            // The save that nobody answered is repeated under its own ID.
            let last = try ward.call(
                "PATCH", "/api/v1/cases/\(id)", saveID: "\(round)-\(saves)", body: Self.note(round, saves))
            #expect(try last.send(to: try #require(ward.agent).port)?.status == 200)
            answered += 1
            #expect(try ward.changes(of: id, at: ward.window) == 1 + answered, "round \(round)")
        }
        try ward.window.run("sync")
        let status = try ward.window.run("status")
        #expect(status["saved"].number == 1 + answered)
        #expect(status["acknowledged"].number == 1 + answered)
        #expect(try ward.changes(of: id, at: ward.central) == 1 + answered)
    }

    private static func note(_ round: Int, _ number: Int) -> Data {
        Data(#"{"set":{"note":"第\#(round)轮第\#(number)次"}}"#.utf8)
    }

    /// Saves through the agent's API while another thread kills it; tells how many saves were answered.
    private func saveUntilKilled(_ ward: Ward, _ id: String, round: Int) throws -> Int {
        let agent = try #require(ward.agent)
        let killer = Thread {
            usleep(.random(in: 0...150_000))
            agent.strike()
        }
        var saves = 0
        let call = { (number: Int) in
            try ward.call(
                "PATCH", "/api/v1/cases/\(id)", saveID: "\(round)-\(number)", body: Self.note(round, number))
        }
        killer.start()
        // An error of the socket means the same as no answer: nobody is there any more.
        while let answer = try? call(saves).send(to: agent.port) {
            #expect(answer.status == 200)
            saves += 1
        }
        agent.awaitEnd()
        return saves
    }

    @Test("Without a daemon the commands work on the directory, one after the other")
    func withoutDaemon() throws {
        let ward = try Ward(hasAgent: false)
        let id = try ward.register()
        ward.link.cut(.reset)
        try ward.window.run("case", "set", id, "note=没有服务进程")
        #expect(try ward.window.run("status")["outbox"].number >= 1)
        #expect(try ward.window.attempt(["sync"]).status == 75)
        ward.link.heal()
        #expect(try ward.window.run("sync")["error"] == .null)
        #expect(try ward.window.run("status")["outbox"].number == 0)
        #expect(try ward.changes(of: id, at: ward.central) == 2)
        // Then through a daemon, and again without.
        let daemon = try ward.window.serve()
        try ward.window.run("case", "set", id, "note=有服务进程")
        #expect(daemon.stop())
        try ward.window.run("case", "set", id, "note=又没有")
        #expect(try ward.changes(of: id, at: ward.window) == 4)
    }

    @Test("While another command holds the lock, a command says so and can be given again")
    func locked() throws {
        let ward = try Ward(hasAgent: false)
        let lock = unsafe open(ward.window.data.appending(path: "window.lock").path, O_RDWR)
        #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
        let outcome = try ward.window.attempt(["case", "list"])
        #expect(outcome.status == 75)
        #expect(outcome.error.contains("try again"))
        close(lock)
        #expect(try ward.window.attempt(["case", "list"]).status == 0)
    }

    @Test("After a kill -9 the commands work at once, with what the daemon left behind")
    func afterKill() throws {
        let ward = try Ward()
        let id = try ward.register()
        let agent = try #require(ward.agent)
        agent.strike()
        agent.awaitEnd()
        #expect(FileManager.default.fileExists(atPath: ward.window.data.appending(path: "daemon.json").path))
        try ward.window.run("case", "set", id, "note=停电之后")
        #expect(try ward.changes(of: id, at: ward.window) == 2)
        let again = try ward.window.serve()
        #expect(try ward.changes(of: id, at: ward.window) == 2)
        #expect(again.stop())
    }

    @Test("Both daemons stop in good order, and leave no address behind")
    func stops() throws {
        let ward = try Ward()
        let agent = try #require(ward.agent)
        #expect(agent.stop() && ward.centralDaemon.stop())
        for tool in [ward.window, ward.central] {
            #expect(!FileManager.default.fileExists(atPath: tool.data.appending(path: "daemon.json").path))
        }
    }

    @Test("A body that is too large, cut or not what it claims is refused by status, and the daemons go on")
    func badBodies() throws {
        let ward = try Ward()
        let id = try ward.register()
        let (agent, central) = (try #require(ward.agent).port, ward.centralDaemon.port)
        // The head alone says that it is too much, and is answered.
        let large = try ward.call("PATCH", "/api/v1/cases/\(id)", announcing: 64 << 20)
        #expect(try large.send(to: agent)?.status == 413)
        let torn = try ward.call("PATCH", "/api/v1/cases/\(id)", body: Data(#"{"set":{"#.utf8)).send(
            to: agent)
        #expect(torn?.status == 400)
        let stranger = try WebCall("GET", "/api/v1/cases").send(to: agent)
        #expect(stranger?.status == 401)
        for body in [Data(), Data("no CBOR".utf8), Data(repeating: 0xFF, count: 1_000)] {
            let headers = ["Content-Type": "application/vnd.birthwindow.exchange"]
            let answer = try WebCall("POST", "/sync/v1/exchange", headers: headers, body: body).send(
                to: central)
            #expect((400..<500).contains(answer?.status ?? 0))
        }
        let tooLarge = WebCall("POST", "/sync/v1/exchange", announcing: 64 << 20)
        #expect(try tooLarge.send(to: central)?.status == 413)
        #expect(try ward.window.run("sync")["error"] == .null)
        #expect(try ward.changes(of: id, at: ward.central) == 1)
    }
}
