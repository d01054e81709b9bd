import FaultyLink
import Foundation
import Programs

/// Central and one window, as real processes, with a network between them that can be cut. Everything is cleared away
/// with the value.
final class Ward {
    let stage: Stage
    let central: Tool
    let window: Tool
    let link: FaultyLink
    var centralDaemon: Daemon
    /// Nil if the window works without one.
    var agent: Daemon?

    /// - Parameters:
    ///   - idleSeconds: how often the agent exchanges by itself; by default hardly ever. With nil it waits at central.
    ///   - hasAgent: whether the window's daemon runs.
    ///   - policies: what the hospital offers.
    init(idleSeconds: Int? = 86_400, hasAgent: Bool = true, policies: String = "gx-yongfu") throws {
        stage = try Stage("birthwindow-test")
        central = Tool("birthcentral", data: stage.directory.appending(path: "central"), stage: stage)
        window = Tool("birthwindow", data: stage.directory.appending(path: "window"), stage: stage)
        centralDaemon = try central.serve()
        link = try FaultyLink(to: "127.0.0.1", port: centralDaemon.port)
        let added = try central.run("hospital", "add", "YF", "--name", "永福县医院", "--policy", policies)
        if hasAgent {
            agent = try idleSeconds.map { try window.serve("--idle-seconds", "\($0)") } ?? window.serve()
        }
        try window.run("enroll", "--central", "http://127.0.0.1:\(link.port)", "--token", added["token"].text)
    }

    deinit {
        stage.clear()
        link.close()
    }

    /// An example birth's file.
    static let birth = birth("01")

    /// The file of an example birth.
    static func birth(_ number: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Demo/Births/\(number).json")
    }

    /// Registers a birth; answers its case's ID.
    func register(_ birth: URL = birth, policy: String = "gx-yongfu") throws -> String {
        let answer = try window.run("case", "new", "--policy", policy, "--file", birth.path)
        return answer["cases"].list[0]["id"].text
    }

    /// What the police bring with their result beside the rest: the child's number. Nothing of any other item.
    func childNumber(_ item: String, of id: String) throws -> [String] {
        try central.childNumber(item, of: id)
    }

    /// How many changes of a case a program has.
    func changes(of id: String, at tool: Tool) throws -> Int {
        try tool.run("case", "show", id)["changes"].number
    }

    /// Waits until nothing has passed for a while: a save may bring about an exchange of its own behind one that was asked.
    func awaitQuiet() {
        var before = link.counts
        repeat {
            before = link.counts
            usleep(500_000)
        } while link.counts != before
    }

    /// A request of the agent's own API, with its token.
    func call(
        _ method: String, _ target: String, saveID: String? = nil, body: Data = Data(),
        type: String = "application/json", announcing: Int? = nil
    ) throws -> WebCall {
        let file = try Value(parsing: try Data(contentsOf: window.data.appending(path: "daemon.json")))
        var headers = [
            "Authorization": "Bearer \(file["token"].text)", "Content-Type": type,
        ]
        if let saveID { headers["Idempotency-Key"] = saveID }
        return WebCall(method, target, headers: headers, body: body, announcing: announcing)
    }
}

extension Tool {
    /// What the police bring with their result beside the rest: the child's number. Nothing of any other item.
    func childNumber(_ item: String, of id: String) throws -> [String] {
        guard item == "hukou" else { return [] }
        let fields = try run("case", "show", id)["fields"]
        let number = CitizenNumber.make(birthDate: fields["birthDate"].text, sex: fields["childSex"].text)
        return ["childIdNo=\(number)"]
    }
}

/// Asks again and again, for some seconds, until something is so.
func eventually(within seconds: Int = 30, _ isSo: () throws -> Bool) rethrows -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if try isSo() { return true }
        usleep(20_000)
    }
    return false
}
