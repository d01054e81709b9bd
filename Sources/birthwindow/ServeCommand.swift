import Commands
import Foundation
import Persistence
import Web
import WindowAgent

extension Command {
    /// Runs the agent until it is asked to stop.
    static let serve = Command(
        "serve", "[--listen HOST:PORT] [--idle-seconds N]", "run this window's agent",
        discussion: """
            Serves the API on --listen (default 127.0.0.1:8731; port 0 takes any) and exchanges with central at once when
            something was saved, and every --idle-seconds (default 30) otherwise. Stops on SIGTERM or SIGINT.
            """,
        valued: ["--listen", "--idle-seconds"]
    ) { arguments, console in
        let window = Window(&arguments)
        let listen = try ListenAddress(arguments.option("--listen") ?? "127.0.0.1:8731")
        guard let idle = UInt64(arguments.option("--idle-seconds") ?? "30"), 1...86_400 ~= idle else {
            throw UsageError("--idle-seconds takes a number from 1 to 86400")
        }
        try arguments.finish()
        let token = Window.newToken()
        let agent: Agent
        do { agent = try Window.openAgent(window.directory, token: token, idleSeconds: idle) } catch
            FileLockError.heldByAnother(let process)
        {
            throw CommandError(
                "\(window.directory.path) is in use\(process.map { " by process \($0)" } ?? ""): an agent runs there already",
                status: .temporaryFailure)
        }
        let server = try listen.serve(agent.router)
        let address = "http://\(listen.host):\(server.port)"
        try DaemonFile(address: address, token: token).write(to: window.directory.daemonFile)
        console.print(window.isJSON ? #"{"address":"\#(address)"}"# : "birthwindow serves \(address)")
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await agent.run() }
            await Signals.wait()
            group.cancelAll()
        }
        await server.stop()
        // If it stays, the next command finds that nobody answers, and the next daemon replaces it.
        try? FileManager.default.removeItem(atPath: window.directory.daemonFile)
        return .ok
    }

    /// Binds this window to a hospital.
    static let enroll = Command(
        "enroll", "--central URL --token TOKEN", "bind this window to a hospital at central",
        discussion: """
            The token comes from `birthcentral hospital add` and works once; `--token -` reads it from standard input. The
            device key is made here, in a file of its own, and never leaves this machine.
            """,
        valued: ["--central", "--token"]
    ) { arguments, console in
        let window = Window(&arguments)
        let central = try arguments.required("--central")
        let given = try arguments.required("--token")
        try arguments.finish()
        let token = given == "-" ? readLine() ?? "" : given
        let answer = try await window.withEndpoint { endpoint in
            try await endpoint.call(.post, "/api/v1/enrolment", json: ["central": central, "token": token])
        }
        console.show(answer, asJSON: window.isJSON) { json in
            ["enrolled as \(json["name"].word) (\(json["code"].word))"]
        }
        return .ok
    }
}
