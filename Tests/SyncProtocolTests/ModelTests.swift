import Foundation
import Testing

@Suite("The fold and its model in Python")
struct ModelTests {
    @Test("Generated histories fold to what Tests/Model/fold.py says", arguments: 0..<2)
    func sameViews(block: Int) throws {
        let histories = (block * 1000..<(block + 1) * 1000).map {
            HistoryGenerator.history(seed: 1_000_000 + $0)
        }
        let lines = try histories.map { try $0.json.line() }
        let answers = try model(asked: lines.joined(separator: "\n") + "\n")
        try #require(answers.count == histories.count, "the model must answer each history with a line")
        for (history, answer) in zip(histories, answers) {
            let (ours, theirs) = (history.view, try JSON.read(Data(answer.utf8)))
            let line = try ours.line()
            #expect(ours == theirs, "seed \(history.seed): \(line)\nmodel: \(answer)")
        }
    }

    @Test("The vectors hold by other code: SyncProtocol/Vectors/check.py")
    func vectors() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", Repository.file("SyncProtocol/Vectors/check.py").path]
        try process.run()
        process.waitUntilExit()
        #expect(
            process.terminationStatus == 0,
            "run it to see what differs; python3 is a requirement of the tests")
    }

    /// The lines that the model prints. Fails, not skips, without python3: `make test` declares it a requirement.
    private func model(asked text: String) throws -> [Substring] {
        let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "birthwindow-model-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // a leftover in /tmp does no harm
        let (asked, answered) = (folder.appending(path: "asked"), folder.appending(path: "answered"))
        try Data(text.utf8).write(to: asked)
        try Data().write(to: answered)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", Repository.file("Tests/Model/fold.py").path, "--json"]
        process.standardInput = try FileHandle(forReadingFrom: asked)
        process.standardOutput = try FileHandle(forWritingTo: answered)
        try process.run()
        process.waitUntilExit()
        try #require(
            process.terminationStatus == 0, "python3 Tests/Model/fold.py is a requirement of the tests")
        return try String(contentsOf: answered, encoding: .utf8).split(separator: "\n")
    }
}
