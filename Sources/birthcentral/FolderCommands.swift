import Casework
import Commands
import FolderExchange
import Foundation
import Web

extension Command {
    /// Exchanges a department's tasks and results by files.
    static let folder = Command(
        "folder",
        "--department CODE --folder PATH [--format json|csv] [--encoding utf-8|gb18030] [--papers] [--once] [--central URL --token-file F [--authority F]]",
        "exchange a department's tasks and results by files in a folder",
        discussion: """
            For a front-end machine whose programs read and write files: tasks appear in PATH/out, results are read from PATH/in and
            answered in PATH/receipts (docs/folder-exchange.md). It goes on until it is ended, every 10 seconds; --once does it
            once. With --papers the pictures that tasks show come to PATH/papers. Tables are written in --encoding (default: utf-8) and
            read in either. It may be killed at any moment. With --central it works over the network, on another machine than central,
            with the department's token in the file F; without, on this machine, through the daemon if one runs.
            """,
        valued: [
            "--department", "--folder", "--format", "--encoding", "--central", "--token-file", "--authority",
            Log.option,
        ]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let department = try arguments.required("--department")
        let place = FolderPlace(
            department: department, path: absolute(try arguments.required("--folder")),
            style: try FolderPlace.style(
                arguments.option("--format"), arguments.option("--encoding"),
                hasPapers: arguments.flag("--papers")))
        let isOnce = arguments.flag("--once")
        let remote = try RemoteCentral(&arguments)
        let log = Log(CentralSite.program, try Log.format(&arguments))
        try arguments.finish()
        guard isOnce else {
            await place.run(log) { try await central.round(place, remote) }
            return .ok
        }
        let report = try await central.round(place, remote)
        console.print(central.isJSON ? FolderPlace.json(report) : FolderPlace.line(report) ?? "nothing new")
        return .ok
    }
}

/// Central over the network, entered with a department's token.
struct RemoteCentral: Sendable {
    let endpoint: Endpoint

