import Casework
import Cryptography
import Foundation
import Persistence
import SealedWindow
import SyncProtocol
import Testing

@testable import CentralServer
@testable import WindowAgent

@Suite("Erasing a case")
struct ErasureTests {
    @Test(
        "Erased at central, a case loses its content at every window, also where it once was; all else is as before, and nothing of it is left in any file"
    )
    func everywhere() async throws {
        let town = try Town()
        let (old, new) = (try await town.hospital("YF"), try await town.hospital("CZ"))
        let (kept, id) = (try await old.store.register("乙"), try await old.store.register("甲甲甲"))
        try await old.store.note("前", on: id)
        try await town.settleAll()
        try await town.move(id, to: new)
        try await old.store.note("迟", on: id)
        try await town.settleAll()
        try await new.store.note("后", on: id)
        try await town.settleAll()
        let (before, whole) = (try await town.state(of: id), try await town.state(of: kept))
        let secrets = try town.secrets(of: id)
        #expect(try town.files(holding: secrets) > 0)
        let planned = try await town.erase(id, isDryRun: true)
        #expect(planned.changeCount == before.count && planned.hospitals == ["CZ", "YF"])
        #expect(try await town.state(of: id) == before)
        #expect(try await town.erase(id) == planned)
        try await town.settleAll()
        for state in [try await town.state(of: id), try await new.store.state(of: id)] {
            #expect(state.erasedCount == before.count && state.registers.isEmpty)
            #expect(
                (state.seen, state.fingerprint, state.count) == (
                    before.seen, before.fingerprint, before.count
                ))
        }
        #expect(try await old.store.state(of: id).erasedCount == old.store.state(of: id).count)
        #expect(try await town.state(of: kept) == whole)
        #expect(try await town.faults() == [])
        try await town.finishErasures()
        #expect(try town.files(holding: secrets) == 0)
        #expect(try await new.store.cases(stage: .erased, limit: 9).map(\.id) == [id])
        await #expect(throws: StoreError.erased(id)) { try await new.store.note("再", on: id) }
        // What is there already is not said again.
        #expect(try await town.erase(id).changeCount == 0)
        #expect(try await town.recordChanges() == 1)
    }

    @Test(
        "What a window wrote before it heard of it is set aside, and lost by nobody; erased once more it goes, too"
    )
    func meanwhile() async throws {
        let town = try Town()
        let window = try await town.hospital("YF")
        let id = try await window.store.register()
        try await town.settleAll()
        try await window.store.note("未发", on: id)
        _ = try await town.erase(id)
        try await town.settleAll()
        for state in [try await town.state(of: id), try await window.store.state(of: id)] {
            #expect(state.asides.values.map(\.reasons) == [["erased"]])
            #expect(state.registers.isEmpty && state.erasedCount == 1)
        }
        #expect(
            try await window.store.wholeLog().contains {
                $0.caseID == id && $0.content?.author.role == .window
            })
        #expect(try await town.faults() == [])
        #expect(try await town.erase(id).changeCount == 2)
        try await town.settleAll()
        let state = try await window.store.state(of: id)
        #expect(state.erasedCount == state.count && state.asides.isEmpty)
        #expect(try await town.faults() == [])
    }

    @Test(
        "A central that is restored to before it, or has lost everything, hears of it from the windows and erases once more",
        arguments: [false, true])
    func restored(isEmpty: Bool) async throws {
        let town = try Town()
        let window = try await town.hospital("YF")
        try await town.settleAll()
        let empty = try town.backup()
        let (id, kept) = (try await window.store.register(), try await window.store.register("乙"))
        try await window.store.note("前", on: id)
        try await town.settleAll()
        let full = try town.backup()
        try await window.store.note("后", on: id)
        try await town.settleAll()
        _ = try await town.erase(id)
        try await town.settleAll()
        let (erased, whole) = (try await town.state(of: id), try await town.state(of: kept))
        try town.restore(isEmpty ? empty : full)
        try await town.settleAll()
        #expect(try await town.state(of: id) == erased)
        #expect(try await town.state(of: kept) == whole)
        #expect(try await town.faults() == [])
    }

    @Test("A new computer, and a feed that is read anew, get names and places, and come to the same sums")
    func anew() async throws {
        let town = try Town()
        let (old, new) = (try await town.hospital("YF"), try await town.hospital("CZ"))
        let id = try await old.store.register()
        try await town.settleAll()
        try await town.move(id, to: new)
        try await old.store.note("迟", on: id)
        try await town.settleAll()
        _ = try await town.erase(id)
        try await town.settleAll()
        let later = [try await town.secondWindow(of: old), try await town.secondWindow(of: new)]
        for window in [old, new] { try await window.store.orderRepair(.pull) }
        try await town.settleAll()
        #expect(try await town.faults() == [])
        #expect(try await later[1].store.state(of: id) == town.state(of: id))
    }

    @Test(
        "A store whose program ended in the middle finishes at its next look; the cases made anew are the same"
    )
    func interrupted() async throws {
        let town = try Town()
        let window = try await town.hospital("YF")
        let id = try await window.store.register()
        let page = CasePage(
            hash: SHA256.hash([1]).bytes, format: .jpg, byteCount: 1, material: "YF-M02a", part: "1")
        try await window.store.addPages([page], to: id)
        try await town.settleAll()
        _ = try await town.erase(id)
        try await town.settleAll()
        let again = try town.restart(window)
        #expect(try await again.store.isErasureDue())
        #expect(try await again.store.erasedPages() == [SHA256.hash([1])])
        try await town.finishErasures()
        #expect(try await !again.store.isErasureDue())
        let state = try await again.store.state(of: id)
        _ = try await again.store.rebuild()
        #expect(try await again.store.state(of: id) == state)
        try await town.settleAll()
        #expect(try await town.faults() == [])
    }

    @Test(
        "Whatever is written, moved, lost and restored between: both ends come to the same", arguments: 0..<16
    )
    func schedules(seed: Int) async throws {
        let town = try Town(seed: UInt64(seed))
        var random = SeededGenerator(seed: UInt64(seed))
        let windows = [try await town.hospital("YF"), try await town.hospital("CZ")]
        var (ids, backups): ([CaseID], [String]) = ([], [])
        for _ in 0..<40 {
            let window = windows[Int.random(in: 0..<2, using: &random)]
            town.pass(milliseconds: 1000)
            switch Int.random(in: 0..<10, using: &random) {
            case 0, 1: ids.append(try await window.store.register("新"))
            case 2, 3:
                // One that left, or was erased, or is not here, takes nothing.
                if let id = ids.randomElement(using: &random) { try? await window.store.note("写", on: id) }
            case 4:
                if let id = ids.randomElement(using: &random) { try? await town.move(id, to: window) }
            case 5:
                if let id = ids.randomElement(using: &random) { _ = try? await town.erase(id) }
            case 6: backups.append(try town.backup())
            case 7 where backups.count > 2: try town.restore(backups.removeLast())
            default:
                try await town.exchange(window, Town.Fate.allCases.randomElement(using: &random) ?? .arrives)
            }
        }
        for _ in 0..<4 { try await town.settleAll() }
        #expect(try await town.faults() == [], "SEED \(seed)")
    }
}

