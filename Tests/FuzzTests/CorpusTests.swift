import Foundation
import Fuzz
import Testing

@Suite("What the fuzzers have found", .timeLimit(.minutes(3)))
struct CorpusTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fuzz")

    /// The inputs that are kept for a target, by name.
    private func inputs(_ folder: String, _ target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        let place = Self.root.appending(path: "\(folder)/\(target.rawValue)")
        // A target without findings has no folder.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
        return try names.sorted().map { ($0, [UInt8](try Data(contentsOf: place.appending(path: $0)))) }
    }

    @Test("Every kept input keeps the laws of its parser", arguments: FuzzTarget.allCases)
    func corpus(target: FuzzTarget) throws {
        let inputs = try inputs("Corpora", target)
        #expect(!inputs.isEmpty, "a target has a corpus")
        for (name, bytes) in inputs {
            #expect(throws: Never.self, "\(target.rawValue)/\(name)") { try target.check(bytes) }
        }
    }

    @Test("Every former finding keeps the laws of its parser", arguments: FuzzTarget.allCases)
    func findings(target: FuzzTarget) throws {
        for (name, bytes) in try inputs("Findings", target) {
            #expect(throws: Never.self, "\(target.rawValue)/\(name)") { try target.check(bytes) }
        }
    }

    @Test("Inputs are small, and few enough for a repository")
    func sizes() throws {
        var sum = 0
        for target in FuzzTarget.allCases {
            for (name, bytes) in try inputs("Corpora", target) + inputs("Findings", target) {
                #expect(bytes.count <= 4096, "\(target.rawValue)/\(name)")
                sum += bytes.count
            }
        }
        #expect(sum < 1 << 20)
    }
}
