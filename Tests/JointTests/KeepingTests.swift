import Casework
import Cryptography
import Foundation
import Persistence
import SyncProtocol
import Testing

@testable import CentralServer
@testable import WindowAgent

@Suite("What goes from a window because central has it in a verified backup")
struct KeepingTests {
    private static let day: UInt64 = 86_400_000

    /// A link over which nothing goes: what a test says is sent is sent.
    private struct NoLink: UploadLink {
        var byteCount: Int { get async { 0 } }
        func locate(_ offer: AttachmentOffer, token: String) async throws(UploadError) -> UInt64 {
            throw .network(bytes: 0)
        }
        func send(
            _ bytes: [UInt8], of offer: AttachmentOffer, token: String, at offset: UInt64
        ) async throws(UploadError) -> UInt64 { throw .network(bytes: 0) }
    }

    /// A window with pictures, and central.
    private struct Desk {
        let town: Town
        let (old, new): (Town.Window, Town.Window)
        let lane: AttachmentLane
        let keeper: Keeper

        init() async throws {
            let town = try Town()
            self.town = town
            (old, new) = (try await town.hospital("YF"), try await town.hospital("CZ"))
            let store = old.store
            let files = try AttachmentFiles(
                directory: town.directory + "/pictures", key: SecretBytes(randomCount: 32))
            lane = try AttachmentLane(files: files, link: NoLink(), environment: town.windowEnvironment) {
                try await store.names($0)
            }
            keeper = Keeper(store: store, lane: lane, environment: town.windowEnvironment)
        }

        func set(_ words: [String: String]) async throws {
            try await town.settingsDesk.set(
                SettingsDesk.Order(words: words, code: "YF", reason: "r", user: "staff"))
        }

        /// A case with a picture of its own, which central has or not.
        func register(_ picture: [UInt8], isSent: Bool = true) async throws -> (CaseID, Digest) {
            let id = try await old.store.register()
            let hash = try await lane.keep(picture)
            try await old.store.addPages(
                [
                    CasePage(
                        hash: hash.bytes, format: .jpg, byteCount: picture.count, material: "M", part: "1")
                ],
                to: id)
            if isSent { await lane.note(held: [hash]) }
            return (id, hash)
        }

        /// An exchange with what the lane asks.
        func ask() async throws {
            var outgoing = try await old.store.compose(bytesMax: 1 << 16, budget: 1 << 20)
            outgoing = outgoing.asking(await lane.nextBackupQuestions())
            let response = try await town.answer(outgoing.request.encoded, from: old)
            _ = try await old.store.take(response, for: outgoing)
            await lane.noteAsked(outgoing.request.backupQuestions)
        }

        func isHere(_ hash: Digest) async throws -> Bool { try await lane.byteCount(of: hash) != nil }
        func here(_ hashes: [Digest]) async throws -> [Digest] {
            var here: [Digest] = []
            for hash in hashes where try await isHere(hash) { here.append(hash) }
            return here
        }
        func changes(of id: CaseID) async throws -> Int {
            try await old.store.wholeLog().count { $0.caseID == id }
        }
    }

    @Test(
        "A case that left is wiped after the days that are set, and only when all of it is in a verified backup"
    )
    func wipes() async throws {
        let desk = try await Desk()
        let (town, old) = (desk.town, desk.old)
        let (id, hash) = try await desk.register([1, 2, 3])
        try await town.settleAll()
        try await town.noteBackup([])
        try await town.move(id, to: desk.new)
        try await town.settleAll()
        #expect(try await desk.keeper.pass() == 0, "never is the usual")
        try await desk.set(["wipe-departed": "2"])
        try await town.settleAll()
        town.pass(milliseconds: 3 * Self.day)
        #expect(try await desk.keeper.pass() == 0, "the departure is in no backup")
        try await town.noteBackup([])
        try await desk.ask()
        #expect(try await desk.keeper.pass() == 0, "its picture is in none")
        #expect(await desk.lane.backupQuestions == [hash])
        try await town.noteBackup([hash])
        try await desk.ask()
        // Late news is to be in a backup, too.
        try await old.store.note("其他", on: old.store.register("乙"))
        #expect(try await desk.keeper.pass() == 0, "something beside it in its chain is unsent")
        try await town.settleAll()
        #expect(try await desk.changes(of: id) > 0)
        #expect(try await desk.keeper.pass() == 1)
        #expect(try await desk.changes(of: id) == 0)
        #expect(try await !desk.isHere(hash))
        #expect(try await desk.keeper.pass() == 0)
        let status = try await old.store.keepingStatus()
        #expect(status.wipedCases == 1 && status.departed == 0 && status.wipeDepartedFrom == "hospital")
        try await town.settleAll()
        #expect(try await town.faults() == [])
    }

