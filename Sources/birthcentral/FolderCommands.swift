import Casework
import Commands
import FolderExchange
import Foundation
import Web

extension Command {
    /// Exchanges a department's tasks and results by files.
    static let folder = Command(
        "folder",
        "--department CODE --folder PATH [--format json|csv] [--once] [--central URL --token-file F [--authority F]]",
        "exchange a department's tasks and results by files in a folder",
        discussion: """
            For a front-end machine whose programs read and write files: tasks appear in PATH/out, results are read from PATH/in and
            answered in PATH/receipts (docs/folder-exchange.md). It goes on until it is ended, every 10 seconds; --once does it
            once. It may be killed at any moment. With --central it works over the network, on another machine than central,
            with the department's token in the file F; without, on this machine, through the daemon if one runs.
            """,
        valued: ["--department", "--folder", "--format", "--central", "--token-file", "--authority"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let department = try arguments.required("--department")
        let place = FolderPlace(
            department: department, path: absolute(try arguments.required("--folder")),
            format: try FolderPlace.format(arguments.option("--format")))
        let isOnce = arguments.flag("--once")
        let remote = try RemoteCentral(&arguments)
        try arguments.finish()
        guard isOnce else {
            await place.run(console) { try await central.round(place, remote) }
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
    let format: FolderFormat

    static func format(_ word: String?) throws(UsageError) -> FolderFormat {
        guard let format = FolderFormat(rawValue: word ?? "json") else {
            throw UsageError("--format takes json or csv")
        }
        return format
    }

    /// Goes round until the task is cancelled. What fails is told and tried again.
    func run(_ console: Console, _ round: @Sendable () async throws -> FolderExchange.Report) async {
        while !Task.isCancelled {
            do {
                if let line = Self.line(try await round()) { console.print("\(department): \(line)") }
            } catch {
                console.printError("birthcentral: folder of \(department): \(Self.sentence(error))")
            }
            // Cancelling ends the pause and then the loop.
            try? await Task.sleep(for: .seconds(Self.pauseSeconds))
        }
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
            })
        let exchange = FolderExchange(
            path: path, department: department, format: format, desk: desk,
            now: { UInt64(max(0, Date().timeIntervalSince1970 * 1000)) })
        return try await exchange.round()
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
        for (state, count) in report.results.sorted(by: { $0.key < $1.key }) {
            parts.append("\(count) results \(state)")
        }
        if report.rejected > 0 { parts.append("\(report.rejected) files rejected") }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    static func json(_ report: FolderExchange.Report) -> String {
        let results = report.results.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
        return """
            {"tasks":\(report.tasks),"files":\(report.files),"results":{\(results.joined(separator: ","))},\
            "rejected":\(report.rejected),"waiting":\(report.waiting),"isReset":\(report.isReset)}
            """
    }
}

/// The folders that `serve` looks after: its option `--folder CODE=PATH`, as often as there are folders.
struct FolderPlan: Hashable, Sendable {
    static let valued: Set<String> = ["--folder", "--folder-format"]

    let places: [FolderPlace]

    init(_ arguments: inout Arguments) throws(UsageError) {
        let format = try FolderPlace.format(arguments.option("--folder-format"))
        var places: [FolderPlace] = []
        for word in arguments.options("--folder") {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw UsageError("--folder takes CODE=PATH") }
            places.append(
                FolderPlace(department: parts[0], path: Command.absolute(parts[1]), format: format))
        }
        self.places = places
    }

    func run(_ endpoint: Endpoint) async {
        await withTaskGroup(of: Void.self) { group in
            for place in places {
                group.addTask { await place.run(.log) { try await place.round(endpoint) } }
            }
        }
    }
}

extension Console {
    /// For a daemon: everything goes to its log.
    fileprivate static let log = Console(
        print: { Console.standard.printError("birthcentral: \($0)") }, printError: Console.standard.printError
    )
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
