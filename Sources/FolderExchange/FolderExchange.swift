package import Casework
import Cryptography
import Foundation
import Persistence

/// What a department does with its tasks at central, as its API answers it.
package struct TaskDesk: Sendable {
    /// The page of tasks after a cursor.
    package let tasks: @Sendable (_ cursor: String?) async throws -> JSON
    /// What became of results: at most ``FolderExchange/batchCountMax``, answered in their order.
    package let take: @Sendable (_ results: [JSON]) async throws -> JSON
    /// A picture that a task shows; nil if central does not have it, yet or any more.
    package let picture: @Sendable (Picture) async throws -> [UInt8]?

    package init(
        tasks: @escaping @Sendable (_ cursor: String?) async throws -> JSON,
        take: @escaping @Sendable (_ results: [JSON]) async throws -> JSON,
        picture: @escaping @Sendable (Picture) async throws -> [UInt8]? = { _ in nil }
    ) {
        (self.tasks, self.take, self.picture) = (tasks, take, picture)
    }
}

/// Carries a department's tasks and results between central and a folder (DESIGN section 8; `docs/folder-exchange.md` is written for
/// the department's programmer).
///
/// Whatever moment it is ended at, the next round goes on: each telling of a task appears once in `out`, and each result counts once.
/// A task file is prepared in `.state`; then the state counts it as written; then it is renamed into `out`. So if it still lies in
/// `.state`, it has not appeared. A result counts once by its ID; its file leaves `in` only when its receipt is there.
package actor FolderExchange {
    /// Results that are sent at once.
    package static let batchCountMax = 100
    /// Files that one round reads.
    static let filesPerRoundMax = 200
    /// Pages of tasks that one round writes.
    static let pagesPerRoundMax = 500
    /// A file that was written to so lately may not be whole yet.
    static let settleMilliseconds: UInt64 = 2_000

    let disk: FolderDisk
    private let department: String
    private let style: FolderStyle
    let desk: TaskDesk
    let now: @Sendable () -> UInt64

    /// What a round did.
    package struct Report: Hashable, Sendable {
        /// Tasks that were written to `out`.
        package var tasks = 0
        /// Result files that were answered with a receipt.
        package var files = 0
        /// By what became of them: `taken`, `repeated`, `kept`, `refused`.
        package var results: [String: Int] = [:]
        /// Files that could not be read.
        package var rejected = 0
        /// Pictures that were written to `papers`, and those that central does not have yet.
        package var papers = 0
        package var lackingPapers = 0
        /// Files that are left for the next round.
        package var waiting = 0
        /// Central was restored: every task is written again.
        package var isReset = false
    }

    /// - Parameters:
    ///   - now: milliseconds since 1970, by the clock that stamps files.
    ///   - before: hears of each step on disk before it is taken; for tests.
    package init(
        path: String, department: String, style: FolderStyle, desk: TaskDesk,
        now: @escaping @Sendable () -> UInt64, before: @escaping @Sendable (String) throws -> Void = { _ in }
    ) {
        disk = FolderDisk(path: path, before: before)
        (self.department, self.style, self.desk, self.now) = (department, style, desk, now)
    }

    /// Reads what is in `in`, and writes what is new to `out`.
    ///
    /// - Throws: ``FolderError``, or what ``TaskDesk`` throws. The next round goes on where this one ended.
    package func round() async throws -> Report {
        try disk.prepare(hasPapers: style.hasPapers)
        let lock: FileLock
        do throws(FileLockError) { lock = try FileLock(path: disk.path + "/.state/lock") } catch {
            throw FolderError.inUse
        }
        defer { withExtendedLifetime(lock) {} }
        var report = Report()
        var state = try load()
        try finishPending(&state)
        try await readResults(&report)
        if style.hasPapers { try await bringWanted(&state, &report) }
        try await writeTasks(&state, &report)
        return report
    }

    // MARK: Tasks out

    private func load() throws -> FolderState {
        switch try disk.read(FolderState.name, in: FolderDisk.state, byteCountMax: FolderState.byteCountMax) {
        case .absent: return FolderState(department: department, cursor: nil, pending: nil)
        case .file(let bytes, _):
            guard let state = try? JSONDecoder().decode(FolderState.self, from: Data(bytes)),
                state.format == 1
            else { throw FolderError.damagedState }
            guard state.department == department else { throw FolderError.otherDepartment(state.department) }
            return state
        case .notAFile, .tooLarge: throw FolderError.damagedState
        }
    }

    func save(_ state: FolderState) throws {
        let name = "new-" + FolderState.name
        try disk.prepare(Array(try JSONEncoder().encode(state)), as: name)
        try disk.move(name, from: FolderDisk.state, to: FolderDisk.state, as: FolderState.name)
    }

    /// Lets the file appear that was counted as written, if it has not; and removes what was prepared and never counted.
    private func finishPending(_ state: inout FolderState) throws {
        for name in try disk.names(in: FolderDisk.state)
        where name.hasPrefix("tasks-") || name.hasPrefix(Picture.prepared) {
            if name == state.pending {
                try disk.move(name, from: FolderDisk.state, to: FolderDisk.out)
            } else {
                try disk.remove(name, in: FolderDisk.state)
            }
        }
    }

    private func writeTasks(_ state: inout FolderState, _ report: inout Report) async throws {
        for _ in 0..<Self.pagesPerRoundMax {
            let answer = try await desk.tasks(state.cursor)
            guard let page = answer.members, case .text(let cursor)? = page["cursor"],
                cursor.utf8.count <= 64, cursor.allSatisfy({ $0.isASCII && ($0.isHexDigit || $0 == "-") })
            else { throw FolderError.answer }
            if page["isReset"] == .bool(true) { report.isReset = true }
            if cursor == state.cursor { return }
            let tasks = page["tasks"].entries.filter { TaskFile.states.contains(($0.members?["state"]).word) }
            if style.hasPapers { try await bringPictures(of: tasks, &report) }
            try write(TaskFile(department: department, cursor: cursor, tasks: tasks), &state)
            report.tasks += tasks.count
            guard page["hasMore"] == .bool(true) else { return }
        }
    }

    private func write(_ file: TaskFile, _ state: inout FolderState) throws {
        let name = file.name(style.format)
        if !file.tasks.isEmpty { try disk.prepare(try file.bytes(style), as: name) }
        state.cursor = file.cursor
        state.pending = file.tasks.isEmpty ? nil : name
        try save(state)
        if !file.tasks.isEmpty { try disk.move(name, from: FolderDisk.state, to: FolderDisk.out) }
    }

    // MARK: Results in

    private func readResults(_ report: inout Report) async throws {
        for name in try disk.names(in: FolderDisk.in).prefix(Self.filesPerRoundMax) {
            let suffix = name.split(separator: ".").last?.lowercased() ?? ""
            // Under any other name a file is not ready yet.
            guard let format = FolderFormat(rawValue: suffix) else { continue }
            let found = try disk.read(name, in: FolderDisk.in, byteCountMax: ResultFile.byteCountMax)
            switch found {
            case .absent: continue
            case .notAFile: try reject(name, ["不是普通文件（链接、目录等不读取）。"], tag: "00000000", &report)
            case .tooLarge:
                let megabytes = ResultFile.byteCountMax / 1024 / 1024
                try reject(name, ["文件超过 \(megabytes) MB：请分成几个文件。"], tag: "00000000", &report)
            case .file(let bytes, let modified):
                guard isSettled(modified) else {
                    report.waiting += 1
                    continue
                }
                try await read(name, bytes, format, &report)
            }
        }
    }

    /// A clock that is far ahead does not keep a file waiting for ever.
    private func isSettled(_ modified: UInt64) -> Bool {
        let now = now()
        return modified + Self.settleMilliseconds <= now || modified > now + 60_000
    }

    private func read(
        _ name: String, _ bytes: [UInt8], _ format: FolderFormat, _ report: inout Report
    ) async throws {
        let tag = String(SHA256.hash(bytes).bytes.hexadecimal.prefix(8))
        let receipt = "receipt-\(Self.safe(name, tag)).\(tag).\(format.rawValue)"
        // The receipt is the last thing but the renaming: everything in the file has been taken.
        if try disk.isThere(receipt, in: FolderDisk.receipts) {
            return try put(name, into: FolderDisk.done, tag)
        }
        let file: ResultFile
        do throws(ResultFile.Fault) { file = try ResultFile(bytes, format, style.coding) } catch {
            return try reject(name, error.reasons, tag: tag, &report)
        }
        let lines = try await take(file.rows)
        try disk.publish(
            try ReceiptFile(name: Self.safe(name, tag), lines: lines).bytes(format, style.coding),
            as: receipt,
            in: FolderDisk.receipts)
        try put(name, into: FolderDisk.done, tag)
        report.files += 1
        for line in lines { report.results[line.state, default: 0] += 1 }
    }

    private func take(_ rows: [ResultFile.Row]) async throws -> [ReceiptFile.Line] {
        var lines: [Int: ReceiptFile.Line] = [:]
        for row in rows where row.result == nil {
            lines[row.number] = .init(row: row.number, id: row.id, state: "refused", reasons: row.faults)
        }
        let sound = rows.filter { $0.result != nil }
        for start in stride(from: 0, to: sound.count, by: Self.batchCountMax) {
            let batch = sound[start..<min(start + Self.batchCountMax, sound.count)]
            let answers = (try await desk.take(batch.compactMap(\.result))).members?["results"].entries ?? []
            guard answers.count == batch.count else { throw FolderError.answer }
            for (row, answer) in zip(batch, answers) {
                lines[row.number] = .init(
                    row: row.number, id: row.id, state: (answer.members?["state"]).word,
                    reasons: (answer.members?["reasons"]).entries.map(\.word))
            }
        }
        return lines.values.sorted { $0.row < $1.row }
    }

    private func reject(
        _ name: String, _ reasons: [String], tag: String, _ report: inout Report
    ) throws {
        let safe = Self.safe(name, tag)
        let lines = [ReceiptFile.Line(row: 0, id: "", state: "rejected", reasons: reasons)]
        try disk.publish(
            try ReceiptFile(name: safe, lines: lines).bytes(.json, style.coding),
            as: "\(safe).\(tag).reasons.json",
            in: FolderDisk.reject)
        try put(name, into: FolderDisk.reject, tag)
        report.rejected += 1
    }

    /// Takes a file out of `in`; one of the same name that came before stays beside it.
    private func put(_ name: String, into folder: String, _ tag: String) throws {
        let safe = Self.safe(name, tag)
        var free = safe
        var count = 1
        while try disk.isThere(free, in: folder) {
            count += 1
            free = "\(count)~\(safe)"
        }
        try disk.move(name, from: FolderDisk.in, to: folder, as: free)
    }

    /// The name under which a file goes on: its own, unless that could be taken for something else.
    private static func safe(_ name: String, _ tag: String) -> String {
        let isPlain = name.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || " ._-()（）~".unicodeScalars.contains(scalar)
        }
        let suffix = name.lowercased().hasSuffix(".csv") ? "csv" : "json"
        return isPlain && name.utf8.count <= 150 ? name : "file-\(tag).\(suffix)"
    }
}