    @Test("Days count from the departure")
    func days() async throws {
        let desk = try await Desk()
        let id = try await desk.old.store.register()
        try await desk.set(["wipe-departed": "2"])
        try await desk.town.settleAll()
        desk.town.pass(milliseconds: 9 * Self.day)
        try await desk.town.move(id, to: desk.new)
        try await desk.town.settleAll()
        try await desk.town.noteBackup([])
        try await desk.ask()
        desk.town.pass(milliseconds: 2 * Self.day - 1)
        #expect(try await desk.keeper.pass() == 0)
        desk.town.pass(milliseconds: 1)
        #expect(try await desk.keeper.pass() == 1)
    }

    @Test(
        "A picture goes when every case that names it is over and it is in the last verified backup; a dry run only counts"
    )
    func tidies() async throws {
        let desk = try await Desk()
        let (over, first) = try await desk.register([1])
        let (open, second) = try await desk.register([2])
        let (unsent, third) = try await desk.register([3], isSent: false)
        try await desk.old.store.addPages(
            [CasePage(hash: first.bytes, format: .jpg, byteCount: 1, material: "M", part: "2")], to: open)
        for id in [over, unsent] { try await desk.old.store.close(id) }
        try await desk.town.settleAll()
        let now = desk.town.now.withLock { $0 }
        try await desk.town.noteBackup([first, second, third])
        func tidied(isDryRun: Bool) async throws -> Keeper.Tidied {
            try await desk.keeper.tidy(changedBefore: now, isDryRun: isDryRun)
        }
        #expect(
            try await tidied(isDryRun: false) == Keeper.Tidied(),
            "one is named by an open case, one is unsent")
        try await desk.old.store.close(open)
        #expect(try await tidied(isDryRun: true) == Keeper.Tidied(unsure: 2, isDryRun: true))
        try await desk.town.settleAll()
        try await desk.ask()
        #expect(try await tidied(isDryRun: true) == Keeper.Tidied(files: 2, bytes: 2, isDryRun: true))
        #expect(try await desk.here([first, second, third]) == [first, second, third])
        #expect(try await tidied(isDryRun: false) == Keeper.Tidied(files: 2, bytes: 2))
        #expect(try await desk.here([first, second, third]) == [third])
        #expect(try await desk.old.store.keepingStatus().tidiedFiles == 2)
    }

    @Test(
        "By setting it happens by itself, so many days after the last change; a central that went back is asked anew"
    )
    func tidiesByItself() async throws {
        let desk = try await Desk()
        let (id, hash) = try await desk.register([1])
        try await desk.old.store.close(id)
        try await desk.set(["tidy-materials": "5"])
        try await desk.town.settleAll()
        try await desk.town.noteBackup([hash])
        desk.town.pass(milliseconds: 5 * Self.day)
        _ = try await desk.keeper.pass()
        try await desk.ask()
        try await desk.old.store.orderRepair(.pull)
        try await desk.town.settleAll()
        _ = try await desk.keeper.pass()
        #expect(try await desk.isHere(hash), "what was told before the repair counts no longer")
        try await desk.ask()
        _ = try await desk.keeper.pass()
        #expect(try await !desk.isHere(hash))
        let backup = try desk.town.backup()
        try await desk.town.settleAll()
        try desk.town.restore(backup)
        try await desk.town.settleAll()
        #expect(try await desk.town.faults() == [])
    }

    @Test("A technician does not wipe a case with pictures that central does not have")
    func unsentPictures() async throws {
        let desk = try await Desk()
        let (id, hash) = try await desk.register([1], isSent: false)
        try await desk.town.settleAll()
        try await desk.town.move(id, to: desk.new)
        try await desk.town.settleAll()
        for isDryRun in [true, false] {
            await #expect(throws: StoreError.notWiped(.unsentPages(1))) {
                try await desk.keeper.wipe(departed: id, isDryRun: isDryRun)
            }
        }
        await desk.lane.note(held: [hash])
        #expect(try await desk.keeper.wipe(departed: id) > 0)
        #expect(try await !desk.isHere(hash))
    }
}

extension Outgoing {
    fileprivate func asking(_ hashes: [Digest]) -> Outgoing {
        var request = request
        request.backupQuestions = hashes
        return Outgoing(
            request: request, outboxNumbers: outboxNumbers, offeredNumbers: offeredNumbers, place: place,
            isComparing: isComparing, isAsking: isAsking, generation: generation)
    }
}
