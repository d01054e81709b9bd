import Commands
import Foundation
import Web

/// The work list and its searches as a browser gets them from the built agent over loopback: each page whole, rendered and sent.
struct WorkListBenchmark {
    let store: WorkListStore
    private static let rounds = 200
    private static let millisecondsMax = 50.0
    private static let startMillisecondsMax = 1000.0
    private static let megabytesMax = 150.0

    func measured() async throws -> [Latency] {
        let agent = try RunningAgent(directory: store.directory.path)
        defer { agent.stop() }
        var found = [
            Latency(
                "start of the agent to the first page", [try await agent.firstPage()],
                max: Self.startMillisecondsMax)
        ]
        found.append(
            Latency(
                "work list, while summaries are read", try await times { _ in try await agent.page("/") },
                max: Self.millisecondsMax))
        found.append(Latency("until all summaries are read", [try await agent.untilRead()]))
        let shelves = ["open", "draft", "running", "late", "done", "all"]
        found.append(
            Latency(
                "work list", try await times { _ in try await agent.page("/") }, max: Self.millisecondsMax))
        found.append(
            Latency(
                "work list, filtered: shelf, region, one's own",
                try await times {
                    try await agent.page(
                        "/?shelf=\(shelves[$0 % 6])&policy=gx-yongfu\($0 % 2 == 0 ? "&mine=1" : "")")
                },
                max: Self.millisecondsMax))
        let subjects: [(String, KeyPath<WorkListStore.Known, String>)] = [
            ("name", \.name), ("pinyin initials", \.initials), ("ID number", \.identity), ("phone", \.phone),
            ("case number", \.number), ("certificate number", \.certificate),
        ]
        for (name, path) in subjects {
            let typed = store.known.map { $0[keyPath: path] }
            found.append(
                Latency(
                    "search by \(name)", try await times { try await agent.search(typed[$0 % typed.count]) },
                    max: Self.millisecondsMax))
        }
        found.append(
            Latency("memory, MB, at rest", [try agent.megabytes("VmRSS")], max: Self.megabytesMax))
        found.append(Latency("memory, MB, at most", [try agent.megabytes("VmHWM")]))
        return found
    }

    private func times(_ body: (Int) async throws -> Void) async throws -> [Double] {
        var times: [Double] = []
        for round in 0..<Self.rounds {
            times.append(try await seconds { try await body(round) } * 1000)
        }
        return times
    }
}

/// The built agent in a process of its own.
private final class RunningAgent {
    private let process = Process()
    private let began = ContinuousClock.now
    private let path: String
    private var client: (HTTPClient, DaemonFile)?

    enum Failure: Error { case ended, refused(Int), notFound, notCounted }

    init(directory: String) throws {
        path = directory
        try? FileManager.default.removeItem(atPath: directory + "/daemon.json")  // there is none at first
        process.executableURL = Bundle.main.executableURL?.deletingLastPathComponent().appending(
            path: "birthwindow")
        process.arguments = [
            "serve", "--data", directory, "--listen", "127.0.0.1:0", "--idle-seconds", "86400",
        ]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// Milliseconds from the start of the process to the first page of the work list.
    func firstPage() async throws -> Double {
        while client == nil {
            if let file = DaemonFile(path: path + "/daemon.json") {
                client = (HTTPClient(configuration: .init(baseURL: file.address)), file)
            } else {
                guard process.isRunning else { throw Failure.ended }
                try await Task.sleep(for: .milliseconds(2))
            }
        }
        try await page("/")
        return (ContinuousClock.now - began) / .milliseconds(1)
    }

    /// Milliseconds from the start until a search says nothing of what is not read yet.
    func untilRead() async throws -> Double {
        while try await send(.get, "/?mine=1").contains("正在读入") {
            try await Task.sleep(for: .milliseconds(20))
        }
        return (ContinuousClock.now - began) / .milliseconds(1)
    }

    func page(_ target: String) async throws { _ = try await send(.get, target) }

    /// As the form does it: what was typed goes there, and the page that it leads to is fetched.
    func search(_ typed: String) async throws {
        let page = try await send(.post, "/search", form: "formToken=&q=\(PercentCoding.encode(typed))")
        guard page.contains("在全部办件中找到"), !page.contains("找到 <b>0</b>") else { throw Failure.notFound }
    }

    private func send(_ method: Web.Method, _ target: String, form: String = "") async throws -> String {
        guard let (client, file) = client else { throw Failure.ended }
        var request = ClientRequest(method, target, body: Array(form.utf8))
        request.headers["Authorization"] = "Bearer \(file.token)"
        request.headers["Operator"] = "clerk"
        if method == .post { request.headers["Content-Type"] = "application/x-www-form-urlencoded" }
        let answer = try await client.send(request)
        if answer.status == 303, let place = answer.headers["Location"] { return try await send(.get, place) }
        guard answer.status == 200 else { throw Failure.refused(answer.status) }
        return String(decoding: answer.body, as: UTF8.self)
    }

    /// What the kernel counts of the process.
    func megabytes(_ name: String) throws -> Double {
        let lines = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        for line in lines.split(separator: "\n") where line.hasPrefix(name + ":") {
            return (Double(line.filter(\.isNumber)) ?? 0) / 1000
        }
        throw Failure.notCounted
    }
}
