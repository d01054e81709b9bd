import Accounts
import Bundles
import Casework
package import Cryptography
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
    package let attachments: AttachmentDesk
    let exchanger: Exchanger
    private let verifier: Verifier
    private let orders: OrderKeeper
    let secondCopy: JournalWriter
    private let upkeep: StoreUpkeep
    private let store: WindowStore
    private let keeper: Keeper
    private let audit: AuditDesk
    private let log: LogSink
    private let lock: FileLock

    /// Opens the directory, which must exist, and makes the database if there is none. Another process that has it is an error.
    ///
    /// - Parameters:
    ///   - token: what the API asks for.
    ///   - passphrase: opens the store's key file, where that is sealed itself.
    ///   - idleSeconds: between exchanges when nothing happens here; nil waits at central for news instead.
    ///   - versions: the versions of the protocol that it speaks.
    ///   - log: hears of what a technician may want to know.
    ///   - onError: hears of errors that were not expected; they hold no personal data.
    package init(
        directory: AgentDirectory, token: String, passphrase: SecretBytes? = nil,
        idleSeconds: UInt64? = nil, environment: WindowStore.Environment = .system,
        versions: ClosedRange<UInt64> = ExchangeRequest.versions, log: @escaping LogSink = { _ in },
        onError: @escaping @Sendable (any Error, Request) -> Void
    ) throws {
        lock = try directory.takeLock()
        let storeKey = try directory.storeKey(passphrase: passphrase)
        let store = try WindowStore(
            path: directory.database, sealKey: storeKey.database, dictionary: .standard,
            duplicatesKey: storeKey.duplicates, environment: environment)
        self.store = store
        let address: @Sendable () async throws -> HTTPCentralLink.Address = {
            guard let enrolment = try await store.loadEnrolment() else { throw StoreError.notEnrolled }
            return HTTPCentralLink.Address(
                central: enrolment.central, device: enrolment.device,
                authority: PinnedAuthority(path: directory.authority))
        }
        let key = { @Sendable () throws in try DeviceKey.loadPresent(directory.deviceKey) }
        let dictionary = try ZstandardDictionary(ExchangeDictionary.bytes)
        let links = (0..<2).map { _ in
            HTTPCentralLink(address: address, key: key, dictionary: dictionary, environment: environment)
        }
        let files = try AttachmentFiles(directory: directory.attachments, key: storeKey.attachments)
        attachments = AttachmentDesk(
            uploads: try AttachmentLane(
                files: files, link: HTTPUploadLink(address: address), environment: environment
            ) { try await store.names($0) },
            // With a link of its own: neither photos nor exchanges wait for the other.
            downloads: DownloadLane(
                files: files, link: HTTPDownloadLink(central: links[1]), environment: environment))
        let secondCopy = JournalWriter(
            store: store, key: storeKey, directory: directory, environment: environment)
        self.secondCopy = secondCopy
        let exchanger = Exchanger(
            store: store, link: links[0], environment: environment,
            schedule: idleSeconds.map { SyncSchedule(idleSeconds: $0) } ?? SyncSchedule(waits: true),
            lane: attachments.uploads, downloads: attachments.downloads, secondCopy: secondCopy,
            versions: versions)
        self.exchanger = exchanger
        verifier = Verifier(store: store, exchanger: exchanger, link: links[0])
        orders = OrderKeeper(
            store: store, exchanger: exchanger, verifier: verifier, environment: environment)
        upkeep = StoreUpkeep(store: store)
        keeper = Keeper(store: store, lane: attachments.uploads, environment: environment)
        let bundles = BundleRoutes(
            party: WindowBundles(
                store: store, lane: attachments.uploads, codec: BundleCodec(dictionary: dictionary),
                milliseconds: environment.milliseconds, key: key),
            shelf: try BundleShelf(directory: directory.bundles))
        var api = WindowAPI(
            store: store, exchanger: exchanger,
            enroller: HTTPEnroller(keyPath: directory.deviceKey, authorityPath: directory.authority),
            token: token, dictionary: .standard, environment: environment,
            rotation: DeviceKeyRotation(keyPath: directory.deviceKey, link: links[0]),
            verifier: verifier, attachments: attachments, secondCopy: secondCopy, bundles: bundles)
        api.browserKey = storeKey.browsers
        router = api.router(onError: onError)
        (self.log, audit) = (log, api.audit)
    }

    /// Keeps in step with central until the task is cancelled.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.exchanger.run() }
            // What fails here is said by the page that needs it.
            group.addTask { try? await self.store.readWork() }
            group.addTask { await self.verifier.watch() }
            group.addTask { await self.tellStanding(to: self.log) }
            group.addTask { await self.orders.run() }
            group.addTask { await self.secondCopy.run() }
            group.addTask { await self.upkeep.run() }
            group.addTask { await self.keeper.run { await self.exchanger.noteSaved() } }
            group.addTask { await self.attachments.downloads.run() }
            group.addTask {
                await self.attachments.uploads.run(
                    count: { await self.exchanger.noteUploaded($0) },
                    exchange: { await self.exchanger.noteReachable() })
            }
        }
        // A store that cannot be written now could not be before: nobody hears of it any more.
        try? await audit.flush { try await self.store.record($0) }
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
