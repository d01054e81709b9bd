import Cryptography
import Persistence
import SyncProtocol
import Testing
import Web

@testable import CentralServer

/// Two processes with one directory of attachments and one key.
@Suite("Uploads that two processes serve")
struct SharedUploadTests {
    private let world: World
    private let directory: TemporaryDirectory
    private let stores: [AttachmentStore]
    private let grant: UploadToken
    private let content = SecureRandom.bytes(300_000)

    init() async throws {
        let world = try World()
        let (directory, key) = (try TemporaryDirectory(), SecretBytes(randomCount: 32))
        (self.world, self.directory) = (world, directory)
        stores = try (0..<2).map { _ in
            try AttachmentStore(
                directory: directory.path + "/a", key: key, isShared: true, environment: world.environment
            ) { _ throws(CentralError) in false }
        }
        grant = UploadToken(
            device: try await world.hospital("H1").device.id, hash: SHA256.hash(content),
            byteCount: UInt64(content.count), expires: world.environment.now() + UploadToken.milliseconds)
    }

    @Test("An upload that was begun at one goes on at the other, at the byte that was kept")
    func goesOn() async throws {
        _ = try await stores[0].create(grant, length: grant.byteCount, metadata: "m")
        var offset = 0
        for (index, end) in [100_000, 170_000, 300_000].enumerated() {
            let store = stores[index % 2]
            #expect(try await store.upload(grant).offset == UInt64(offset))
            let writer = try await store.begin(grant, at: UInt64(offset), isHeldBack: false)
            try await store.append(Array(content[offset..<end]), grant, writer: writer)
            offset = Int(try await store.end(grant, writer: writer, keeping: true).offset)
            #expect(offset == end)
        }
        for store in stores { #expect(try await store.read(grant.hash, 0..<300_000) == content) }
    }

    @Test("A request that still runs at one takes nothing back that another process has kept meanwhile")
    func overtaken() async throws {
        _ = try await stores[0].create(grant, length: grant.byteCount, metadata: "")
        let slow = try await stores[0].begin(grant, at: 0, isHeldBack: false)
        try await stores[0].append(Array(content[..<70_000]), grant, writer: slow)
        // The computer lost that connection, and came to the other process.
        let writer = try await stores[1].begin(grant, at: 0, isHeldBack: false)
        try await stores[1].append(Array(content[..<200_000]), grant, writer: writer)
        #expect(try await stores[1].end(grant, writer: writer, keeping: true).offset == 200_000)
        await #expect(throws: TusRefusal.superseded) {
            _ = try await stores[0].end(grant, writer: slow, keeping: true)
        }
        for store in stores { #expect(try await store.upload(grant).offset == 200_000) }
        let last = try await stores[0].begin(grant, at: 200_000, isHeldBack: false)
        try await stores[0].append(Array(content[200_000...]), grant, writer: last)
        _ = try await stores[0].end(grant, writer: last, keeping: true)
        #expect(try await stores[1].read(grant.hash, 0..<300_000) == content)
    }

    @Test("Asking where an upload ends finds what the other process kept, also while a request runs here")
    func asks() async throws {
        _ = try await stores[0].create(grant, length: grant.byteCount, metadata: "")
        let slow = try await stores[0].begin(grant, at: 0, isHeldBack: false)
        try await stores[0].append(Array(content[..<70_000]), grant, writer: slow)
        let writer = try await stores[1].begin(grant, at: 0, isHeldBack: false)
        try await stores[1].append(Array(content[..<90_000]), grant, writer: writer)
        _ = try await stores[1].end(grant, writer: writer, keeping: true)
        #expect(try await stores[0].upload(grant).offset == 90_000)
    }

    @Test("A process that begins leaves alone what another may just be making")
    func sweeps() async throws {
        let path = directory.path + "/a/partial/litter.part"
        try Files.write([1], to: path)
        let key = SecretBytes(randomCount: 32)
        let environment = world.environment
        func open(isShared: Bool) throws -> AttachmentStore {
            try AttachmentStore(
                directory: directory.path + "/a", key: key, isShared: isShared, environment: environment
            ) { _ throws(CentralError) in false }
        }
        _ = try open(isShared: true)
        #expect(FileIdentity(path: path) != nil)
        _ = try open(isShared: false)
        #expect(FileIdentity(path: path) == nil)
    }
}
