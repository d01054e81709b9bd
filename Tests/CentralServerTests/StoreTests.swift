import Foundation
import Persistence
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("Central's store in a file")
struct StoreTests {
    private func edit(_ world: World, _ caseID: CaseID, name: String) async throws -> Change {
        try #require(
            try await world.caseDesk.edit(
                CaseDesk.Edit(caseID: caseID, answers: ["childName": .text(name)], user: "s")))
    }

    @Test(
        "A file that is replaced while central runs is opened anew: the old one's place is taken by a new replica"
    )
    func replaced() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/central.sqlite"
        let world = try World(seed: 1, path: path)
        let ward = try await world.hospital("H1")
        let caseID = world.newCase()
        var writer = Writer(1)
        try writer.write(caseID, [20: (CBOR.name("n"), [])])
        try await ward.push(writer.run())
        try copyStore(path, to: directory.path + "/copy.sqlite")
        let before = try await edit(world, caseID, name: "a")
        let next = try await edit(world, caseID, name: "b")
        #expect(next.replica == before.replica && next.sequence == before.sequence + 1)
        // May be absent.
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        try FileManager.default.moveItem(atPath: directory.path + "/copy.sqlite", toPath: path)
        let after = try await edit(world, caseID, name: "c")
        #expect(after.replica != before.replica && after.dot.edition == 1)
        #expect(try await world.state(of: caseID).count == 2)
        let reopened = try World(seed: 3, path: path)
        #expect(try await reopened.state(of: caseID).count == 2)
    }

    @Test(
        "The witness of an agent that saw more than a restored central asks for repair, and the repair brings it back"
    )
    func restored() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/central.sqlite"
        let world = try World(seed: 1, path: path)
        let ward = try await world.hospital("H1")
        try copyStore(path, to: directory.path + "/copy.sqlite")
        let caseID = world.newCase()
        var writer = Writer(1)
        try writer.write(caseID, [20: (CBOR.name("n"), [])])
        let seen = try await ward.push(writer.run())
        let edited = try await edit(world, caseID, name: "a")
        let receipt = world.books.receipts.receipt(for: edited.id, in: ward.hospital.id)
        // May be absent.
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        try FileManager.default.moveItem(atPath: directory.path + "/copy.sqlite", toPath: path)
        var request = ward.request(heads: [writer.head])
        request.witness = seen.head
        #expect(try await ward.exchange(request).isRepairNeeded)
        request.isRepair = true
        request.pushes = [.foreign(edited, receipt), writer.run()]
        #expect(try await ward.exchange(request).stored == [Watermark(replica: writer.replica, sequence: 1)])
        #expect(try await world.state(of: caseID).seen.contains(edited.dot))
        #expect(try await world.state(of: caseID).count == 2)
    }

    @Test("A file of a later version or of another program is refused")
    func refused() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/other.sqlite"
        _ = try Database(path: path, mode: .create, applicationID: 1)
        #expect(throws: CentralError.self) { try World(path: path) }
    }
}
