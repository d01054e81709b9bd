import Commands
import Cryptography
import Foundation
import Persistence
import Web
import WindowAgent

/// The records of this window.
struct Window: SealedSite {
    static let program = "birthwindow"

    let path: String
    let isJSON: Bool
    private let passphraseFile: String?

    init(_ arguments: inout Arguments) {
        path =
            arguments.option("--data") ?? ProcessInfo.processInfo.environment["BIRTHWINDOW_DATA"]
            ?? "/var/lib/birthwindow"
        isJSON = arguments.flag("--json")
        passphraseFile = arguments.option(PassphraseFile.option)
    }

    func open(idleSeconds: UInt64?, log: Log) throws -> OpenSite {
        try makeDirectory()
        let directory = AgentDirectory(path: path)
        let random = WindowStore.Environment.system.random
        let token = String(random(), radix: 36) + String(random(), radix: 36)
        do {
            let agent = try Agent(
                directory: directory, token: token, passphrase: try passphrase(), idleSeconds: idleSeconds,
                log: { log($0) }, onError: { error, request in log(.failed(request, error)) })
            return OpenSite(router: agent.router, token: token, owner: agent) { await agent.run() }
        } catch let error as DatabaseError {
            throw Self.failure(error, at: directory.database)
        } catch let error as WindowKeyError {
            throw CommandError(error.description, status: .configuration)
        } catch let error as AttachmentError {
            throw CommandError("\(directory.attachments): \(error.description)", status: .cannotCreate)
        }
    }

    func passphrase() throws -> SecretBytes? { try passphraseFile.map { try PassphraseFile.read($0) } }

    func keyRing() throws -> KeyRing {
        KeyRing(keyPath: AgentDirectory(path: path).storeKeyPath, passphrase: try passphrase())
    }

    func sealMark() throws -> [UInt8]? { try AgentDirectory(path: path).sealMark() }

    func mark(of secret: SecretBytes) -> [UInt8] {
        SQLConnection.mark(of: StoreKey(secret: secret).database)
    }

    func sealNotes() throws -> [String] {
        ["recovery sheet, journal and photos hang on the secret: another key leaves them as they are"]
    }

    /// A damaged file is kept as it is: the second copy has what is in it.
    private static func failure(_ error: DatabaseError, at path: String) -> CommandError {
        guard error.kind == .corrupt else { return CommandError(error, at: path) }
        return CommandError(
            "\(path) is damaged. Keep it: move its directory aside, and run: birthwindow recover --from JOURNAL --key "
                + "DIRECTORY/store.key (\(error.description))",
            status: .dataError)
    }
}
