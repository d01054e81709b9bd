import Commands
import Foundation
import WindowAgent

extension Command {
    /// Runs the agent until it is asked to stop.
    static let serve = Command(
        "serve", "\(ServeOptions.usage) [--idle-seconds N]", "run this window's agent",
        discussion: """
            Serves the API on --listen (default 127.0.0.1:8731; port 0 takes any) and exchanges with central at once when
            something was saved. Otherwise it waits at central for news, as `link set` allows; with --idle-seconds it asks so
            often instead. Stops on SIGTERM or SIGINT.

            \(ServeOptions.discussion)
            """,
        valued: ServeOptions.valued.union(["--idle-seconds"])
    ) { arguments, console in
        let window = Window(&arguments)
        let options = try ServeOptions(&arguments, listen: "127.0.0.1:8731")
        let idle = try arguments.option("--idle-seconds").map { text throws(UsageError) in
            guard let seconds = UInt64(text), 1...86_400 ~= seconds else {
                throw UsageError("--idle-seconds takes a number from 1 to 86400")
            }
            return seconds
        }
        try arguments.finish()
        try await window.serve(options, idleSeconds: idle, console: console)
        return .ok
    }

    /// Binds this window to a hospital.
    static let enroll = Command(
        "enroll", "--central URL --token TOKEN [--authority F]", "bind this window to a hospital at central",
        discussion: """
            The token comes from `birthcentral hospital add` and works once; `--token -` reads it from standard input. The
            device key is made here, in a file of its own, and never leaves this machine.

            URL begins with https://. With --authority only certificates of the authority in that file (PEM) are trusted; it is
            copied. --allow-plain-http lets records cross a network unencrypted.
            """,
        valued: ["--central", "--token", "--authority"]
    ) { arguments, console in
        let window = Window(&arguments)
        let central = try arguments.required("--central")
        let given = try arguments.required("--token")
        let authority = try arguments.option("--authority").map(authority)
        let allowsPlainHTTP = arguments.flag("--allow-plain-http")
        try arguments.finish()
        var made = EnrolmentOrder(central: central, token: given == "-" ? readLine() ?? "" : given)
        (made.authority, made.allowsPlainHTTP) = (authority, allowsPlainHTTP)
        let order = made
        let answer = try await window.withEndpoint { endpoint in
            try await endpoint.call(.post, "/api/v1/enrolment", json: order)
        }
        console.show(answer, asJSON: window.isJSON) { json in
            ["enrolled as \(json["name"].word) (\(json["code"].word))"]
        }
        return .ok
    }

    private static func authority(_ path: String) throws -> String {
        guard
            let text = FileManager.default.contents(atPath: path).flatMap({
                String(data: $0, encoding: .utf8)
            })
        else { throw CommandError("\(path) cannot be read", status: .noInput) }
        return text
    }

    /// Gives this window another device key.
    static let deviceRotate = Command(
        "device rotate", "", "give this window a new device key",
        discussion: """
            Central takes the old key until it has seen the new one. If the command is cut short, give it again: it goes on
            where it was, and the window exchanges all the while.
            """
    ) { arguments, console in
        let window = Window(&arguments)
        try arguments.finish()
        let answer = try await window.withEndpoint(isRunning: true) { endpoint in
            try await endpoint.call(.post, "/api/v1/device/rotation")
        }
        console.show(answer, asJSON: window.isJSON) { json in
            let seen =
                json["isSeen"] == .bool(true)
                ? "central has seen it: the old key is worthless" : "central sees it with the next exchange"
            return ["the device key was changed; \(seen)"]
        }
        return .ok
    }
}
