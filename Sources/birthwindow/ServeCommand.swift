import Commands
import Foundation

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
        try await window.serve("birthwindow", at: listen, idleSeconds: idle, console: console)
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