    /// Nil if central is on this machine.
    init?(_ arguments: inout Arguments) throws {
        let (file, authority) = (arguments.option("--token-file"), arguments.option("--authority"))
        guard let address = arguments.option("--central") else {
            if file != nil || authority != nil {
                throw UsageError("--token-file and --authority need --central")
            }
            return nil
        }
        guard let file else { throw UsageError("--central needs --token-file F") }
        guard address.hasPrefix("https://") || address.hasPrefix("http://127.0.0.1:") else {
            throw UsageError("--central takes an https address: everybody on the way could read the records")
        }
        let token = String(decoding: try InputFile.read(file, bytesMax: 4096), as: UTF8.self)
        var configuration = HTTPClient.Configuration(baseURL: address)
        configuration.authorityFile = authority
        endpoint = .daemon(
            HTTPClient(configuration: configuration),
            token: token.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}

/// One department's folder.
struct FolderPlace: Hashable, Sendable {
    /// Seconds between two rounds.
    static let pauseSeconds = 10

    let department: String
    let path: String
    let style: FolderStyle

    static func style(
        _ format: String?, _ coding: String?, hasPapers: Bool
    ) throws(UsageError) -> FolderStyle {
        guard let format = FolderFormat(rawValue: format ?? "json") else {
            throw UsageError("a folder's format is json or csv")
        }
        guard let coding = TableCoding(rawValue: coding ?? "utf-8") else {
            throw UsageError("a folder's encoding is utf-8 or gb18030")
        }
        return FolderStyle(format, coding: coding, hasPapers: hasPapers)
    }

    /// Goes round until the task is cancelled. What fails is told and tried again.
    func run(_ log: Log, _ round: @Sendable () async throws -> FolderExchange.Report) async {
        while !Task.isCancelled {
            do {
                let report = try await round()
                if let line = Self.line(report) { log(event(report, line)) }
            } catch {
                let sentence = Self.sentence(error)
                log(
                    LogEvent(
                        .warning, "folder.failed", "folder of \(department): \(sentence)",
                        ["department": .text(department), "error": .text(sentence)]))
            }
            // Cancelling ends the pause and then the loop.
            try? await Task.sleep(for: .seconds(Self.pauseSeconds))
        }
    }

    private func event(_ report: FolderExchange.Report, _ line: String) -> LogEvent {
        var fields: [String: LogEvent.Value] = [
            "department": .text(department), "tasks": .count(report.tasks), "files": .count(report.files),
            "papers": .count(report.papers), "rejected": .count(report.rejected),
        ]
        for (state, count) in report.results { fields["results.\(state)"] = .count(count) }
        return LogEvent(
            report.rejected > 0 || report.isReset ? .warning : .info, "folder.round",
            "\(department): \(line)", fields)
    }

    /// One round through an endpoint.
    func round(_ endpoint: Endpoint) async throws -> FolderExchange.Report {
        let base = "/api/v1/departments/\(pathSegment(department))"
        var headers = Headers()
        headers["Operator"] = "folder"
        let desk = TaskDesk(
            tasks: { [headers] cursor in
                let after = cursor.map { "&after=\(pathSegment($0))" } ?? ""
                return try JSON(
                    parsing: try await endpoint.call(
                        .get, "\(base)/tasks?limit=200\(after)", headers: headers))
            },
            take: { [headers] results in
                try JSON(
                    parsing: try await endpoint.call(
                        .post, "\(base)/result-batches", headers: headers,
                        json: JSON.object(["results": .list(results)])))
            },
            picture: { [headers] picture in
                try await Self.picture(picture, at: base, endpoint, headers)
            })
        let exchange = FolderExchange(
            path: path, department: department, style: style, desk: desk,
            now: { UInt64(max(0, Date().timeIntervalSince1970 * 1000)) })
        return try await exchange.round()
    }

    /// Nil if central answers but does not give it: a picture that is not there keeps no task back.
    private static func picture(
        _ picture: Picture, at base: String, _ endpoint: Endpoint, _ headers: Headers
    ) async throws -> [UInt8]? {
        let task = "\(base)/tasks/\(pathSegment(picture.caseID))/\(pathSegment(picture.item))"
        do {
            return try await endpoint.call(.get, "\(task)/attachments/\(picture.hash)", headers: headers)
        } catch let error as CommandError where error.status != .unavailable && error.status != .noPermission
        {
            return nil
        }
    }

    /// An error that tells nothing of any record.
    static func sentence(_ error: any Error) -> String {
        switch error {
        case let error as CommandError: error.description
        case let error as FolderError: error.description
        default: "\(type(of: error))"
        }
    }

    /// What a round did, if it did anything.
    static func line(_ report: FolderExchange.Report) -> String? {
        var parts: [String] = []
        if report.isReset { parts.append("central was restored: all tasks are written again") }
        if report.tasks > 0 { parts.append("\(report.tasks) tasks out") }
        if report.papers > 0 { parts.append("\(report.papers) pictures out") }
        for (state, count) in report.results.sorted(by: { $0.key < $1.key }) {
            parts.append("\(count) results \(state)")
        }
        if report.rejected > 0 { parts.append("\(report.rejected) files rejected") }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    static func json(_ report: FolderExchange.Report) -> String {
        let results = report.results.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
        return """
            {"tasks":\(report.tasks),"papers":\(report.papers),"lackingPapers":\(report.lackingPapers),"files":\(report.files),"results":{\(results.joined(separator: ","))},\
            "rejected":\(report.rejected),"waiting":\(report.waiting),"isReset":\(report.isReset)}
            """
    }
}

/// The folders that `serve` looks after: its option `--folder CODE=PATH`, as often as there are folders.
struct FolderPlan: Hashable, Sendable {
    static let valued: Set<String> = ["--folder", "--folder-format", "--folder-encoding"]

    let places: [FolderPlace]

    init(_ arguments: inout Arguments) throws(UsageError) {
        let style = try FolderPlace.style(
            arguments.option("--folder-format"), arguments.option("--folder-encoding"),
            hasPapers: arguments.flag("--folder-papers"))
        var places: [FolderPlace] = []
        for word in arguments.options("--folder") {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw UsageError("--folder takes CODE=PATH") }
            places.append(
                FolderPlace(department: parts[0], path: Command.absolute(parts[1]), style: style))
        }
        self.places = places
    }

    func run(_ endpoint: Endpoint, _ log: Log) async {
        await withTaskGroup(of: Void.self) { group in
            for place in places {
                group.addTask { await place.run(log) { try await place.round(endpoint) } }
            }
        }
    }
}

extension CentralSite {
    /// One round of a folder: over the network, through this machine's daemon, or here.
    fileprivate func round(_ place: FolderPlace, _ remote: RemoteCentral?) async throws
        -> FolderExchange.Report
    {
        do {
            if let remote { return try await place.round(remote.endpoint) }
            return try await withEndpoint { endpoint in try await place.round(endpoint) }
        } catch let error as FolderError {
            throw CommandError("\(place.path): \(error.description)", status: .temporaryFailure)
        }
    }
}
