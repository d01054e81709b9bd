import Bundles
import SyncProtocol
import Testing

@testable import CentralServer
@testable import WindowAgent

/// Random histories: whatever was carried in which order, the end is that of the network alone.
@Suite("Bundles in any order")
struct OrderTests {
    /// What lies about: bundles, some of them old, each for central or for a window.
    private struct Sticks {
        var toCentral: [String] = []
        var toWindow: [(desk: Int, path: String)] = []
    }

    @Test(
        "Two windows, the network and sticks in any order, repeated: everything arrives everywhere, once",
        arguments: 1...12)
    func anyOrder(seed: UInt64) async throws {
        try await history(seed: seed, restores: false)
    }

    @Test("The same with windows and a central that go back to backups", arguments: 101...112)
    func restores(seed: UInt64) async throws {
        try await history(seed: seed, restores: true)
    }

    private func history(seed: UInt64, restores: Bool) async throws {
        let town = try Town(seed: seed)
        let hospital = try await town.hospital()
        try await town.desk("one", of: hospital)
        try await town.desk("two", of: hospital)
        var sticks = Sticks()
        var backups: [String] = []
        var places = town.desks.map { town.directory.path + "/" + $0.name }
        var known: Set<ContentID> = []
        for step in 0..<60 {
            let index = town.number(0..<2)
            let desk = town.desks[index]
            switch town.number(0..<(restores ? 20 : 17)) {
            case 0..<5: try await town.register(at: desk)
            case 5: try await town.amend(hospital)
            case 6..<8: sticks.toCentral.append(try await town.export(desk).0)
            case 8..<10: sticks.toWindow.append((index, try await town.export(for: desk).0))
            case 10..<13:
                guard let path = town.pick(sticks.toCentral) else { continue }
                _ = try await town.bundles.take(path, isDryRun: false)
            case 13..<16:
                guard let stick = town.pick(sticks.toWindow.map { [$0] })?.first else { continue }
                try await take(stick.path, at: town.desks[stick.desk], town)
            case 16: try await town.exchange(desk)
            case 17: backups.append(try town.backUpCentral())
            case 18:
                guard let backup = town.pick(backups) else { continue }
                try town.restoreCentral(backup)
            default:
                // What only the lost disk had is lost; that is no fault of a stick.
                let backup = try town.backUp(desk, from: places[index])
                try await town.register(at: desk)
                places[index] = try town.restore(desk, backup)
            }
            _ = step
            known = []
            for desk in town.desks { known.formUnion(try await desk.store.allChanges().map(\.id)) }
        }
        try await rest(town, byNetwork: seed % 2 == 0, seed)
        for desk in town.desks {
            #expect(try await town.faults(desk, hospital) == [], "seed \(seed), \(desk.name)")
        }
        let (ids, _) = try await town.feed(of: hospital)
        #expect(known.subtracting(ids).isEmpty, "seed \(seed): something was lost")
    }

    /// A bundle that is not for now says so, and changes nothing.
    private func take(_ path: String, at desk: Desk, _ town: Town) async throws {
        let before = try await town.sync(desk)
        do throws(BundleError) { _ = try await desk.bundles(town).take(path, isDryRun: false) } catch {
            switch error {
            case .gap, .repairing: #expect(try await town.sync(desk) == before)
            default: throw error
            }
        }
    }

    private func rest(_ town: Town, byNetwork: Bool, _ seed: UInt64) async throws {
        for _ in 0..<12 {
            for desk in town.desks {
                if byNetwork {
                    for _ in 0..<200 where try await town.exchange(desk).hasMore {}
                } else {
                    _ = try await town.bundles.take(try await town.export(desk).0, isDryRun: false)
                    try await take(try await town.export(for: desk).0, at: desk, town)
                }
            }
        }
    }
}
