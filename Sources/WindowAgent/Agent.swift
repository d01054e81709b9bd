import Bundles
import Casework
import Cryptography
import Foundation
import Persistence
import SyncProtocol
package import Web

/// The agent of one window: its store, its exchanges with central, and its API, over one directory that it holds locked.
///
/// The daemon and the command line both work through it: the command line through a running daemon, or on the directory
/// itself when none runs.
package final class Agent: Sendable {
    /// The version that exchanges, pages and `--version` tell.
    package static let version = "0.1.0"

    package let router: Router
    /// The photos of this window.
    package let attachments: AttachmentLane
    private let exchanger: Exchanger
    private let lock: FileLock

    /// Opens the directory, which must exist, and makes the database if there is none. Another process that has it is an error.
    ///
    /// - Parameters:
    ///   - token: what the API asks for.
    ///   - idleSeconds: between exchanges when nothing happens here.
    ///   - onError: hears of errors that were not expected; they hold no personal data.
    package init(
        directory: AgentDirectory, token: String, idleSeconds: UInt64 = 30,
        environment: WindowStore.Environment = .system,
        onError: @escaping @Sendable (any Error, Request) -> Void
    ) throws {
        lock = try directory.takeLock()
        let store = try WindowStore(
            path: directory.database, dictionary: .standard, environment: environment)
        let (keyPath, authorityPath) = (directory.deviceKey, directory.authority)
        let address: @Sendable () async throws -> HTTPCentralLink.Address = {
            guard let enrolment = try await store.loadEnrolment() else { throw StoreError.notEnrolled }
            return HTTPCentralLink.Address(
                central: enrolment.central, device: enrolment.device,
                authority: PinnedAuthority(path: authorityPath))
        }
        let link = HTTPCentralLink(
            address: address, key: { try DeviceKey.load(keyPath) },
            dictionary: try ZstandardDictionary(ExchangeDictionary.bytes), environment: environment)
        attachments = try AttachmentLane(
            directory: directory.attachments, key: try directory.makeAttachmentKey(),
            link: HTTPUploadLink(address: address), environment: environment)
        let exchanger = Exchanger(
            store: store, link: link, environment: environment,
            schedule: SyncSchedule(idleSeconds: idleSeconds), lane: attachments)
        self.exchanger = exchanger
        let (dictionary, lane) = (try ZstandardDictionary(ExchangeDictionary.bytes), attachments)
        let bundles = BundleRoutes(
            party: WindowBundles(
                store: store, lane: lane, codec: BundleCodec(dictionary: dictionary),
                milliseconds: environment.milliseconds, key: { try DeviceKey.load(keyPath) }),
            shelf: try BundleShelf(directory: directory.bundles))
        router = WindowAPI(
            store: store, exchanger: exchanger,
            enroller: HTTPEnroller(keyPath: keyPath, authorityPath: authorityPath),
            token: token, dictionary: .standard, environment: environment,
            rotation: DeviceKeyRotation(keyPath: keyPath, link: link),
            verifier: Verifier(store: store, exchanger: exchanger, link: link), bundles: bundles
        ).router(onError: onError)
    }

    /// Keeps in step with central until the task is cancelled.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.exchanger.run() }
            group.addTask { await self.attachments.run { await self.exchanger.noteReachable() } }
        }
    }
}

/// Where an agent keeps what.
package struct AgentDirectory: Hashable, Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    package var database: String { path + "/window.sqlite" }
    package var deviceKey: String { path + "/device.key" }
    /// The certificate of the authority that vouches for central, where it is not one of the system's.
    package var authority: String { path + "/authority.pem" }
    package var attachments: String { path + "/attachments" }
    /// Bundles on their way to or from a stick.
    package var bundles: String { path + "/bundles" }

    /// The key of the attachments; made at the first start.
    func makeAttachmentKey() throws -> SecretBytes {
        let file = path + "/attachment.key"
        do throws(KeyFileError) {
            return try KeyFile.read(file, byteCount: AttachmentFiles.keyByteCount)
        } catch KeyFileError.absent {
            // A new key would make worthless what is there.
            guard !AttachmentFiles.isInUse(attachments) else { throw AttachmentError.damaged }
            let key = SecretBytes(randomCount: AttachmentFiles.keyByteCount)
            try KeyFile.write(key, to: file)
            return key
        }
    }
    /// Keeps other processes out.
    func takeLock() throws -> FileLock { try FileLock(path: path + "/window.lock") }
}

extension WindowStore.Environment {
    /// The machine's clock and its cryptographic randomness.
    package static let system = WindowStore.Environment(
        milliseconds: { UInt64(max(0, Date().timeIntervalSince1970 * 1000)) },
        random: {
            var generator = SecureRandom()
            return generator.next()
        })
}
