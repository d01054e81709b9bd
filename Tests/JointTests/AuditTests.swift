import Accounts
import Foundation
import Persistence
import SealedWindow
import SyncProtocol
import Testing
import Web

@testable import CentralServer
@testable import WindowAgent

@Suite("Audit logs that are told to another machine")
struct AuditTests {
    private func read(_ count: Int, at window: Town.Window) async throws {
        for _ in 0..<count {
            try await window.store.record([AuditLine(.read, at: 1, site: .window, route: "GET /")])
        }
    }

    private func anchors(_ town: Town, _ code: String) async throws -> [KeptAnchor] {
        try await CentralAudit(
            store: town.central, books: town.books, clock: town.environment.now, desk: AuditDesk()
        ).anchors(of: code)
    }

    @Test(
        "A window tells central how far its log has come: once, again after an hour, and nothing while nothing is new"
    )
    func told() async throws {
        let town = try Town()
        let window = try await town.hospital("YF")
        try await town.exchange(window)
        #expect(try await anchors(town, "YF").isEmpty)  // there is no line yet
        try await read(3, at: window)
        try await exchange(town, window)
        try await read(2, at: window)
        try await exchange(town, window)
        // One of the four says that the log was begun.
        #expect(try await anchors(town, "YF").map(\.anchor.sequence) == [4])
        town.pass(milliseconds: AuditRetention.tellMilliseconds)
        try await exchange(town, window)
        try await exchange(town, window)
        let kept = try await anchors(town, "YF")
        #expect(kept.map(\.anchor.sequence) == [4, 6] && KeptAnchor.faults(of: kept).isEmpty)
        #expect(try await window.store.verifyAudit(anchors: kept.map(\.anchor))?.isWhole == true)
    }

    @Test(
        "A window that was put back from a copy is told of by central, and finds by central's anchors where its log broke off"
    )
    func putBack() async throws {
        let town = try Town()
        let window = try await town.hospital("YF")
        try await read(3, at: window)
        let copy = town.directory + "/copy.sqlite"
        try await window.store.spoil { try $0.execute("VACUUM INTO ?", .text(copy)) }
        try await read(5, at: window)
        try await exchange(town, window)
        let old = Town.Window(
            code: window.code, hospital: window.hospital, device: window.device,
            store: try WindowStore(path: copy, dictionary: .standard, environment: town.windowEnvironment),
            path: copy)
        #expect(try await old.store.verifyAudit()?.isWhole == true)
        let kept = try await anchors(town, "YF").map(\.anchor)
        #expect(try await old.store.verifyAudit(anchors: kept)?.faults.map(\.fault) == [.cut])
        // It goes on: by then its lines are other ones.
        try await read(1, at: old)
        town.pass(milliseconds: AuditRetention.tellMilliseconds)
        try await exchange(town, old)
        let later = try await anchors(town, "YF")
        #expect(KeptAnchor.faults(of: later).map(\.fault) == [.cut])
        try await read(8, at: old)
        #expect(try await old.store.verifyAudit(anchors: kept)?.faults.map(\.fault) == [.anchor])
    }

    @Test("Where central's own log stands comes to every window, which so can tell when it was rewritten")
    func ofCentral() async throws {
        let town = try Town()
        let window = try await town.hospital("YF")
        let audit = CentralAudit(
            store: town.central, books: town.books, clock: town.environment.now, desk: AuditDesk())
        try await audit.write([AuditLine(.read, at: 1, site: .central, route: "GET /")])
        try await AuditKeeper(
            audit: audit, recordDesk: town.recordDesk, environment: town.environment, settle: {}
        )
        .tellIfDue()
        try await town.settleAll()
        let group = try group(KeptAnchor.group)
        let held = KeptAnchor.all(in: try await window.store.changes(of: .centralRecord), group)
        #expect(held.map(\.anchor.sequence) == [2])
        #expect(try await audit.verdict(anchors: held.map(\.anchor))?.isWhole == true)
    }

    /// As the agent does.
    private func exchange(_ town: Town, _ window: Town.Window) async throws {
        let told = try await window.store.auditToTell()
        try await town.exchange(window)
        await window.store.noteAuditTold(told)
    }
}

extension WindowStore {
    /// What somebody with the file in his hands does.
    fileprivate func spoil(_ body: (Database) throws -> Void) throws { try body(database) }
}
