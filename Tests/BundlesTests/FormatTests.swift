import Bundles
import Cryptography
import Foundation
import SyncProtocol
import Testing
import Web

@Suite("The format of bundles")
struct FormatTests {
    private let directory: Directory
    private let window = Ed25519.SigningKey()
    private let central = Ed25519.SigningKey()
    private let id: BundleID
    private let hospital = HospitalID(record: CaseID(milliseconds: 1, random: (1, 1)))

    init() throws {
        directory = try Directory()
        id = try #require(BundleID(bytes: [UInt8](repeating: 3, count: 16)))
    }

    private func write(
        _ items: [BundleItem], signer: Ed25519.SigningKey? = nil, receiver: Ed25519.PublicKey? = nil
    ) throws -> String {
        let path = directory.fresh()
        let writer = try BundleWriter(
            path: path, id: id,
            BundleWriter.Parties(
                .toCentral, device: [UInt8](repeating: 4, count: 16), signer: signer ?? window,
                receiver: receiver ?? central.publicKey))
        for item in items { try writer.append(item) }
        try writer.finish()
        #expect(try size(path) == writer.byteCount)
        return path
    }

    private func size(_ path: String) throws -> Int { try Data(contentsOf: URL(filePath: path)).count }

    private func read(_ path: String, opener: Ed25519.SigningKey? = nil) throws -> [BundleItem] {
        let reader = try BundleReader(path: path)
        try reader.verify([window.publicKey])
        try reader.open(with: (opener ?? central).openingKey)
        var items: [BundleItem] = []
        while let item = try reader.next() { items.append(item) }
        reader.rewind()
        var again: [BundleItem] = []
        while let item = try reader.next() { again.append(item) }
        #expect(again == items)
        return items
    }

    private var opening: BundleItem {
        .opening(BundleOpening(hospital: hospital, milliseconds: 7, answers: id))
    }

    @Test(
        "What was written is read, whatever its size is to that of a frame",
        arguments: [
            0, 1, 65_400, 65_498, 65_499, 65_500, 65_536, 131_072, 400_000,
        ])
    func roundTrip(count: Int) throws {
        let big = SecureRandom.bytes(count)
        let items: [BundleItem] = [
            opening, .message(big), .feed(FeedPoint(position: 9, chain: .start), big),
            .attachment(SHA256.hash(big), big + [1]),
        ]
        #expect(try read(try write(items)) == items)
        #expect(try read(try write([])) == [])
    }

    @Test("Any flipped byte and any truncation is found before anything is read")
    func tampering() throws {
        let path = try write([opening, .message(Array("a message".utf8))])
        let whole = try Data(contentsOf: URL(filePath: path))
        for index in whole.indices {
            var changed = whole
            changed[index] ^= 0x10
            #expect(throws: BundleError.self, "byte \(index)") { try read(try file(changed)) }
            #expect(throws: BundleError.self, "cut at \(index)") { try read(try file(whole.prefix(index))) }
        }
        #expect(throws: BundleError.damaged) { try read(try file(whole + [0])) }
    }

    @Test("Frames that change places, or are taken from another bundle, are found")
    func frames() throws {
        let seed = UInt64.random(in: 0...9999)
        var generator = SeededGenerator(seed: seed)
        let path = try write([.message(SecureRandom.bytes(300_000))])
        let whole = try Data(contentsOf: URL(filePath: path))
        for _ in 0..<40 {
            var changed = whole
            changed[Int.random(in: 0..<whole.count, using: &generator)] ^=
                1 << UInt8.random(in: 0...7, using: &generator)
            #expect(throws: BundleError.self, "seed \(seed)") { try read(try file(changed)) }
        }
    }

    private func file(_ data: Data) throws -> String {
        let path = directory.fresh()
        try data.write(to: URL(filePath: path))
        return path
    }

    @Test("Another signer is refused, another receiver cannot open, and an unverified bundle gives nothing")
    func parties() throws {
        let stranger = Ed25519.SigningKey()
        let forged = try write([opening], signer: stranger)
        #expect(throws: BundleError.damaged) { try read(forged) }
        let other = try write([opening], receiver: stranger.publicKey)
        #expect(throws: BundleError.otherKey) { try read(other) }
        #expect(try read(other, opener: stranger) == [opening])
        let reader = try BundleReader(path: try write([opening]))
        #expect(reader.header.addressee == BundleHeader.addressee(central.publicKey))
        try reader.open(with: central.openingKey)
        #expect(throws: BundleError.damaged) { _ = try reader.next() }
    }

