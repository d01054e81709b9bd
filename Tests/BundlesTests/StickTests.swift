import Bundles
import Cryptography
import Foundation
import SyncProtocol
import Testing

@testable import CentralServer
@testable import WindowAgent

/// One thing at a time: what a stick brings, what it must not, and what is said then.
@Suite("Sticks between windows and central")
struct StickTests {
    private let town: Town
    private let hospital: HospitalRecord
    private let desk: Desk

    init() async throws {
        town = try Town()
        hospital = try await town.hospital()
        desk = try await town.desk("one", of: hospital)
    }

    @Test("A stick there and one back do what an exchange does, and exporting changes nothing that waits")
    func thereAndBack() async throws {
        for _ in 0..<3 { try await town.register(at: desk) }
        let (path, report) = try await town.export(desk)
        #expect(report.changes == 3 && report.messages == 1 && report.isRepair == false)
        #expect(try await desk.store.figures().outbox == 3)
        #expect(try await desk.bundles(town).bundles().first?.isConfirmed == false)
        let dry = try await town.bundles.take(path, isDryRun: true)
        #expect(dry.changes == 3)
        #expect(try await town.feed(of: hospital).ids.count == 1, "a dry run takes nothing")
        let taken = try await town.bundles.take(path, isDryRun: false)
        #expect(taken.changes == 3 && taken.refused == 0)
        let (back, told) = try await town.export(for: desk)
        #expect(told.answers == report.id && told.from == 0)
        let came = try await desk.bundles(town).take(back, isDryRun: false)
        #expect(came.confirmed == 3)
        #expect(try await desk.bundles(town).bundles().first?.isConfirmed == true)
        #expect(try await town.faults(desk, hospital) == [])
    }

    @Test(
        "Taken twice, or older than what the network brought, a bundle changes nothing and sets nothing back")
    func lateAndAgain() async throws {
        try await town.register(at: desk)
        let (old, _) = try await town.export(desk)
        let (oldBack, _) = try await town.export(for: desk)
        try await town.register(at: desk)
        for _ in 0..<4 { try await town.exchange(desk) }
        #expect(try await town.faults(desk, hospital) == [])
        let (feed, contact) = (try await town.feed(of: hospital), try await contact())
        for _ in 0..<2 { _ = try await town.bundles.take(old, isDryRun: false) }
        #expect(try await town.feed(of: hospital).head == feed.head)
        #expect(try await self.contact() == contact)
        let before = try await town.sync(desk)
        let report = try await desk.bundles(town).take(oldBack, isDryRun: false)
        #expect(report.note?.contains("nothing in it is news") == true)
        #expect(try await town.sync(desk) == before)
    }

    private func contact() async throws -> Contact? {
        let id = desk.device.id
        return try await town.central.read { transaction throws(CentralError) in
            try transaction.contact(of: id)
        }
    }

