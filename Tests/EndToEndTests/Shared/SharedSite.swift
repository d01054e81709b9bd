import FaultyLink
import Foundation
import PostgresCluster
import Programs

/// Two real centrals over one PostgreSQL, with the same keys and one directory of attachments, behind a load balancer.
final class SharedSite: Sendable {
    let stage: Stage
    let cluster: PostgresCluster
    /// What `--database` takes.
    let address: String
    let tools: [Tool]
    let link: FaultyLink
    private let daemons: Guarded<[Daemon]>
    private let ports: [UInt16]
    private let staffToken: String

    /// - Parameter hasStandby: whether the server has a copy that follows it; then the centrals know both.
    init(hasStandby: Bool = false) throws {
        let stage = try Stage("birthwindow-shared")
        self.stage = stage
        cluster = try PostgresCluster()
        let first = try cluster.newDatabase()
        if hasStandby { try cluster.addStandby() }
        address = hasStandby ? cluster.addressOfEither(PostgresCluster.name(in: first)) : first
        tools = ["a", "b"].map {
            Tool("birthcentral", data: stage.directory.appending(path: "central-\($0)"), stage: stage)
        }
        var daemons = [
            try tools[0].serve("--database", address, log: stage.directory.appending(path: "a.log"))
        ]
        try Self.share(from: tools[0].data, to: tools[1].data)
        daemons.append(
            try tools[1].serve("--database", address, log: stage.directory.appending(path: "b.log")))
        ports = daemons.map(\.port)
        self.daemons = Guarded(daemons)
        link = try FaultyLink(to: "127.0.0.1", ports: ports)
        let token = try String(contentsOf: tools[0].data.appending(path: "staff.token"), encoding: .utf8)
        staffToken = token.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    deinit {
        link.close()
        stage.clear()
    }

    /// What an operator does for a second process.
    static func share(from first: URL, to second: URL) throws {
        let files = FileManager.default
        try files.createDirectory(
            at: second, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for name in [
            "receipt.key", "attachment.key", "central.key", "recovery.public", "seal.key", "seal.ring",
            "staff.token",
        ] {
            try files.copyItem(at: first.appending(path: name), to: second.appending(path: name))
        }
        try files.createSymbolicLink(
            at: second.appending(path: "attachments"),
            withDestinationURL: first.appending(path: "attachments"))
    }

    /// Ends a process as a power cut would.
    func strike(_ index: Int) {
        let daemon = daemons.withLock { $0[index] }
        daemon.strike()
        daemon.awaitEnd()
    }

    /// Begins it again where it was.
    func restart(_ index: Int) throws {
        let daemon = try tools[index].serve(
            port: ports[index], "--database", address,
            log: stage.directory.appending(path: "ab"[index] + ".log"))
        daemons.withLock { $0[index] = daemon }
    }

    /// What staff ask of a process; nil asks whichever the load balancer chooses.
    func staff(_ method: String, _ target: String, _ body: String = "", at index: Int? = nil) throws -> Value
    {
        let call = WebCall(
            method, target,
            headers: [
                "Authorization": "Bearer \(staffToken)", "Operator": "desk",
                "Content-Type": "application/json",
            ], body: Data(body.utf8))
        guard let answer = try call.send(to: index.map { ports[$0] } ?? link.port) else {
            throw Failure("\(method) \(target): the connection ended")
        }
        guard 200..<300 ~= answer.status else {
            throw Failure(
                "\(method) \(target): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        }
        return try Value(parsing: answer.body)
    }

    func addHospital(_ code: String) throws {
        _ = try staff(
            "POST", "/api/v1/hospitals",
            #"{"code": "\#(code)", "name": "\#(code)医院", "policies": ["gx-yongfu"]}"#)
    }

    /// A window of a hospital, at work.
    ///
    /// - Parameter index: the process that it speaks to; nil lets the load balancer choose.
    func window(
        _ name: String, of code: String, idleSeconds: UInt64?, at index: Int? = nil
    ) async throws -> InnerWindow {
        let token = try staff("POST", "/api/v1/hospitals/\(code)/enrolment-tokens")["token"].text
        let window = try InnerWindow(
            of: code, in: stage.directory.appending(path: name), idleSeconds: idleSeconds)
        try await window.enrol(at: index.map { ports[$0] } ?? link.port, token: token)
        return window
    }

    func changes(of caseID: String) throws -> Int {
        try staff("GET", "/api/v1/cases/\(caseID)")["changes"].number
    }

    /// How often central found something that must not be, by kind.
    func alarms() throws -> [String: Int] {
        guard let answer = try WebCall("GET", "/metrics").send(to: ports[0]) else { return [:] }
        let lines = String(decoding: answer.body, as: UTF8.self).split(separator: "\n")
        return lines.reduce(into: [:]) { counts, line in
            let parts = line.split(whereSeparator: { "{}\" ".contains($0) })
            guard line.hasPrefix("birthcentral_alarms_total{"), parts.count == 4 else { return }
            counts[String(parts[2])] = Int(parts[3])
        }
    }

    /// What `birthcentral check` finds wrong with the log, the chains, the feeds and the receipts.
    func check() throws -> Tool.Outcome { try tools[0].attempt(["check", "--database", address]) }
}

extension String {
    fileprivate subscript(_ index: Int) -> String { String(self[self.index(startIndex, offsetBy: index)]) }
}