    @Test("What is no bundle, and a bundle of a later version, are told apart")
    func versions() throws {
        #expect(throws: BundleError.notABundle) { _ = try BundleReader(path: try file(Data("a photo".utf8))) }
        #expect(throws: BundleError.absent) { _ = try BundleReader(path: directory.fresh()) }
        let later: [UInt8] = [0xA2, 0x00, 0x02, 0x09, 0x01]
        let start = BundleHeader.magic + [0, UInt8(later.count)] + later
        #expect(throws: BundleError.laterVersion) {
            _ = try BundleReader(path: try file(Data(start + [UInt8](repeating: 0, count: 200))))
        }
    }

    @Test("Limits: a header, an item, messages, and what a message becomes when it is decompressed")
    func limits() throws {
        let long = BundleHeader.magic + [0x02, 0x01]
        #expect(BundleHeader.byteCount(prefix: long) == nil)
        #expect(BundleHeader.byteCount(prefix: BundleHeader.magic + [0x02, 0x00]) == 512)
        #expect(BundleItem.head([2, 0x01, 0x80, 0, 0])?.byteCount == SyncProtocol.Limits.bundleItemBytesMax)
        #expect(BundleItem.head([2, 0x01, 0x80, 0, 1]) == nil)
        let many = try write(
            Array(repeating: .message([1]), count: SyncProtocol.Limits.bundleMessagesMax + 1))
        #expect(throws: BundleError.tooLarge) { try read(many) }
        let codec = BundleCodec(dictionary: nil)
        let bomb = try codec.frame([UInt8](repeating: 0, count: SyncProtocol.Limits.exchangeBytesMax + 1))
        #expect(bomb.count < 10_000)
        #expect(throws: BundleError.malformed) { _ = try codec.request(bomb) }
        #expect(throws: BundleError.malformed) { _ = try codec.response(bomb) }
    }

    @Test("A name reads back from its text, and nothing else is one")
    func names() {
        #expect(BundleID(id.description) == id)
        for text in [
            "", "03", id.description + "0", id.description.uppercased() + "",
            String(repeating: "g", count: 32), "../" + id.description.dropFirst(3),
        ] {
            #expect(BundleID(text) == nil || text == id.description, "\(text)")
        }
    }

    @Test("A shelf takes pieces in order, within its limits, and nothing outlives it")
    func shelf() throws {
        let place = directory.fresh()
        let shelf = try BundleShelf(directory: place)
        try shelf.append([1, 2, 3], to: id, at: 0)
        #expect(throws: BundleError.absent) { try shelf.append([4], to: id, at: 2) }
        try shelf.append([4], to: id, at: 3)
        #expect(try shelf.read(id, at: 0) == [1, 2, 3, 4])
        #expect(try shelf.read(id, at: 4) == [])
        #expect(throws: BundleError.tooLarge) { try shelf.append([1], to: id, at: 0) }
        #expect(throws: BundleError.tooLarge) {
            try shelf.append([UInt8](repeating: 0, count: BundleShelf.pieceBytesMax + 1), to: id, at: 4)
        }
        #expect(throws: BundleError.tooLarge) {
            try shelf.append([1], to: id, at: UInt64(SyncProtocol.Limits.bundleBytesMax))
        }
        for number in 1..<BundleShelf.filesMax {
            let other = try #require(BundleID(bytes: [UInt8](repeating: UInt8(100 + number), count: 16)))
            try shelf.append([1], to: other, at: 0)
        }
        let last = try #require(BundleID(bytes: [UInt8](repeating: 1, count: 16)))
        #expect(throws: BundleError.tooLarge) { try shelf.append([1], to: last, at: 0) }
        let long = Date(timeIntervalSinceNow: -2 * BundleShelf.idleSecondsMax)
        try FileManager.default.setAttributes([.modificationDate: long], ofItemAtPath: shelf.path(of: id))
        try shelf.append([1], to: last, at: 0)
        let anew = try BundleShelf(directory: place)
        #expect(throws: BundleError.absent) { _ = try anew.read(id, at: 0) }
    }
}