    @Test(
        "A bundle that begins later than the window has read waits for the earlier one, and says where it must begin"
    )
    func gap() async throws {
        try await town.register(at: desk)
        try await town.carry(desk)
        for _ in 0..<3 { try await town.amend(hospital) }
        let (early, _) = try await town.export(for: desk)
        for _ in 0..<2 { try await town.amend(hospital) }
        let cursor = try await town.sync(desk).place.point.position
        let (late, _) = try await town.export(for: desk, from: cursor + 3)
        await #expect(throws: BundleError.gap(needs: cursor)) {
            _ = try await desk.bundles(town).take(late, isDryRun: false)
        }
        #expect(try await desk.bundles(town).take(early, isDryRun: false).received == 3)
        #expect(try await desk.bundles(town).take(late, isDryRun: false).received == 2)
        #expect(try await town.faults(desk, hospital) == [])
    }

    @Test("Central that went back in time gets everything again by sticks alone")
    func repair() async throws {
        let other = try await town.desk("two", of: hospital)
        try await town.register(at: other)
        for _ in 0..<3 { try await town.exchange(other) }
        let backup = try town.backUpCentral()
        for _ in 0..<3 {
            try await town.register(at: desk)
            try await town.register(at: other)
        }
        for _ in 0..<4 { for window in town.desks { try await town.exchange(window) } }
        let before = try await town.feed(of: hospital).ids
        try town.restoreCentral(backup)
        try await town.register(at: desk)
        let refused = try await town.bundles.take(try await town.export(desk).0, isDryRun: false)
        #expect(refused.note?.contains("gone back in time") == true)
        let told = try await desk.bundles(town).take(try await town.export(for: desk).0, isDryRun: false)
        #expect(told.note?.contains("brings everything again") == true)
        await #expect(throws: BundleError.repairing) {
            _ = try await desk.bundles(town).take(
                try await town.export(for: desk, from: 0).0, isDryRun: false)
        }
        let (everything, report) = try await town.export(desk)
        #expect(report.isRepair == true)
        _ = try await town.bundles.take(everything, isDryRun: false)
        _ = try await desk.bundles(town).take(try await town.export(for: desk).0, isDryRun: false)
        #expect(try await town.feed(of: hospital).ids.isSuperset(of: before))
        #expect(try await town.faults(desk, hospital) == [])
        for _ in 0..<3 { try await town.carry(other) }
        #expect(try await town.faults(other, hospital) == [])
    }

    @Test("An answer to an earlier repair does not end a later one")
    func oldRepair() async throws {
        try await town.register(at: desk)
        try await town.carry(desk)
        try await desk.store.orderRepair(.pull)
        _ = try await town.bundles.take(try await town.export(desk).0, isDryRun: false)
        let (old, _) = try await town.export(for: desk)
        _ = try await desk.bundles(town).take(old, isDryRun: false)
        #expect(try await town.sync(desk).repair == nil)
        try await desk.store.orderRepair(.pull)
        await #expect(throws: BundleError.repairing) {
            _ = try await desk.bundles(town).take(old, isDryRun: false)
        }
        try await town.carry(desk)
        #expect(try await town.faults(desk, hospital) == [])
    }

    @Test(
        "For another central, from a revoked or unknown computer, of another hospital, the wrong way: refused, with nothing told"
    )
    func refusals() async throws {
        try await town.register(at: desk)
        let (path, _) = try await town.export(desk)
        let elsewhere = try Town(seed: 2)
        await #expect(throws: BundleError.otherReceiver) {
            _ = try await elsewhere.bundles.take(path, isDryRun: true)
        }
        await #expect(throws: BundleError.wrongWay) {
            _ = try await desk.bundles(town).take(path, isDryRun: true)
        }
        let other = try await town.desk("two", of: try await town.hospital("YF02"))
        let (theirs, _) = try await town.export(for: other)
        await #expect(throws: BundleError.otherReceiver) {
            _ = try await desk.bundles(town).take(theirs, isDryRun: true)
        }
        await #expect(throws: BundleError.wrongWay) {
            _ = try await town.bundles.take(theirs, isDryRun: true)
        }
        try await town.fleet.revoke(desk.device.id)
        let head = try await town.feed(of: hospital).head
        await #expect(throws: BundleError.unknownSender) {
            _ = try await town.bundles.take(path, isDryRun: false)
        }
        await #expect(throws: BundleError.unknownSender) { _ = try await town.export(for: desk) }
        #expect(try await town.feed(of: hospital).head == head)
    }

    @Test(
        "A revoked computer's last work is taken when a person decides it, once; the computer itself hears nothing"
    )
    func decided() async throws {
        let id = try await town.register(at: desk)
        let (path, _) = try await town.export(desk)
        try await town.fleet.revoke(desk.device.id)
        let other = try await town.desk("two", of: hospital)
        let decision = RevokedDecision(device: desk.device.id.description, reason: "失窃前未上传")
        for wrong in [
            RevokedDecision(device: other.device.id.description, reason: "失窃前未上传"),
            RevokedDecision(device: decision.device, reason: ""),
            RevokedDecision(device: decision.device, reason: String(repeating: "字", count: 2000)),
        ] {
            await #expect(throws: BundleError.self) {
                _ = try await town.bundles.take(path, isDryRun: false, despite: wrong)
            }
        }
        let before = try await town.feed(of: hospital)
        let dry = try await town.bundles.take(path, isDryRun: true, despite: decision)
        #expect(dry.changes > 0)
        #expect(try await town.feed(of: hospital).head == before.head)
        for _ in 0..<2 { _ = try await town.bundles.take(path, isDryRun: false, despite: decision) }
        let after = try await town.feed(of: hospital)
        #expect(after.head.position > before.head.position)
        // The hospital's other computer gets what was saved there; the revoked one gets nothing, by the network or a stick.
        try await town.exchange(other)
        #expect(try await other.store.state(of: id) == desk.store.state(of: id))
        await #expect(throws: BundleError.unknownSender) { _ = try await town.export(for: desk) }
        await #expect(throws: BundleError.unknownSender) {
            _ = try await town.bundles.take(path, isDryRun: false)
        }
    }

    @Test("A device that is revoked while its bundle is being taken brings nothing more")
    func revokedMeanwhile() async throws {
        try await town.register(at: desk)
        let outgoing = try await desk.store.compose(bytesMax: 4096, budget: 0)
        try await town.fleet.revoke(desk.device.id)
        let place = BundlePlace(bundle: try town.newID(), number: 0)
        await #expect(throws: BundleError.unknownSender) {
            _ = try await town.bundles.take(outgoing.request, place, from: desk.device)
        }
    }

    @Test(
        "Photos: what fits goes, the oldest first; central tells what it has, also what came by the network")
    func photos() async throws {
        var hashes: [Digest] = []
        for number in 0..<4 {
            town.pass()
            hashes.append(try await desk.lane.keep([UInt8](repeating: UInt8(number + 1), count: 200_000)))
        }
        let (none, cut) = try await town.export(desk)
        #expect(cut.photos == 0 && cut.photosLeft == 4)
        _ = try await town.bundles.take(none, isDryRun: false)
        #expect(try await town.attachments.byteCount(of: hashes[0]) == nil)
        try await town.attachments.put([UInt8](repeating: 4, count: 200_000), as: hashes[3])
        let (path, report) = try await town.export(desk, photos: true, bytesMax: 600_000)
        #expect(report.photos == 2 && report.photosLeft == 2 && report.bytes <= 600_000)
        #expect(try await town.bundles.take(path, isDryRun: false).photos == 2)
        for hash in hashes.prefix(2) { #expect(try await town.attachments.byteCount(of: hash) == 200_000) }
        _ = try await desk.bundles(town).take(try await town.export(for: desk).0, isDryRun: false)
        #expect(try await desk.lane.waitingFiles().map(\.hash) == [hashes[2]])
        #expect(try await town.export(desk, photos: true).1.photos == 1)
    }

    @Test("A photo that is not what its name says is counted as refused, and the rest is taken")
    func wrongPhoto() async throws {
        let path = town.directory.fresh()
        let writer = try BundleWriter(
            path: path, id: try town.newID(),
            BundleWriter.Parties(
                .toCentral, device: desk.device.id.bytes, signer: desk.key, receiver: town.signing.publicKey))
        try writer.append(.opening(BundleOpening(hospital: hospital.id, milliseconds: 1)))
        try writer.append(.attachment(SHA256.hash([1]), [2]))
        try writer.append(.attachment(SHA256.hash([3]), [3]))
        try writer.finish()
        let report = try await town.bundles.take(path, isDryRun: false)
        #expect(report.refused == 1 && report.photos == 2)
        #expect(try await town.attachments.byteCount(of: SHA256.hash([3])) == 1)
        #expect(try await town.attachments.byteCount(of: SHA256.hash([1])) == nil)
    }

    @Test("A bundle's clock shows only what it can: a window ahead of central, a central ahead of the window")
    func clocks() async throws {
        try await town.register(at: desk)
        try await town.exchange(desk)
        let before = try await contact()?.clockErrorMilliseconds
        let (path, _) = try await town.export(desk)
        town.clock.withLock { $0 += 90 * 86_400_000 }
        _ = try await town.bundles.take(path, isDryRun: false)
        #expect(try await contact()?.clockErrorMilliseconds == before, "the stick was under way for 90 days")
        let (back, _) = try await town.export(for: desk)
        town.clock.withLock { $0 -= 80 * 86_400_000 }
        _ = try await desk.bundles(town).take(back, isDryRun: false)
        #expect(try await town.sync(desk).isClockDoubtful)
        let (late, _) = try await town.export(desk)
        town.clock.withLock { $0 -= 10 * 86_400_000 }
        _ = try await town.bundles.take(late, isDryRun: false)
    }

    @Test("A tail that somebody else's copy has forked is written anew by sticks alone, and nothing is lost")
    func forks() async throws {
        for _ in 0..<3 { try await town.register(at: desk) }
        _ = try await town.bundles.take(try await town.export(desk).0, isDryRun: false)
        let outgoing = try await desk.store.compose(bytesMax: 4096, budget: 0)
        let head = try #require(outgoing.request.heads.first)
        // The copy wrote a fourth change under the same name.
        let body = try #require(try await desk.store.allChanges().last?.body)
        var forged = outgoing.request
        forged.pushes = [
            .run(replica: head.replica, first: head.sequence + 1, chain: head.chain, bodies: [body])
        ]
        _ = try await town.bundles.take(
            forged, BundlePlace(bundle: try town.newID(), number: 0), from: desk.device)
        for _ in 0..<2 { try await town.register(at: desk) }
        for _ in 0..<3 { try await town.carry(desk) }
        #expect(try await town.faults(desk, hospital) == [])
        #expect(try await desk.store.cases(limit: 99).count == 5)
    }
}
