import Casework
import Cryptography
import Foundation
import Testing
import Web

@testable import FolderExchange

/// Central's side of a folder: tasks in turns, and results by their IDs.
final class FakeCentral: Sendable {
    private struct State: Sendable {
        var tasks: [JSON] = []
        /// How often each result was taken as new.
        var taken: [String: Int] = [:]
        /// What central has of pictures, by their hashes.
        var pictures: [String: [UInt8]] = [:]
    }

    private let state = Guarded(State())

    var taken: [String: Int] { state.withLock { $0.taken } }
    var taskCount: Int { state.withLock { $0.tasks.count } }

    /// One more telling of a task.
    func add(_ members: [String: JSON] = [:]) {
        state.withLock { state in
            let turn = state.tasks.count + 1
            let task: [String: JSON] = [
                "caseID": .text("case\(turn)"), "item": .text("hukou"), "name": .text("出生登记"),
                "state": .text("ready"), "reason": .text(""), "turn": .number(.init(turn)),
                "asOf": .text("20:1.1"),
                "fields": .list([
                    .object([
                        "key": .text("childName"), "label": .text("新生儿姓名"), "text": .text("王小\(turn)"),
                        "value": .text("王小\(turn)"),
                    ])
                ]),
                "expects": .list([
                    .object(["key": .text("childIdNo"), "label": .text("新生儿公民身份号码")])
                ]),
            ]
            state.tasks.append(.object(task.merging(members) { $1 }))
        }
    }

    /// The page after a cursor `E-N`.
    func page(_ cursor: String?, pageCount: Int = 7) -> JSON {
        state.withLock { state in
            let after = cursor.flatMap { $0.split(separator: "-").last.flatMap { Int($0) } } ?? 0
            let end = min(after + pageCount, state.tasks.count)
            return .object([
                "tasks": .list(after < end ? Array(state.tasks[after..<end]) : []),
                "cursor": .text("ab-\(max(end, after))"), "hasMore": .bool(end < state.tasks.count),
                "isReset": .bool(false),
            ])
        }
    }

    /// One more telling of a task that shows a picture.
    ///
    /// - Parameter isHere: whether central has it already.
    /// - Returns: its hash.
    @discardableResult
    func addShowing(_ bytes: [UInt8], isHere: Bool = true) -> String {
        let hash = SHA256.hash(bytes).bytes.hexadecimal
        if isHere { deliver(bytes) }
        let page: JSON = .object([
            "hash": .text(hash), "part": .text("首页"), "mediaType": .text("image/jpeg"),
            "byteCount": .number(.init(bytes.count)),
        ])
        add(["papers": .list([.object(["code": .text("M"), "name": .text("结婚证"), "pages": .list([page])])])])
        return hash
    }

    func deliver(_ bytes: [UInt8], as hash: String? = nil) {
        state.withLock { $0.pictures[hash ?? SHA256.hash(bytes).bytes.hexadecimal] = bytes }
    }

    func take(_ results: [JSON]) -> JSON {
        state.withLock { state in
            .object([
                "results": .list(
                    results.map { result in
                        let id = (result.members?["id"]).word
                        let isNew = state.taken[id] == nil
                        let isWrong = (result.members?["outcome"]).word == "wrong"
                        if isWrong {
                            return .object([
                                "id": .text(id), "state": .text("refused"), "reasons": .list([.text("不对。")]),
                            ])
                        }
                        if isNew { state.taken[id, default: 0] += 1 }
                        return .object(["id": .text(id), "state": .text(isNew ? "taken" : "repeated")])
                    })
            ])
        }
    }

    func desk(_ asked: Asked?) -> TaskDesk {
        TaskDesk(
            tasks: { self.page($0) }, take: { self.take($0) },
            picture: { picture in
                asked?.note(picture.hash)
                return self.state.withLock { $0.pictures[picture.hash] }
            })
    }

    var desk: TaskDesk { desk(nil) }
}

/// Which pictures were asked for.
final class Asked: Sendable {
    private let hashes = Guarded<[String]>([])

    func note(_ hash: String) { hashes.withLock { $0.append(hash) } }

    var count: Int { hashes.withLock { $0.count } }
    var distinct: Int { hashes.withLock { Set($0).count } }
}

/// A department's folder in a directory of its own.
struct Place: Sendable {
    let path: String
    let central = FakeCentral()

    init() throws {
        path = NSTemporaryDirectory() + "folder-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    // What is left is in the system's place for it.
    func clear() { try? FileManager.default.removeItem(atPath: path) }

    /// The clock is a minute ahead, so that nothing has to settle, unless told; and so many milliseconds more.
    func exchange(
        _ format: FolderFormat = .json, coding: TableCoding = .utf8, hasPapers: Bool = false,
        isLate: Bool = true,
        ahead: UInt64 = 0, asked: Asked? = nil,
        before: @escaping @Sendable (String) throws -> Void = { _ in }
    ) -> FolderExchange {
        FolderExchange(
            path: path, department: "police",
            style: FolderStyle(format, coding: coding, hasPapers: hasPapers), desk: central.desk(asked),
            now: { UInt64(Date().timeIntervalSince1970 * 1000) + (isLate ? 50_000 : 0) + ahead },
            before: before)
    }

    func names(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/" + folder).sorted()
    }

    func text(_ folder: String, _ name: String) throws -> String {
        try String(contentsOfFile: path + "/" + folder + "/" + name, encoding: .utf8)
    }

    func put(_ content: String, as name: String) throws { try put(Data(content.utf8), as: name) }

    /// As a department does: under another name first.
    func put(_ content: Data, as name: String) throws {
        let folder = path + "/in"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try content.write(to: URL(filePath: folder + "/.new"))
        try FileManager.default.moveItem(atPath: folder + "/.new", toPath: folder + "/" + name)
    }

    /// What stands in every task file that is there, by turn; each file is taken away, as a department does.
    func takeOut() throws -> [Int] {
        var turns: [Int] = []
        for name in try names("out") {
            let file = try JSON(parsing: Array(try text("out", name).utf8))
            try check(file)
            turns += (file.members?["tasks"]).entries.compactMap { Int(($0.members?["turn"]).word) }
            try FileManager.default.removeItem(atPath: path + "/out/" + name)
        }
        return turns
    }

    /// The pictures that a task file names are there, whole, by the time that it is.
    private func check(_ file: JSON) throws {
        for task in (file.members?["tasks"]).entries.compactMap(\.members) {
            for paper in task["papers"].entries.compactMap(\.members) {
                for page in paper["pages"].entries.compactMap(\.members) {
                    let bytes = FileManager.default.contents(atPath: path + "/" + page["file"].word)
                    #expect(bytes.map { SHA256.hash(Array($0)).bytes.hexadecimal } == page["hash"].word)
                }
            }
        }
    }

    static func results(_ ids: [String], outcome: String = "done") -> String {
        let rows = ids.map {
            #"{"id":"\#($0)","caseID":"c","item":"hukou","outcome":"\#(outcome)","date":"2026-09-21"}"#
        }
        return #"{"format":1,"results":[\#(rows.joined(separator: ","))]}"#
    }
}