extension Town {
    @discardableResult
    func erase(_ id: CaseID, isDryRun: Bool = false) async throws -> EraseDesk.Erased {
        try await EraseDesk(store: central, books: books, now: environment.now).erase(
            EraseDesk.Order(caseID: id, reason: "监护人申请", user: "desk"), isDryRun: isDryRun)
    }

    /// What each end does after it has erased.
    func finishErasures() async throws {
        try await ErasureKeeper(store: central, attachments: nil, log: { _ in }).finish()
        for window in windows {
            try await Keeper(store: window.store, lane: nil, environment: windowEnvironment).finishErasures()
        }
    }

    func recordChanges() async throws -> Int { try await state(of: .centralRecord).count }

    /// The key of a case at each end, sealed as it is stored, and its bodies likewise.
    func secrets(of id: CaseID) throws -> [[UInt8]] {
        try stores().flatMap { path, application in
            let database = try Database(path: path, mode: .readOnly, applicationID: application)
            return try [
                "SELECT sealed_key FROM case_key WHERE case_id = ?",
                "SELECT body FROM change WHERE case_id = ?",
            ]
            .flatMap { (sql: StaticString) in
                try database.rows(sql, .blob(id.bytes)) { row throws(DatabaseError) in try row.blob(0) }
            }
        }
    }

    /// In how many files any of it is to be found.
    func files(holding secrets: [[UInt8]]) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: directory).count { name in
            let content = try Data(contentsOf: URL(filePath: directory + "/" + name))
            return secrets.contains { content.range(of: Data($0)) != nil }
        }
    }

    private func stores() -> [(String, Int32)] {
        [(currentCentralPath, Schema.applicationID)] + windows.map { ($0.path, WindowSchema.applicationID) }
    }
}
