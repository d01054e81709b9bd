import Testing

@testable import Casework

@Suite("What another version of a policy changes")
struct PolicyDifferenceTests {
    private func lines(_ old: String, _ new: String) throws -> [PolicyDifference.Line] {
        try PolicyDifference(from: Array(old.utf8), to: Array(new.utf8)).lines
    }

    @Test("Entries are known by their codes, wherever they stand")
    func moved() throws {
        let old = #"{"items": [{"code": "a", "days": 3}, {"code": "b", "days": 5}]}"#
        let new = #"{"items": [{"code": "b", "days": 5}, {"code": "a", "days": 4}]}"#
        #expect(try lines(old, new) == [.init(path: ["事项", "a", "days"], before: "3", after: "4")])
    }

    @Test("What is new and what is gone is a line each")
    func addedAndRemoved() throws {
        let found = try lines(
            #"{"items": [{"code": "a"}], "title": "甲"}"#, #"{"items": [{"code": "b"}], "title": "乙"}"#)
        #expect(found.map(\.path) == [["事项", "a"], ["事项", "b"], ["名称"]])
        #expect(found.map { $0.before == nil } == [false, true, false])
        #expect(found.map { $0.after == nil } == [true, false, false])
    }

    @Test("Notes for those who write the file change nothing, and the same file has no line")
    func silent() throws {
        #expect(try lines(#"{"source": "1", "version": 1}"#, #"{"source": "2", "version": 1}"#).isEmpty)
        for policy in PolicyLibrary.standard.policies {
            let file = PolicyLibrary.standard.file(of: policy)
            #expect(try PolicyDifference(from: file, to: file).lines.isEmpty)
        }
    }

    @Test(
        "Every entry of the shipped policies is known by a name of its own",
        arguments: PolicyLibrary.standard.policies)
    func whole(policy: Policy) throws {
        let file = PolicyLibrary.standard.file(of: policy)
        let all = try PolicyDifference(from: [], to: file)
        #expect(all.lines.count > 10 && !all.isCut)
        // One word that is changed somewhere in an item is one line, and names it.
        let item = try #require(policy.items.first)
        let text = String(decoding: file, as: UTF8.self)
        let changed = text.replacingOccurrences(of: "\"name\":\"\(item.name)\"", with: "\"name\":\"别的名称\"")
        let found = try PolicyDifference(from: file, to: Array(changed.utf8)).lines
        #expect(
            found.contains { $0.path == ["事项", "\(item.name)（\(item.code)）", "名称"] && $0.after == "别的名称" })
    }

    @Test("Too many lines are cut, and a long value is shortened")
    func limits() throws {
        let many = (0...PolicyDifference.linesMax).map { "\"k\($0)\": 1" }.joined(separator: ",")
        let cut = try PolicyDifference(from: [], to: Array("{\(many)}".utf8))
        #expect(cut.isCut && cut.lines.count == PolicyDifference.linesMax)
        let long = String(repeating: "长", count: PolicyDifference.charactersMax + 1)
        let line = try #require(try lines("{}", #"{"title": "\#(long)"}"#).first)
        #expect(
            line.after?.count == PolicyDifference.charactersMax + 1 && line.after?.hasSuffix("…") ?? false)
    }
}
