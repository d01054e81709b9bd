import Cryptography
import SyncProtocol
import Testing

@Suite("Vectors: bundles")
struct BundleVectorTests {
    struct Vector: Codable, Equatable {
        let name: String
        let way: UInt64
        /// Seeds of the signer's and public key of the receiver's Ed25519 key.
        let signerSeed: String
        let receiver: String
        let addressee: String
        let start: String
        /// The content, item by item.
        let items: [String]
        /// What is signed if these bytes stood where the frames do.
        let frames: String
        let signed: String
        let signature: String
    }

    @Test("Header, items and signature have these bytes, and read back")
    func golden() throws {
        let made = [
            try Self.vector(
                .toCentral,
                [.opening(Self.opening()), .message([1, 2, 3]), .attachment(SHA256.hash([9]), [9])]),
            try Self.vector(
                .toWindow, [.opening(Self.opening(answers: Self.id)), .message([4]), .feed(.start, [5, 6])]),
        ]
        for vector in try VectorFile.vectors("bundle", made: made) {
            let start = try bytes(vector.start)
            let count = try #require(
                BundleHeader.byteCount(prefix: Array(start.prefix(BundleHeader.prefixByteCount))))
            #expect(count == start.count - BundleHeader.prefixByteCount)
            let header = try BundleHeader(decoding: Array(start.suffix(count)))
            #expect(header.start == start && header.kind.rawValue == vector.way)
            #expect(header.addressee.bytes.hexadecimal == vector.addressee)
            for item in vector.items {
                let all = try bytes(item)
                let head = try #require(BundleItem.head(Array(all.prefix(BundleItem.headByteCount))))
                let own = Array(all.dropFirst(BundleItem.headByteCount))
                #expect(head.byteCount == own.count)
                #expect(try BundleItem(kind: head.kind, decoding: own).encoded == all)
            }
        }
    }

    @Test("Members of a later version are skipped, and what lacks a member is refused")
    func members() throws {
        var later = CBORWriter()
        later.writeMap(7)
        let values: [[UInt8]] = [
            [0x00, 0x01], [0x01, 0x00], [0x02, 0x50] + [UInt8](repeating: 1, count: 16),
            [0x03, 0x50] + [UInt8](repeating: 2, count: 16),
            [0x04, 0x58, 0x20] + [UInt8](repeating: 3, count: 32),
            [0x05, 0x58, 0x50] + [UInt8](repeating: 4, count: 80), [0x09, 0x61, 0x78],
        ]
        for value in values { later.writeEncoded(value) }
        #expect(try BundleHeader(decoding: later.bytes).device == [UInt8](repeating: 2, count: 16))
        for absent in 1...5 {
            var writer = CBORWriter()
            writer.writeMap(6)
            for (index, value) in values.enumerated() where index != absent { writer.writeEncoded(value) }
            #expect(throws: CBORError.self) { _ = try BundleHeader(decoding: writer.bytes) }
        }
        #expect(try BundleItem(kind: 200, decoding: [1]) == .unknown(200))
        #expect(throws: CBORError.self) { _ = try BundleItem(kind: 3, decoding: [1]) }
    }

    private static let id = BundleID("000102030405060708090a0b0c0d0e0f")

    private static func opening(answers: BundleID? = nil) -> BundleOpening {
        BundleOpening(hospital: Story.hospital, milliseconds: 1_750_000_300_000, answers: answers)
    }

    private static func vector(_ kind: BundleHeader.Kind, _ items: [BundleItem]) throws -> Vector {
        let seeds = [UInt8(11), 22].map { SecretBytes([UInt8](repeating: $0, count: 32)) }
        let signer = try #require(Ed25519.SigningKey(seed: seeds[0]))
        let receiver = try #require(Ed25519.SigningKey(seed: seeds[1])).publicKey
        let header = BundleHeader(
            kind: kind, id: try #require(id), device: [UInt8](repeating: 0xD0, count: 16),
            addressee: BundleHeader.addressee(receiver), sealedKey: [UInt8](repeating: 0x5E, count: 80))
        let frames = [UInt8](repeating: 0xF0, count: 50)
        let signed = BundleHeader.signed(SHA256.hash(header.start, frames))
        return Vector(
            name: kind == .toCentral ? "to central" : "to the window", way: kind.rawValue,
            signerSeed: seeds[0].copy().hexadecimal, receiver: receiver.bytes.hexadecimal,
            addressee: header.addressee.bytes.hexadecimal, start: header.start.hexadecimal,
            items: items.map(\.encoded.hexadecimal), frames: frames.hexadecimal, signed: signed.hexadecimal,
            signature: signer.sign(signed).hexadecimal)
    }
}
